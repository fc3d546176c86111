#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Many hostile clients at once; floods.py says which, hostile_lib.py to what
# each case is held.  Needs root, python3, gcc and the stock client; uses
# addresses of 127.0.0.0/8, and network namespaces of its own.

setup_file() {
	[ "$(id -u)" = 0 ] || skip "starts the daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_start --jobs 2 --log-level debug --drip 1 --allow 127.0.0.0/8
}

teardown_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_stop
}

teardown() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	pump_stop
}

try() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	ulimit -n 16384
	timeout 240 python3 tests/abuse/floods.py "$1"
}

# The same in a network namespace, at an IPv6 node.
try_v6() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	timeout 240 unshare -n bash -euc '
		. tests/lib/node.sh
		ip link set lo up
		{
			for i in $(seq 700); do
				printf "address add 2001:db8:1::%x/128 dev lo nodad\n" "$i"
			done
			for i in $(seq 30); do
				printf "address add 2001:db8:1:%x::1/128 dev lo nodad\n" "$i"
			done
			echo "address add 2001:db8:2::1/128 dev lo nodad"
			echo "address add 2001:db8:3::1/128 dev lo nodad"
		} | ip -batch -
		ulimit -n 8192
		trap "node_stop; rm -rf \"\$NODE_DIR\"" EXIT
		node_start --jobs 2 --log-level debug --listen 2001:db8:2::1 \
		    --allow 2001:db8::/32
		NODE_HOST=2001:db8:2::1 python3 tests/abuse/floods.py "$@"
	' bash "$@" 3>&-
}

@test "2000 clients that send a byte at a time" {
	try drips
}

@test "8500 connections that are not distcc" {
	try noise
}

@test "clients that take no reply" {
	try deaf
}

@test "a build of stock clients, some of it refused" {
	try stock
}

@test "the same in pump mode" {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	PUMP_DIR=$(tests/compat/build_pump 2>&3)
	export PUMP_DIR
	pump_start
	try pumps
}

@test "clients that leave while their reply is being dripped" {
	try leavers
}

@test "addresses of an IPv6 /64 are one client, networks of a /48 few" {
	try_v6 rotation sites again crowd
}
