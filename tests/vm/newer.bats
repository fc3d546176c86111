#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The same node on a newer kernel (Debian 13's 6.12), which has layers that 6.1
# lacks, under systemd, emulated.  Needs what boot.bats needs.

bats_require_minimum_version 1.5.0

load machine

setup_file() {
	needs_root
	vm_start --kernel 6.12 --init systemd --c-only --attacker
	vm_node_ready
}

@test "every layer there is is in force, and the system is up" {
	[ "$(cat "$VM_DIR/running")" = running ]
	[[ "$(vm_run uname -r)" == 6.12.* ]]
	vm_run immure check | tee "$T/check"
	[ "$(grep -c ' in force' "$T/check")" -ge 25 ]
	run -1 grep -E '^(landlock|mdwe|seccomp|cgroup|namespace).* not in force' \
	    "$T/check"
}

@test "stock client: the object as the guest makes it" {
	cd "$T"
	echo 'int f(int x) { return x * 3; }' >t.c
	vm_client ,lzo distcc gcc -O2 -c t.c -o t.o
	gcc -O2 -E t.c -o t.i
	made_there t.i -- gcc -O2 -x cpp-output -c t.i
	cmp "$T/t.o" "$T/there.o"
}

@test "hostile jobs are denied" {
	[[ "$(vm_attack read /etc/shadow)" == *"VERDICT read 2"* ]]
	[[ "$(vm_attack socket 2)" == *"VERDICT socket 97"* ]]
	[[ "$(vm_attack setuid -)" == *cell.violation* ]]
	vm_denials | grep -q type=1326
}

@test "a killed role is started again, and the node powers off with its machine" {
	vm_run pkill -9 -x immure-broker
	vm_node_ready
	powers_off
}
