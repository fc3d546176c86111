#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a hostile job leaves of the slot it had.  Needs root, python3, gcc.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

attacker_node() { # script [word...]
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 1 \
	    --allow 127.0.0.0/8 -- "$@" 3>&-
}

@test "a slot is after each hostile job what it was before" {
	attacker_node tests/escape/reuse.py
}

@test "… and in an ordinary user's node" {
	NODE_USER=12345 attacker_node tests/escape/reuse.py
}

# The node's own limit is below what a job may have, so that a job can hold all
# processes there are.
@test "a fork bomb costs neither its slot nor the next job" {
	ulimit -u 64
	attacker_node tests/escape/bomb.py
}

@test "… nor in an ordinary user's node" {
	ulimit -u 80 # of all slots and roles together, and nobody else's
	NODE_USER=$(free_uid 30000) attacker_node tests/escape/bomb.py
}
