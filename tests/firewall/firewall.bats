#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# immure firewall and the rules of nftables/immure.nft, in network namespaces.
# Needs root, nft, ip, python3, a cgroup v2 and the stock client.

bats_require_minimum_version 1.5.0

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	IMMURE=$(pwd)/${B:-build}/immure
	CONF=$BATS_TEST_TMPDIR/immured.conf
	: >"$CONF"
	NS=immure-fw-$BASHPID
	NODE=
	ip netns add "$NS"
	export SSH_CONNECTION= # not that of whoever tests
}

teardown() {
	[ -z "${NODE:-}" ] || { kill "$NODE"; wait "$NODE" || :; }
	[ -z "${GROUPS_DIR:-}" ] ||
	    find "$GROUPS_DIR" -depth -type d -exec rmdir {} +
	[ -z "${NS:-}" ] || ip netns del "$NS"
	[ -z "${PEER:-}" ] || ip netns del "$PEER"
}

# Not by `ip netns exec`, which mounts another /sys, without cgroups.
inside() {
	nsenter --net="/run/netns/$NS" "$@"
}

firewall() {
	inside "$IMMURE" firewall --config "$CONF" \
	    --socket "$BATS_TEST_TMPDIR/job.sock" "$@"
}

nft_in() {
	inside nft "$@"
}

closed_host() {
	printf '[firewall]\nscope = host\nadmin = 192.0.2.0/28\n' >"$CONF"
}

@test "the file is what is printed for a node of defaults" {
	firewall >"$BATS_TEST_TMPDIR/printed"
	if getent passwd immure-front >/dev/null; then
		sed -i '/immure \(roles\|auditor\|look_up\) {/d' \
		    "$BATS_TEST_TMPDIR/printed"
		sed '/immure \(roles\|auditor\|look_up\) {/d' \
		    nftables/immure.nft >"$BATS_TEST_TMPDIR/file"
	else
		cp nftables/immure.nft "$BATS_TEST_TMPDIR/file"
	fi
	diff -u "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/printed"
}

@test "packets: clients, strangers, scans, roles, jobs, both scopes" {
	run tests/firewall/rules traffic
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -gt 30 ]
}

@test "loading twice leaves the same rules, and another table as it is" {
	nft_in 'table inet other { chain input {
	    type filter hook input priority 0; policy accept;
	    tcp dport 22 counter accept; }; }'
	closed_host
	firewall --load
	nft_in -s list ruleset >"$BATS_TEST_TMPDIR/once"
	firewall --load
	firewall | nft_in -f -
	nft_in -s list ruleset | diff "$BATS_TEST_TMPDIR/once" -
	grep -q 'table inet other' "$BATS_TEST_TMPDIR/once"
	nft_in list table inet other | grep -q 'tcp dport 22 counter'
}

# What --diff says and how it ends, after nft did something.
differs() { # text it says, words of nft
	local says=$1
	shift
	firewall --load
	run -0 firewall --diff
	nft_in "$@"
	run -1 firewall --diff
	echo "$output"
	[[ $output == *"$says"* ]]
	[[ $output == *"1 differences"* || $output == *"2 differences"* ]]
}

handle() { # chain, text
	nft_in -a list chain inet immure "$1" |
	    sed -n "s/.*$2.*# handle \([0-9]*\)$/\1/p" | head -n 1
}

@test "--diff sees each kind of difference" {
	run -1 firewall --diff
	[[ $output == "not loaded: "* ]]
	closed_host
	differs 'missing  chain output: jump groups' \
	    delete rule inet immure output handle "$(
		firewall --load; handle output 'jump groups')"
	differs 'extra    chain input: tcp dport 25 accept' \
	    insert rule inet immure input tcp dport 25 accept
	differs 'extra    set clients4: 198.51.100.7' \
	    add element inet immure clients4 '{ 198.51.100.7 }'
	differs 'missing  set admins4: 192.0.2.0/28' \
	    delete element inet immure admins4 '{ 192.0.2.0/28 }'
	differs 'extra    table: flags dormant' \
	    add table inet immure '{ flags dormant; }'
	differs 'policy accept;' \
	    chain inet immure input '{ policy accept; }'
	differs 'extra    set mine: type mark' \
	    add set inet immure mine '{ type mark; }'
}

