#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A node on the oldest kernel that is promised (Debian 12's 6.1), under OpenRC,
# emulated: the stock client from outside, hostile jobs, killed roles, groups
# with controllers, an ordinary user's node.  Needs root, the packages of
# purpose vm (mk/packages.txt) and, once, the network.

bats_require_minimum_version 1.5.0

load machine

setup_file() {
	needs_root
	PUMP_DIR=$(tests/compat/build_pump 2>&3) || PUMP_DIR=
	export PUMP_DIR
	mkdir -p "$BATS_FILE_TMPDIR/overlay/etc/immure"
	cat tests/vm/system/common/etc/immure/immured.conf - \
	    >"$BATS_FILE_TMPDIR/overlay/etc/immure/immured.conf" <<-'CONF'
	enable-tcp-insecure = yes
	log-level = debug
	limit-job-memory = 256M
	require = cgroup cgroup.cell
	CONF
	vm_start --c-only --attacker --overlay "$BATS_FILE_TMPDIR/overlay"
	vm_node_ready
}

setup() {
	. tests/lib/node.sh
	export NODE_PORT=$VM_PORT NODE_DIR=$VM_DIR
	T=$BATS_TEST_TMPDIR
}

two_files() {
	printf '#include <stdio.h>\n#include "h.h"\n%s\n' \
	    'int main(int c, char **v) { return printf(FORM, c, v[0]) < 0; }' \
	    >"$T/t.c"
	printf '%s\n' '#define FORM "%d %s\n"' >"$T/h.h"
}

@test "check: all that is required is in force, the log names what is not" {
	vm_run immure check >"$T/check"
	grep -q '^cgroup  *in force' "$T/check"
	vm_get /var/log/immure/immured.log "$T/log"
	missing=$(sed -n 's/^\([^ ]*\) *not in force .*/\1/p' "$T/check")
	[ -n "$missing" ] # this kernel lacks some
	for layer in $missing; do
		grep -q "layer.missing: $layer:" "$T/log"
	done
	grep -q 'controllers: memory pids cpu' "$T/log"
}

@test "stock client, plain and lzo: objects as the guest makes them" {
	two_files
	cd "$T"
	for proto in 1 2; do
		client $proto distcc gcc -O2 -c t.c -o t.o
		gcc -O2 -E t.c -o t.i
		made_there t.i -- gcc -O2 -x cpp-output -c t.i
		cmp t.o there.o
	done
}

@test "stock client, pump: the object, and an error, as the guest makes them" {
	[ -n "$PUMP_DIR" ]
	two_files
	echo 'int x = ;' >"$T/bad.c"
	made_there t.c h.h -- gcc -O2 -c t.c
	cd "$T"
	client 3 distcc gcc -O2 -c t.c -o t.o
	cmp t.o there.o
	run ! client 3 distcc gcc -O2 -c bad.c -o bad.o
	[[ "$output" == *"error: expected expression"* ]]
	vm_run grep -c '"protocol":3' /var/log/immure/audit.jsonl
}

@test "hostile jobs are denied" {
	while read -r act argument verdict; do
		echo "$act $argument: $verdict"
		reply=$(vm_attack "$act" "$argument")
		[[ "$reply" =~ $(words "$act" "$verdict") ]] || {
			echo "$reply"
			false
		}
	done <<-'ACTS'
	read /etc/shadow ENOENT
	read /proc/1/environ ENOENT
	create /.immure/x EACCES|EROFS
	create /etc/ld.so.preload ENOENT
	exec /bin/sh ENOENT
	socket 2 EAFNOSUPPORT
	kill0 1 EPERM
	map-wx - EACCES
	setuid - TRIP
	mount - TRIP
	ptrace-seize - TRIP
	bpf - TRIP
	ACTS
	vm_denials | grep -q type=1326
}

# What the reply to an act says.
words() { # act, TRIP or names of errors
	[ "$2" != TRIP ] || {
		echo cell.violation
		return
	}
	python3 -c 'import errno, sys
print(f"VERDICT {sys.argv[1]} (" + "|".join(
    str(getattr(errno, e)) for e in sys.argv[2].split("|")) + ")\\b")' "$@"
}

