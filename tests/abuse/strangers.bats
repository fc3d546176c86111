#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What one client can do to the others over TCP.  Needs root, python3 and gcc
# 12 with its headers; uses addresses of 127.0.0.0/8.

setup_file() {
	[ "$(id -u)" = 0 ] || skip "starts the daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_start --jobs 2 --allow 127.0.0.0/8
}

teardown_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_stop
}

try() {
	local died
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	python3 tests/abuse/strangers.py "$NODE_PORT" "$1"
	died=$(grep -c 'role\.died' "$NODE_LOG" || true)
	[ "$died" = 0 ]
}

@test "450 connections that end at once end nobody else's" {
	try burst
}

@test "a request of 99,999 files is a request" {
	try files
}

@test "no specs file of a client is obeyed" {
	try specs
}

@test "bodies that are only announced keep nobody out" {
	try announce
}