@test "--diff sees rules in another order" {
	firewall --load
	local h
	h=$(handle compile 'ip saddr @clients4')
	nft_in delete rule inet immure compile handle "$h"
	nft_in insert rule inet immure compile ip saddr @clients4 goto client4
	run -1 firewall --diff
	[[ $output == *"moved    chain compile: jump segments"* ]]
}

@test "--diff sees other settings, and not what the kernel has counted" {
	firewall --load
	nft_in add element inet immure busy4 '{ 192.0.2.1 ct count over 640 }'
	nft_in add element inet immure fast6 \
	    '{ 2001:db8:: limit rate over 500/second burst 640 packets }'
	run -0 firewall --diff
	printf 'limit-client-connections = 8\n[firewall]\nrate = 9\n' >"$CONF"
	run -1 firewall --diff
	[[ $output == *"missing  chain client4: update @fast4 { ip saddr limit rate over 9/second burst 10 packets } counter drop"* ]]
	[[ $output == *"ct count over 10 }"* ]]
	[[ $output == *"12 differences"* ]]
}

@test "settings become values" {
	cat >"$CONF" <<-EOF
		allow = 192.0.2.0/24 2001:db8::/32
		listen = 192.0.2.7 [2001:db8::7]
		port = 4000
		stats = yes
		stats-port = 4001
	EOF
	run -0 firewall
	[[ $output == *"ports { 4000, 4001 }"* ]]
	[[ $output == *"listen4 { 192.0.2.7 }"* ]]
	[[ $output == *"listen6 { 2001:db8::7 }"* ]]
	[[ $output == *"clients4 { 192.0.2.0/24 }"* ]]
	[[ $output == *"clients6 { 2001:db8::/32 }"* ]]
	[[ $output != *"immure names4"* ]]
	# the command line goes before the file
	run -0 firewall -- --port 5000 --allow 198.51.100.1
	[[ $output == *"ports { 5000, 4001 }"*"clients4 { 198.51.100.1/32 }"* ]]
	[[ $output != *"immure clients6"* ]]
	run -0 firewall -- --no-tcp
	[[ $output != *"inet immure ports"* ]]
	# a name is looked up, and then the node may do so too
	run -0 firewall -- --allow localhost
	[[ $output == *"127.0.0.1/32"* ]]
	if grep -q '^nameserver [0-9.]*$' /etc/resolv.conf; then
		[[ $output == *"immure names4 { "* ]]
	fi
}

@test "a whole machine is not closed without an administrator" {
	printf '[firewall]\nscope = host\n' >"$CONF"
	for option in '' --load --diff; do
		# shellcheck disable=SC2086 # a word or none
		run -1 --separate-stderr firewall $option
		[ -z "$output" ]
		[[ $stderr == *"$CONF"*"names nobody"*"admin = none"* ]]
	done
	echo 'admin = none' >>"$CONF"
	run -0 firewall --load
}

@test "who comes by ssh is not shut out by the way" {
	closed_host
	export SSH_CONNECTION="198.51.100.4 50000 192.0.2.7 22"
	run -1 firewall --load
	[[ $output == *"198.51.100.4 to port 22"*"--force"* ]]
	run ! nft_in list table inet immure
	run -0 firewall --load --force
	nft_in list table inet immure >/dev/null
	SSH_CONNECTION="192.0.2.4 50000 192.0.2.7 22" run -0 firewall --load
	SSH_CONNECTION="192.0.2.4 50000 192.0.2.7 2222" run -1 firewall --load
	# sudo leaves it behind; somebody above us has it still
	nft_in delete table inet immure
	# shellcheck disable=SC2016 # for the inner shell
	run -1 inside sh -c 'env -u SSH_CONNECTION timeout 60 "$@"; exit $?' sh \
	    "$IMMURE" firewall --config "$CONF" --load
	[[ $output == *"198.51.100.4 to port 22"*"--force"* ]]
	run ! nft_in list table inet immure
	: >"$CONF" # scope node shuts nobody out
	run -0 firewall --load
}

