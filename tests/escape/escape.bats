#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile jobs through the daemon over TCP: arbitrary code as a compiler, and
# real compilers with hostile options and sources.  Needs root, python3, gcc,
# g++ and clang.  The same acts end alike in root's node and in an ordinary
# user's, but for those that escape.py names.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

teardown() {
	node_stop
}

@test "arbitrary code reaches nothing that it reaches outside" {
	timeout 600 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 1 \
	    --allow 127.0.0.0/8 -- tests/escape/escape.py 3>&-
}

@test "… nor in an ordinary user's node" {
	NODE_USER=12345 timeout 600 tests/escape/with_attacker \
	    "$BATS_TEST_TMPDIR" --jobs 1 --allow 127.0.0.0/8 -- \
	    tests/escape/escape.py 3>&-
}

@test "arbitrary code that will not end is ended, and its slot goes on" {
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 1 \
	    --allow 127.0.0.0/8 --job-lifetime 3 -- tests/escape/escape.py --ends 3>&-
}

@test "… and so is it in an ordinary user's node" {
	NODE_USER=12345 timeout 300 tests/escape/with_attacker \
	    "$BATS_TEST_TMPDIR" --jobs 1 --allow 127.0.0.0/8 --job-lifetime 3 -- \
	    tests/escape/escape.py --ends 3>&-
}

@test "options and sources that attack through gcc and clang do not" {
	node_start --jobs 1
	timeout 240 python3 tests/escape/gcc_attacks.py "$NODE_PORT" \
	    "$BATS_TEST_TMPDIR"
}

@test "… and do not in an ordinary user's node" {
	NODE_USER=12345 node_start --jobs 1
	timeout 240 python3 tests/escape/gcc_attacks.py "$NODE_PORT" \
	    "$BATS_TEST_TMPDIR"
}
