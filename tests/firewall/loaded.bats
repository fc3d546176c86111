#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Whether the rules are loaded, as the monitor and immure check ask it: by
# netlink.  Needs root, nft and ip; all is done in a network namespace.

bats_require_minimum_version 1.5.0

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	NS=immure-loaded-$BASHPID
	ip netns add "$NS"
}

teardown() {
	[ -z "${NS:-}" ] || ip netns del "$NS"
}

loaded() {
	ip netns exec "$NS" "${B:-build}/tests/firewall/loaded"
}

# nft with standard input for its rules
rules() {
	ip netns exec "$NS" nft -f -
}

# A table, and a chain with its first line.
chain() { # family, table, chain, line
	printf 'table %s %s {\n chain %s {\n %s\n }\n}\n' "$@" | rules
}

COMES_IN='type filter hook input priority filter; policy drop;'

@test "nothing is loaded" {
	[ "$(loaded)" = 0 ]
}

@test "the chain that drops what comes in is seen" {
	chain inet immure input "$COMES_IN"
	[ "$(loaded)" = 1 ]
}

@test "beside a foreign table, whichever came first" {
	chain inet filter input "$COMES_IN"
	[ "$(loaded)" = 0 ]
	chain inet immure input "$COMES_IN"
	[ "$(loaded)" = 1 ]
}

@test "a table of another name or family is not it" {
	chain inet immured input "$COMES_IN"
	chain ip immure input "$COMES_IN"
	[ "$(loaded)" = 0 ]
}

@test "another chain of the table is not it" {
	chain inet immure inputs "$COMES_IN"
	[ "$(loaded)" = 0 ]
}

@test "a chain that no packet enters is not it" {
	chain inet immure input "tcp dport 3632 accept"
	[ "$(loaded)" = 0 ]
}

@test "a chain of another hook is not it" {
	chain inet immure input \
	    'type filter hook forward priority filter; policy drop;'
	[ "$(loaded)" = 0 ]
}

@test "a chain that accepts what no rule drops is not it" {
	chain inet immure input \
	    'type filter hook input priority filter; policy accept;'
	[ "$(loaded)" = 0 ]
}

@test "a dormant table is not loaded" {
	chain inet immure input "$COMES_IN"
	echo 'add table inet immure { flags dormant; }' | rules
	[ "$(loaded)" = 0 ]
	echo 'add table inet immure' | rules
	[ "$(loaded)" = 1 ]
}

@test "who may not ask is told so" {
	run -0 setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
	    "${B:-build}/tests/firewall/loaded"
	[ "$output" = "Operation not permitted" ]
}
