#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Slots that end: by jobs that make forbidden calls, by --slot-jobs; what that
# costs others.  Needs root, python3, gcc; uses addresses of 127.0.0.0/8.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

teardown() {
	node_stop
}

try() {
	timeout 600 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --allow 127.0.0.0/8 -- tests/abuse/violators.py "$1" 3>&-
}

@test "jobs that end their slots cost nobody else's job" {
	try beside
}

@test "a violation is answered whole in each protocol, and on record" {
	try words
}

@test "a client whose jobs end slots waits for it, alone" {
	try again
}

executors() {
	ps -o pid= -o comm= --ppid "$NODE_PID" |
	    awk '$2 ~ /immure-execut/ { print $1 }'
}

@test "a slot is built anew after --slot-jobs, and no job is lost" {
	local before
	node_start --jobs 2 --slot-jobs 4 --allow 127.0.0.0/8
	before=$(executors)
	[ -n "$before" ]
	timeout 300 python3 tests/abuse/strangers.py "$NODE_PORT" many
	for p in $before; do
		! ps -p "$p" >/dev/null || return 1
	done
	[ "$(grep -c 'role\.died' "$NODE_LOG" || true)" = 0 ]
}
