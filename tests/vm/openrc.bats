#!/usr/bin/env bats
# Needs root, qemu-system-x86_64, what tests/vm/build needs.
# Not in CI: seven minutes of CPU time, which is most of what there is for all.
# SPDX-License-Identifier: GPL-2.0-or-later
# The OpenRC service, in a machine that OpenRC 0.45 (Debian 12) has booted:
# states, stops, reloads, crashes, order.  All in one boot, in this order.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export VM_TREE=$PWD
	. tests/vm/vm.sh
	. tests/vm/service.sh
	overlay=$BATS_FILE_TMPDIR/overlay
	mkdir -p "$overlay/etc/init.d" "$overlay/etc/runlevels/default"
	# A packet filter that takes its time, and whoever relies on the node.
	cat >"$overlay/etc/init.d/filter" <<-'END'
	#!/sbin/openrc-run
	depend() { provide firewall; }
	start() { sleep 3; cut -d ' ' -f 1 /proc/uptime >/run/filter; }
	END
	cat >"$overlay/etc/init.d/user-of-node" <<-'END'
	#!/sbin/openrc-run
	depend() { need immured; }
	start() { immure ping >/run/user-of-node; }
	END
	chmod +x "$overlay"/etc/init.d/*
	for s in filter user-of-node; do
		ln -s /etc/init.d/$s "$overlay/etc/runlevels/default/$s"
	done
	service_boot openrc --overlay "$overlay"
	export VM_PID VM_DIR VM_PORT
}

teardown_file() {
	. tests/vm/vm.sh
	vm_stop
}

setup() {
	. tests/vm/vm.sh
	. tests/vm/service.sh
}

teardown() {
	load_end
}

service() {
	VM_SECONDS=300 vm_run rc-service immured "$@"
}

# Its words and its status.
state() {
	run service status
	[[ $output == *"status: $1"* ]] || { echo "$output, not $1"; return 1; }
	[ "$status" = "$2" ]
}

main_pid() {
	vm_run cat /run/openrc/options/immured/child_pid
}

@test "booted: the node serves, and OpenRC says so" {
	state started 0
	compiles
	run vm_run immure check --node
	echo "$output"
	for layer in seccomp.trip cgroup.cell cgroup; do
		grep -q "^$layer *in force" <<<"$output"
	done
}

@test "boot order: after network and packet filter, before who relies on it" {
	began=$(guest 'sed "s/.*) //" /proc/'"$(main_pid)"'/stat | cut -d " " -f 20')
	up=$(vm_run cat /run/filter)
	echo "filter $up s, node $began/100 s"
	awk "BEGIN { exit !($up > 0 && $up <= $began / 100) }"
	[[ $(vm_run cat /run/user-of-node) == *serving ]]
	vm_run rc-service net status
}

@test "each cell is in a group of its own, with bounds" {
	run cells_are_bounded
	echo "$output"
	[ "$status" = 0 ]
}

@test "reload: right settings come into force, wrong ones are refused" {
	guest 'sed -i "s/^jobs = .*/jobs = 3/" /etc/immure/immured.conf'
	service reload
	for _ in $(seq 60); do
		[ "$(executors)" != 3 ] || break
		sleep 1
	done
	[ "$(executors)" = 3 ]
	pid=$(main_pid)
	guest 'sed -i "s/^jobs = .*/jobs = many/" /etc/immure/immured.conf'
	run service reload
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'/etc/immure/immured.conf:'*'key "jobs": bad value "many"'* ]]
	# A restart would end a node that serves.
	run service restart
	[ "$status" != 0 ]
	[ "$(main_pid)" = "$pid" ]
	state started 0
	[ "$(executors)" = 3 ]
	compiles
	guest 'sed -i "s/^jobs = .*/jobs = 2/" /etc/immure/immured.conf'
	service reload
}

@test "stopped under load again and again: nothing is left, the state is true" {
	load_begin
	for i in $(seq 10); do
		began=$(date +%s)
		service stop
		echo "$i: stopped after $(($(date +%s) - began)) s"
		nothing_left
		state stopped 3
		service start
		state started 0
		vm_run immure ping
	done
	load_end
	compiles
}

@test "the monitor is killed: another serves, and nothing of the old is left" {
	old=$(main_pid)
	guest "kill -9 $old"
	until_guest 120 "p=\$(cat /run/openrc/options/immured/child_pid); \
	    [ \$p != $old ] && immure ping"
	state started 0
	compiles
	run left
	[[ $output != *"immure.$old"* ]]
	[ "$(executors)" = 2 ]
}

@test "the supervisor is killed: unsupervised, and a stop ends all" {
	guest 'kill -9 $(cat /run/immured.pid)'
	state unsupervised 64
	service stop
	nothing_left
	state stopped 3
	service start
}

@test "killed again and again: it is given up, and shown as crashed" {
	for _ in $(seq 60); do
		guest '[ -e /run/immured.pid ]' || break
		guest 'kill -9 $(cat /run/openrc/options/immured/child_pid)' || :
		sleep 1
	done
	state crashed 32
	guest 'rc-status -a | grep -q "immured.*failed"'
	sleep 1
	run left
	# The next start removes the groups, which are empty.
	run ! grep -v '^group ' <<<"$output"
	service start
	state started 0
	service stop
	nothing_left
}

@test "the port is taken: no start, and the reason is said" {
	take_port
	run service start
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'cannot listen on'*'port 3632: it is held by'* ]]
	guest 'grep -q "it is held by" /var/log/immure/start.log'
	state stopped 3
	run left
	run ! grep -v '^group ' <<<"$output"
	free_port_again
	service start
	compiles
}

@test "wrong settings: no start, and the line is said" {
	service stop
	guest 'echo "jobs = many" >>/etc/immure/immured.conf'
	run service start
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'/etc/immure/immured.conf:'*'key "jobs"'* ]]
	state stopped 3
}
