#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile requests at one node, family by family, each case held to the rules
# of hostile_lib.py: an honest client is served meanwhile, memory is bounded,
# nothing is left.  Needs root, python3, gcc and clang; uses addresses of
# 127.0.0.0/8 and up to 2.3 GiB of memory.

setup_file() {
	[ "$(id -u)" = 0 ] || skip "starts the daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	ulimit -n 8192
	node_start --jobs 2 --log-level debug --allow 127.0.0.0/8
}

teardown_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_stop
}

try() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	timeout 240 python3 "tests/abuse/$1.py" "$2"
}

@test "a request cut off behind any byte, in each protocol and manner" {
	try truncate everywhere
}

@test "numbers over their limit, that are none, or that lie" {
	try lengths beyond
}

@test "numbers at their limit" {
	try lengths within
}

@test "blocks that are not LZO" {
	try lzo corrupt
}

@test "blocks that swell to more than is allowed, and to just as much" {
	try lzo bombs
}

@test "names and links that lead elsewhere or clash" {
	try names forms
}

@test "no file of a client in a place of the toolchains" {
	try names closures
}

@test "no file of a client in a place of the system" {
	try names tops
}

@test "as many files as there may be, in deep places" {
	try names many
}