@test "errors say what is wrong, and where" {
	printf 'allow = 192.0.2.0/24\n\n[firewall]\nadmin = 192.0.2.0/33\n' \
	    >"$CONF"
	run -1 firewall
	[[ $output == *"$CONF:4: key \"admin\": bad value \"192.0.2.0/33\""* ]]
	: >"$CONF"
	for words in '--diff --load' --force '--what' 'what' '--config' \
	    '--pid 1' '--renew --pid' '--renew --pid 0' '--renew --pid 1x'; do
		# shellcheck disable=SC2086 # words
		run -64 "$IMMURE" firewall $words
		[[ $output == "immure: "* ]]
	done
}

@test "only root compares and loads; without nft it is said" {
	chmod 755 "$BATS_TEST_TMPDIR"
	for option in --diff --load; do
		run -2 nsenter --net="/run/netns/$NS" setpriv --reuid 65534 \
		    --regid 65534 --clear-groups --bounding-set=-all \
		    --inh-caps=-all "$IMMURE" firewall $option
		[[ $output == *"only root"* ]]
		run -2 inside unshare -m sh -c '
			for f in /usr/sbin/nft /sbin/nft; do
				mount --bind /dev/null "$f"
			done; exec "$@"' sh "$IMMURE" firewall $option
		[[ $output == *"there is no nft here"*"install nftables"* ]]
	done
}

@test "the nft of the system, whatever is first in PATH" {
	printf '#!/bin/sh\n: >"%s/ran"\n' "$BATS_TEST_TMPDIR" \
	    >"$BATS_TEST_TMPDIR/nft"
	chmod 755 "$BATS_TEST_TMPDIR/nft"
	PATH=$BATS_TEST_TMPDIR:$PATH run -0 firewall --load
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
	nft_in list table inet immure >/dev/null
}

@test "where all users are one, there are no rules by uid" {
	run -2 unshare -r "$IMMURE" firewall
	[[ $output == *"a role has root's uid here"* ]]
}

# A cable between $NS (10.77.0.1, fd77::1) and $PEER (a client's addresses,
# ….2, and a stranger's, 10.78.0.2).
cable() {
	PEER=$NS-peer
	ip netns add "$PEER"
	ip link add n0 netns "$NS" type veth peer name c0 netns "$PEER"
	inside ip addr add 10.77.0.1/24 dev n0
	inside ip addr add 10.78.0.1/24 dev n0
	inside ip addr add fd77::1/64 dev n0 nodad
	inside ip link set n0 up
	inside ip link set lo up
	ip -n "$PEER" addr add 10.77.0.2/24 dev c0
	ip -n "$PEER" addr add 10.78.0.2/24 dev c0
	ip -n "$PEER" addr add fd77::2/64 dev c0 nodad
	ip -n "$PEER" link set c0 up
}

compile() { # host
	(
		export DISTCC_HOSTS=$1 DISTCC_FALLBACK=0 DISTCC_DIR=$PWD
		nsenter --net="/run/netns/$PEER" distcc gcc -c t.c -o "$2"
	)
}

# Groups called like the node's, whose names are rules and which an ordinary user
# has made below a group of his; some are before the node's in the directory.
decoys() {
	local i d
	for i in 1 2 3 4 5 6 7 8; do
		d="$GROUPS_DIR/$i"
		mkdir "$d"
		chown 65534:65534 "$d"
		setpriv --reuid 65534 --regid 65534 --clear-groups sh -c \
		    'mkdir "$1" "$1/$2" "$3"' sh \
		    "$d/x\" accept; add table inet pwned; #" "immure.$NODE" \
		    "$d/immure.$NODE"
	done
	# root's, but a word that ends nft's
	mkdir "$GROUPS_DIR/\" accept; #" "$GROUPS_DIR/\" accept; #/immure.$NODE"
	# root's, where everybody may make groups
	mkdir -m 1777 "$GROUPS_DIR/tmp"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
	    mkdir "$GROUPS_DIR/tmp/immure.$NODE"
}

