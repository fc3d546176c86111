#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The layers around a node: what `immure check` says of them, and `require`.
# Needs root.  Here is no SELinux: a mount namespace shows labels that the tests
# write, in the places where the kernel has its own.  On a kernel that has it:
# tests/vm/selinux.bats, tests/vm/apparmor.bats.

bats_require_minimum_version 1.5.0

setup_file() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	. tests/lib/node.sh
	B=$(cd "${B:-build}" && pwd)
	# Shared by users in a place that all can reach.
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/immure-walls.XXXXXX")
	S=$DIR/job.sock
	unshare -mn --propagation private sleep 300 3>&- &
	HOLDER=$!
	until [ "$(readlink "/proc/$HOLDER/ns/mnt")" != \
	    "$(readlink /proc/self/ns/mnt)" ]; do
		sleep 0.05
	done
	THERE=(--mount="/proc/$HOLDER/ns/mnt" --net="/proc/$HOLDER/ns/net")
	inside ip link set lo up
}

teardown() {
	[ -z "${NODE-}" ] || { kill "$NODE"; wait "$NODE" || :; }
	[ -z "${HOLDER-}" ] || { kill "$HOLDER"; wait "$HOLDER" || :; }
	[ -z "${DIR-}" ] || rm -rf "$DIR"
}

# In the namespaces of the test.
inside() {
	nsenter "${THERE[@]}" "$@" 3>&-
}

# fake_selinux ENFORCE [permissive]: selinuxfs.  To a question about a domain
# /dev/null answers nothing, and the file what is in it behind the question.
fake_selinux() {
	inside sh -c 'mountpoint -q /sys/fs ||
	    mount -t tmpfs none /sys/fs && mkdir -p /sys/fs/selinux &&
	    echo "$1" >/sys/fs/selinux/enforce && cd /sys/fs/selinux &&
	    rm -f access && if [ -z "$2" ]; then mknod access c 1 3; else
	        head -c 4000 /dev/zero | tr "\0" 1 >access; fi' sh "$1" "${2-}"
}

# label TYPE PID: let that process have it.
label() {
	printf 'system_u:system_r:%s:s0\0' "$1" >"$DIR/label.$1"
	inside mount --bind "$DIR/label.$1" "/proc/$2/attr/current"
}

# start OPTION...: a node, labelled immured_t, in the background.
start() {
	printf 'system_u:system_r:immured_t:s0\0' >"$DIR/label.immured_t"
	nsenter "${THERE[@]}" sh -c 'mount --bind "$1" /proc/$$/attr/current && shift &&
	    exec "$@"' sh "$DIR/label.immured_t" "$B/immured" --no-detach \
	    --jobs 1 --listen 127.0.0.1 --log-file "$DIR/log" --socket "$S" \
	    "$@" >"$DIR/out" 2>&1 </dev/null 3>&- &
	NODE=$!
}

# It has ended by itself, with the status of a layer that is missing.
refused() {
	local status=0
	for _ in $(seq 300); do
		kill -0 "$NODE" 2>/dev/null || break
		sleep 0.2
	done
	! kill -KILL "$NODE" 2>/dev/null || echo "it did not end"
	wait "$NODE" || status=$?
	NODE=
	cat "$DIR/out" "$DIR/log" || :
	[ "$status" = 100 ]
}

serving() {
	for _ in $(seq 300); do
		inside "$B/immure" ping --socket "$S" 2>/dev/null |
		    grep -q serving && return
		kill -0 "$NODE" || break
		sleep 0.2
	done
	cat "$DIR/out" "$DIR/log"
	return 1
}

# name_of PID: what it is called by argv[0]
name_of() {
	local name
	name=$(tr '\0' '\n' <"/proc/$1/cmdline" | head -n 1)
	echo "${name##*/}"
}

# process NAME: one of the node's
process() {
	local pid
	export NODE_PID=$NODE
	for pid in $(node_processes); do
		[ "$(name_of "$pid")" != "$1" ] || { echo "$pid"; return; }
	done
	return 1
}

