#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Two live jobs that seek each other (security-rules 6), in root's node and in
# an ordinary user's.  Needs root, python3, iproute2, two CPUs; uses addresses
# of 127.0.0.0/8.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

seek() {
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --allow 127.0.0.0/8 -- tests/escape/pairs.py 3>&-
}

@test "two live jobs find no way to each other that is not named" {
	seek
}

@test "… nor do those of an ordinary user's node" {
	NODE_USER=12345 seek
}
