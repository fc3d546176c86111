#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Jobs that use something up are ended by their own limit, with its word, while
# a client in the other slot never notices (resources.py).  Needs root, python3,
# gcc, g++; uses addresses of 127.0.0.0/8.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs mount namespaces and a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

teardown() {
	node_stop
}

try() { # option of the node..., --, word of resources.py...
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --allow 127.0.0.0/8 --limit-address-space 256M --limit-stack 4M \
	    --limit-space 16M --limit-inodes 1000 --limit-unpacked 8M \
	    --limit-object 4M --limit-text 64K --limit-processes 24 \
	    --limit-open-files 32 --limit-cpu 1 "$@" 3>&-
}

@test "memory, processes, time, files, output: each meets its limit, alone" {
	try --job-lifetime 30 -- tests/escape/resources.py
}

@test "… in an ordinary user's node, where all have one uid" {
	NODE_USER=12345 try --job-lifetime 30 -- \
	    tests/escape/resources.py --shared
}

@test "jobs that never end meet --job-lifetime" {
	try --job-lifetime 5 -- tests/escape/resources.py --lifetime
}
