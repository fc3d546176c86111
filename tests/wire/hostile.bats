#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile network peers at a running node.  SEED=N repeats the random part.
# Needs root and python3.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_start --jobs 2
}

teardown() {
	node_stop
}

@test "strangers are closed or answered, and cost nobody anything" {
	timeout 240 python3 tests/wire/hostile.py "$NODE_PORT" "$NODE_PID"
	# No role died of it, and none was blamed.
	run grep -E 'role\.(died|bad)|(front|executor)\.bad' "$NODE_LOG"
	[ "$status" -eq 1 ]
}