# Each process of the node gets the label that policy/selinux gives it.
label_all() {
	local pid name
	export NODE_PID=$NODE
	for pid in $(node_processes); do
		name=$(name_of "$pid")
		case $name in
		immured) label immured_t "$pid" ;;
		immure-*) label "immure_${name#immure-}_t" "$pid" ;;
		unpack | pack) label "immure_${name}_t" "$pid" ;;
		launch) label immure_launch_t "$pid" ;;
		stage-try) label immure_try_t "$pid" ;;
		*) label immure_job_t "$pid" ;;
		esac
	done
}

# row LAYER FIELD: of the last answer
row() {
	jq -r ".layers[] | select(.name == \"$1\") | .$2" <<<"$output"
}

check() {
	run --separate-stderr inside "$B/immure" check --json --socket "$S"
	# shellcheck disable=SC2154 # bats'
	echo "$stderr"
	jq -c '.layers[-3:], .processes' <<<"$output"
}

@test "without a module: not in force, why, and what to do" {
	check
	[ "$status" = 0 ] # none of them is required
	[ "$(row selinux state)" = "not in force" ]
	[ "$(row selinux reason)" = "this kernel runs without SELinux" ]
	[[ $(row selinux remedy) == *lsm=*policy/selinux* ]]
	[ "$(row selinux required)" = false ]
	[ "$(row nftables state)" = "not in force" ]
	[[ $(row nftables remedy) == *"immure firewall --load"* ]]
	[ "$(jq -c .processes <<<"$output")" = "[]" ]
	[ -d /sys/module/apparmor ] && grep -q Y \
	    /sys/module/apparmor/parameters/enabled ||
	    [ "$(row apparmor reason)" = "this kernel runs without AppArmor" ]
}

@test "require: a start without SELinux or AppArmor is refused" {
	for layer in selinux apparmor; do
		run inside timeout 60 "$B/immured" --no-detach --require $layer \
		    --listen 127.0.0.1 --socket "$S"
		echo "$output"
		[ "$status" = 100 ]
		[[ $output == "immured: --require: $layer is not in force here ("*"): "*"; "*", or do not require it" ]]
	done
	[ ! -e "$S" ]
	echo "require = apparmor selinux" >"$DIR/conf"
	chmod 644 "$DIR/conf"
	run inside timeout 60 "$B/immured" --no-detach --config "$DIR/conf" \
	    --listen 127.0.0.1 --socket "$S"
	[ "$status" = 100 ]
	[ "${#lines[@]}" = 2 ] # both are named
}

@test "require: nftables, with the table and without" {
	run inside timeout 60 "$B/immured" --no-detach --require nftables \
	    --listen 127.0.0.1 --socket "$S"
	echo "$output"
	[ "$status" = 100 ]
	[[ $output == *"--require: nftables is not in force here ("*"no table inet immure"*"immure firewall --load"* ]]
	inside nft 'table inet immure {
		chain input {
			type filter hook input priority 0; policy drop;
			iifname lo accept
		}
	}'
	# without groups, which rules would have to name
	start --require nftables --cgroup none
	serving
	run ! grep -q 'layer.missing: nftables' "$DIR/log"
	check
	[ "$(row nftables state)" = "in force" ]
	# what goes away later is told, and the node serves on
	inside nft flush ruleset
	check
	[ "$(row nftables state)" = "not in force" ]
	serving
	run inside setpriv --reuid 65534 --regid 65534 --clear-groups \
	    "$B/immure" check --json
	[ "$(row nftables state)" = unknown ]
}

@test "require: permissive, or the monitor elsewhere" {
	fake_selinux 0
	start --require selinux
	refused
	grep -q "selinux is not in force here .*SELinux is permissive.*setenforce 1" \
	    "$DIR/out"
	fake_selinux 1
	run inside timeout 60 "$B/immured" --no-detach --require selinux \
	    --listen 127.0.0.1 --socket "$S"
	echo "$output"
	[ "$status" = 100 ]
	[[ $output == *"selinux is not in force here ("* ]]
	# its domain alone is permissive
	fake_selinux 1 permissive
	start --require selinux
	refused
	grep -q "immured runs in system_u:system_r:immured_t:s0, which is not enforced; semanage" \
	    "$DIR/out"
}

@test "require: a role that is elsewhere stops the start" {
	fake_selinux 1
	start --require selinux
	refused
	# the first role has the label of this kernel: none
	grep -q "immured: --require: selinux is not in force here .*; " \
	    "$DIR/out"
	grep -q "role.outside: auditor 0 is outside of a layer that is required" \
	    "$DIR/out"
	run ! grep -q node.serving "$DIR/log"
}

