#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile jobs that are about more than themselves (sequences.py).  For a moment
# core_pattern of this machine is a program that makes an empty file.  Needs
# root and python3; uses addresses of 127.0.0.0/8.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

teardown() {
	node_stop
}

try() {
	timeout 360 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --allow 127.0.0.0/8 -- tests/escape/sequences.py 3>&-
}

@test "what a job leaves behind reaches nobody" {
	try
}

@test "… nor in an ordinary user's node" {
	NODE_USER=12345 try
}