# A node with the settings of $CONF, in a group of its own.
begin() {
	GROUPS_DIR=$(awk '$3 == "cgroup2" { print $2; exit }' \
	    /proc/mounts)/immured.test-$BASHPID
	mkdir -p "$GROUPS_DIR"
	mkdir "$GROUPS_DIR/immured.service"
	# shellcheck disable=SC2016 # for the inner shell
	nsenter --net="/run/netns/$NS" sh -c \
	    'echo 0 >"$0/immured.service/cgroup.procs" && exec "$@"' \
	    "$GROUPS_DIR" "$DAEMON" --config "$CONF" --no-detach --drain 2 \
	    --log-file "$BATS_TEST_TMPDIR/log" 3>&- &
	NODE=$!
}

serve() {
	begin
	# making the images takes a while
	local tries=0
	until "$IMMURE" ping --socket "$BATS_TEST_TMPDIR/job.sock" \
	    >"$BATS_TEST_TMPDIR/ping" 2>&1; do
		tries=$((tries + 1))
		kill -0 "$NODE"
		[ $tries -lt 300 ]
		sleep 0.2
	done
}

# The group of the socket that it listens with is that of its rule.
listens_in() { # directory
	run -0 inside ss -ltnH --cgroup 'sport = :3632'
	[[ $output == *"cgroup:/${1#"$(awk '$3 == "cgroup2" { print $2; exit }' \
	    /proc/mounts)"/}"* ]]
	run -1 firewall --diff
	[[ $output == *"missing  chain accepted: socket cgroupv2 level "*" \"${1#/sys/fs/cgroup/}\" tcp flags"*"goto role"* ]]
}

check_says() { # state
	# the socket is that of the settings
	run inside "$IMMURE" check --json --config "$CONF"
	echo "$output"
	[ "$(jq -r '.layers[] | select(.name == "nftables").state' \
	    <<<"$output")" = "$1" ]
}