@test "check: every process where it belongs, one elsewhere, one lenient" {
	local front
	fake_selinux 1
	start
	serving
	check
	[ "$(row selinux state)" = "not in force" ]
	[ "$(jq '.processes | length' <<<"$output")" -gt 5 ]
	label_all
	check
	[ "$(row selinux state)" = "in force" ]
	[ "$(jq -r '[.processes[] | select(.mode == "enforcing") | .name] |
	    contains(["immured", "immure-front", "immure-zygote", "launch"])' \
	    <<<"$output")" = true ]
	[ "$(jq '[.processes[] | select(.as_expected | not)] | length' \
	    <<<"$output")" = 0 ]
	inside "$B/immure" check --socket "$S" >"$DIR/text"
	grep -q "^immure-front  *enforcing  *system_u:system_r:immure_front_t:s0 (2)$" \
	    "$DIR/text"
	run inside "$B/immure" check --node --json --socket "$S"
	[ "$(row selinux in_force)" = true ]

	# a job that calls itself pack is where jobs belong, and no alarm
	label immure_job_t "$(process pack)"
	check
	[ "$(row selinux state)" = "in force" ]
	front=$(process immure-front)
	label initrc_t "$front"
	check
	[ "$(row selinux state)" = "not in force" ]
	[ "$(row selinux reason)" = "immure-front runs in system_u:system_r:initrc_t:s0, not in immure_front_t" ]
	inside "$B/immure" check --socket "$S" >"$DIR/text"
	grep -q "initrc_t:s0, not immure_front_t$" "$DIR/text"

	inside umount "/proc/$front/attr/current"
	fake_selinux 0
	check
	[ "$(row selinux reason)" = "SELinux is permissive: it forbids nothing" ]
	fake_selinux 1 permissive
	check
	[[ $(row selinux reason) == *"which is not enforced, and "*others ]]
}

# A compiler whose trial takes long enough to be looked at.
slow_compiler() {
	inside sh -ec 'mount -t tmpfs -o mode=755 none /opt
	    mkdir -p /opt/slow/bin && cd /opt/slow/bin
	    echo "#include <unistd.h>
		int main(void) { for (;;) sleep(1); }" >"$1/slow.c"
	    gcc -static -o gcc-77 "$1/slow.c"' sh "$DIR"
}

@test "check: a compiler that is tried, and what tries it" {
	local pid
	slow_compiler
	fake_selinux 1
	start
	eventually process gcc-77
	pid=$(process gcc-77)
	label_all
	label immure_try_t "$pid"
	check
	[ "$(row selinux state)" = "in force" ]
	[ "$(jq -r '[.processes[] | select(.as_expected) | .name] |
	    contains(["immure-imager", "immure-runner", "stage-try"])' \
	    <<<"$output")" = true ]
	label immure_job_t "$pid"
	check
	[ "$(row selinux reason)" = "stage-try runs in system_u:system_r:immure_job_t:s0, not in immure_try_t" ]
	label initrc_t "$(process immure-runner)"
	check
	[[ $(row selinux reason) == *", and 1 others" ]]
}

@test "check knows each domain of the policies" {
	local known=node/common/lsm_domains.c
	sed -n 's/^profile \([a-z-]*\) .*/\1/p' policy/apparmor/usr.sbin.immured |
	    sort >"$DIR/profiles"
	sed -n 's/^immure_new_domain(\([a-z_]\{2,\}\))/\1_t/p
	    s/^type \([a-z_]*\), immure_domain;/\1/p' policy/selinux/immure.te |
	    sort >"$DIR/domains"
	[ "$(wc -l <"$DIR/profiles")" -gt 10 ]
	grep -o '"immure[-a-z]*" }' $known | tr -d '" }' | sort -u |
	    diff "$DIR/profiles" -
	grep -o '"immured*_[a-z_]*t"' $known | tr -d '"' | sort -u |
	    diff "$DIR/domains" -
}

@test "check: without a node to ask nothing is said to be in force" {
	fake_selinux 1
	check
	[ "$(row selinux state)" = unknown ]
	[[ $(row selinux reason) == "no node runs here"* ]]
}