# A bomb in one slot, an honest job in the other, which takes longer.
bomb() { # act, word
	vm_attack nap 8 >"$T/nap" &
	sleep 2
	vm_attack "$1" >"$T/bomb"
	grep -q "immured: $2:" "$T/bomb"
	vm_run grep "$1.c" /var/log/immure/audit.jsonl | grep -q "\"$2\""
	wait $!
	grep -q 'exit 0 signal 0' "$T/nap"
}

@test "bombs end by their group, their neighbours never notice" {
	bomb memory-bomb limit.memory
	bomb fork-bomb limit.processes
	vm_node_ready
}

@test "immure-jail --usual -- gcc" {
	vm_run immure-jail --usual -- gcc --version | grep -q Free
}

@test "immure selftest: the promises are kept" {
	run vm_run immure selftest
	echo "$output"
	# 9 and 10 are not what it can try
	[ "$(grep -c '^ok       promise [1-8]:' <<<"$output")" = 8 ]
	[[ "$output" != *"broken "* ]]
}

@test "serves after each of its roles was killed" {
	was=$(vm_run pgrep -x immured)
	for role in auditor front broker executor zygote; do
		vm_run pkill -9 -x "immure-$role"
		vm_node_ready
	done
	[ "$(vm_run pgrep -x immured)" = "$was" ]
}

@test "check says when no controller is enabled" {
	run guest 'mkdir -p /sys/fs/cgroup/bare/in
	    echo $$ >/sys/fs/cgroup/bare/in/cgroup.procs
	    immure check | grep ^cgroup'
	echo "$output"
	[[ "$output" == *"cgroup  "*"not in force"* ]]
}

@test "stops, and leaves no process, mount, file or group" {
	vm_run rc-service immured stop
	run ! vm_run pgrep immure
	run ! vm_run grep immure /proc/mounts
	[ -z "$(vm_run find /run/immure -type f ! -name job.sock.lock)" ]
	[ -z "$(vm_run find /sys/fs/cgroup -name 'immure.*')" ]
}

# An ordinary user's, where the service manager has given him a group.  What
# root's node has tried its toolchains for holds for his, too.
ordinary() {
	guest 'export HOME=/tmp/home
	    exec setpriv --reuid 12345 --regid 12345 --clear-groups "$@"' \
	    sh "$@"
}

@test "an ordinary user's node: check, jail, jobs, a killed role, the end" {
	guest 'mkdir -p /tmp/home/.cache
	    cp -a /var/cache/immure /tmp/home/.cache/
	    : >/tmp/home/conf
	    chown -R 12345:12345 /tmp/home
	    group=/sys/fs/cgroup/user
	    mkdir -p $group
	    chown 12345 $group $group/cgroup.procs $group/cgroup.subtree_control'
	ordinary immure check | grep -q '^uid.roles '
	ordinary immure-jail --usual -- gcc --version | grep -q Free
	guest 'export HOME=/tmp/home
	    echo $$ >/sys/fs/cgroup/user/cgroup.procs
	    setpriv --reuid 12345 --regid 12345 --clear-groups immured \
	        --config /tmp/home/conf --no-detach --allow 10.0.2.0/24 --jobs 1 \
	        --cgroup /sys/fs/cgroup/user --require cgroup --log-stderr \
	        --verbose >/run/ulog 2>&1 &'
	vm_node_ready || {
		vm_run cat /run/ulog
		false
	}
	two_files
	made_there t.c h.h -- gcc -O2 -c t.c
	(cd "$T" && client 3 distcc gcc -O2 -c t.c -o t.o)
	cmp "$T/t.o" "$T/there.o"
	vm_run pkill -9 -x immure-zygote
	vm_node_ready
	guest 'pkill -x immured
	    for i in $(seq 30); do
		pgrep immure >/dev/null || break
		sleep 1
	    done'
	run ! vm_run pgrep immure
	[ -z "$(vm_run find /sys/fs/cgroup -name 'immure.*')" ]
}

@test "powers off, and nothing is left here" {
	powers_off
}