# What becomes of a connection that somebody among the node's roles opens.
opens() { # error
	# shellcheck disable=SC2016 # for the inner shell
	run inside sh -c 'echo 0 >"$0/cgroup.procs" && exec python3 -c "
import errno, socket
print(errno.errorcode[socket.socket().connect_ex((\"127.0.0.1\", 9))])"' \
	    "$GROUPS_DIR/immured.service/node"
	echo "$output"
	[ "$output" = "$1" ]
}

# A service manager has removed the node's group, and makes another one of that
# name.
gone() {
	kill "$NODE"
	wait "$NODE" || :
	NODE=
	find "$GROUPS_DIR" -mindepth 1 -depth -type d -exec rmdir {} +
}

another_start() {
	gone
	serve
}

@test "rules for an earlier start do not match: it is said, and --renew mends it" {
	GROUPS_DIR=$(awk '$3 == "cgroup2" { print $2; exit }' \
	    /proc/mounts)/immured.test-$BASHPID
	printf '%s\n' 'jobs = 1' 'allow = 127.0.0.1' 'listen = 127.0.0.1' \
	    "socket = $BATS_TEST_TMPDIR/job.sock" \
	    "cgroup = $GROUPS_DIR/immured.service" >"$CONF"
	inside ip link set lo up
	run -0 firewall --renew
	[[ $output == *"no rules are loaded"* ]]
	firewall --load
	run -0 inside setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
	    "$IMMURE" firewall --renew --config "$CONF"
	[[ $output == *"may not be asked about"*"no CAP_NET_ADMIN"* ]]
	run -1 firewall --renew
	[[ $output == *"no node runs"* ]]
	# one that was started is waited for, and not when it has ended
	sleep 1 3>&- &
	run -1 timeout 20 nsenter --net="/run/netns/$NS" "$IMMURE" firewall \
	    --renew --pid $! --config "$CONF"
	[[ $output == *"no node runs"* ]]
	serve
	run -1 firewall --renew --pid $$
	[[ $output == *"process $NODE, not $$"*"--socket FILE"* ]]
	grep -q "/immured.service/node$" "/proc/$NODE/cgroup"
	listens_in "$GROUPS_DIR/immured.service"
	# loaded before it has started
	check_says "not in force"
	opens ECONNREFUSED
	# the socket is that of the settings
	run -0 inside "$IMMURE" firewall --renew --config "$CONF"
	run -0 firewall --diff
	check_says "in force"
	opens EHOSTUNREACH
	nft_in add element inet immure clients4 '{ 198.51.100.7 }'
	# what is printed is for a file, which nft takes when they are gone
	firewall >"$BATS_TEST_TMPDIR/kept"
	grep -q '^# adds them: immure firewall --renew$' "$BATS_TEST_TMPDIR/kept"
	run ! grep 'socket cgroupv2' "$BATS_TEST_TMPDIR/kept"
	another_start
	# a group of that path is there: it is another one
	opens ECONNREFUSED
	run -1 firewall --diff
	[[ $output == *"missing  chain groups: socket cgroupv2"* ]]
	[[ $output == *"missing  chain accepted: socket cgroupv2"* ]]
	[[ $output == *"extra    chain accepted: socket cgroupv2 level "*" "[0-9]*" tcp"* ]]
	check_says "not in force"
	[[ $output == *"name other cgroups than this start"*"immure firewall --renew"* ]]
	run -0 firewall --renew
	opens EHOSTUNREACH
	check_says "in force"
	# all else is as it was loaded
	run -1 firewall --diff
	[[ $output == *"extra    set clients4: 198.51.100.7"*"1 differences"* ]]
	# as at boot: from that file, and then from the service
	nft_in -f "$BATS_TEST_TMPDIR/kept"
	check_says "not in force"
	firewall --renew
	check_says "in force"
	run -0 firewall --diff
	# before it answers, as nobody else would wait
	gone
	begin
	firewall --renew --pid "$NODE"
	check_says "in force"
}

@test "a real node: clients compile, IPv4 and IPv6, strangers hear nothing" {
	cable
	printf '%s\n' 'allow = 10.77.0.0/24 fd77::/64' \
	    "listen = 10.77.0.1 10.78.0.1 fd77::1" "jobs = 2" \
	    "socket = $BATS_TEST_TMPDIR/job.sock" '[firewall]' \
	    'scope = host' 'admin = none' >"$CONF"
	firewall --load
	serve
	decoys
	# Its jobs have a group, which no other one is taken for.
	group=$GROUPS_DIR/immure.$NODE
	[ -d "$group" ]
	run -1 firewall --diff
	[[ $output == *"\"${group#/sys/fs/cgroup/}\" goto job"* ]]
	[[ $output != *pwned* ]]
	[ "$(grep -c '^missing .* goto job' <<<"$output")" = 1 ]
	listens_in "$GROUPS_DIR/immured.service"
	run -1 firewall --diff
	[[ $output == *"missing  chain groups: socket cgroupv2"* ]]
	[[ $output == *"missing  chain accepted: socket cgroupv2"* ]]
	firewall --load
	run -0 firewall --diff
	cd "$BATS_TEST_TMPDIR"
	echo 'int f(int x) { return x + 1; }' >t.c
	compile 10.77.0.1 4.o
	compile '[fd77::1]' 6.o
	gcc -c t.c -o local.o
	cmp 4.o local.o
	cmp 6.o local.o
	[ "$(nft_in list chain inet immure client4 |
	    grep -oE 'counter packets [0-9]+ bytes [0-9]+ accept')" != \
	    'counter packets 0 bytes 0 accept' ]
	# A stranger does not even learn that there is a node.
	run -124 nsenter --net="/run/netns/$PEER" timeout 1 python3 -c '
import socket
s = socket.socket()
s.bind(("10.78.0.2", 0))
s.connect(("10.78.0.1", 3632))'
	# One of its roles, taken over and out of its namespace.
	for uid in 1900000001 1900000006 1900001003; do
		run -0 inside setpriv --reuid $uid --regid $uid --clear-groups \
		    /usr/bin/python3 -c '
import errno, socket
s = socket.socket()
s.settimeout(5)
r = s.connect_ex(("10.77.0.2", 80))
print(errno.errorcode[r])'
		[[ $output == EHOSTUNREACH ]]
	done
}
