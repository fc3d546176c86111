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

@test "a client's long queue does not make another one wait" {
	try queue
}

@test "a job that would wait longer than --max-wait is closed at once" {
	bash -euc '
		. tests/lib/node.sh
		trap "node_stop; rm -rf \"\$NODE_DIR\"" EXIT
		node_start --jobs 1 --max-wait 3 --allow 127.0.0.0/8
		python3 tests/abuse/strangers.py "$NODE_PORT" wait
		jq -s -e "any(.[]; .reason == \"limit.wait\")" "$NODE_AUDIT" \
		    >/dev/null
	' 3>&-
}

@test "what is refused again and again is answered later and later" {
	try repeat
}

# site WORD OPTION...: a node in a network of its own, where a client has a /48.
site() {
	unshare -n bash -euc '
		. tests/lib/node.sh
		ip link set lo up
		for i in $(seq 0 19); do
			ip address add "2001:db8:1:$(printf %x "$i")::1/128" \
			    dev lo nodad
		done
		ip address add 2001:db8:2::1/128 dev lo nodad
		ulimit -n 8192
		trap "node_stop; rm -rf \"\$NODE_DIR\"" EXIT
		node_start --listen 2001:db8:2::1 --drain 0 \
		    --allow 127.0.0.0/8 --allow 2001:db8::/32 "${@:2}"
		python3 tests/abuse/strangers.py "$NODE_PORT" "$1"
		cp "$NODE_LOG" "$BATS_TEST_TMPDIR/log"
	' - "$@" 3>&-
}

@test "a /48 does not get all connections" {
	site site --jobs 2
	grep -q "limit.connections" "$BATS_TEST_TMPDIR/log"
}

# If it did, the last job here would not be answered within its client's minute.
@test "nor all slots, with a long job from each of its /64s" {
	site rotate --jobs 4
}
