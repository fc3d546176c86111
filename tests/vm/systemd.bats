#!/usr/bin/env bats
# Needs root, qemu-system-x86_64, what tests/vm/build needs.
# Not in CI: seven minutes of CPU time, which is most of what there is for all.
# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd unit, in a machine that systemd has booted: states, stops,
# reloads, crashes, order.  All in one boot, in this order.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export VM_TREE=$PWD
	. tests/vm/vm.sh
	. tests/vm/service.sh
	overlay=$BATS_FILE_TMPDIR/overlay
	mkdir -p "$overlay/etc/systemd/system/multi-user.target.wants" \
	    "$overlay/etc/systemd/system/sysinit.target.wants"
	# A packet filter that takes its time, and whoever relies on the node.
	echo 'table inet t { }' >"$overlay/etc/nftables.conf"
	mkdir "$overlay/etc/systemd/system/nftables.service.d"
	printf '[Service]\nExecStartPre=/bin/sleep 3\n' \
	    >"$overlay/etc/systemd/system/nftables.service.d/slow.conf"
	ln -s /lib/systemd/system/nftables.service \
	    "$overlay/etc/systemd/system/sysinit.target.wants/"
	cat >"$overlay/etc/systemd/system/user-of-node.service" <<-'END'
	[Unit]
	After=immured.service
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/usr/bin/immure ping
	END
	ln -s ../user-of-node.service \
	    "$overlay/etc/systemd/system/multi-user.target.wants/"
	service_boot systemd --overlay "$overlay"
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

state() {
	vm_run systemctl show immured -P ActiveState
}

start() {
	# By hand it counts as a start as well, and five are its limit.
	vm_run systemctl reset-failed immured || :
	VM_SECONDS=200 vm_run systemctl start immured
}

# fails REGEX: a start does, for a reason that the journal has.
fails() {
	run start
	[ "$status" != 0 ]
	until_guest 60 'systemctl is-failed -q immured'
	run vm_run journalctl -u immured -b --no-pager
	echo "$output"
	grep -q -- "$1" <<<"$output"
}

main_pid() {
	vm_run systemctl show immured -P MainPID
}

@test "booted: the node serves, and systemd says so" {
	[ "$(state)" = active ]
	[ "$(vm_run systemctl show immured -P StatusText)" = \
	    "Serves on port 3632 with 2 slots" ]
	compiles
	run vm_run immure check --node
	echo "$output"
	for layer in seccomp.trip cgroup.cell cgroup; do
		grep -q "^$layer *in force" <<<"$output"
	done
}

@test "boot order: after network and packet filter, before who relies on it" {
	began=$(vm_run systemctl show immured -P ExecMainStartTimestampMonotonic)
	for unit in nftables vm-net; do
		up=$(vm_run systemctl show $unit -P ActiveEnterTimestampMonotonic)
		echo "$unit $up, node $began"
		[ "$up" -gt 0 ]
		[ "$up" -le "$began" ]
	done
	[ "$(vm_run systemctl show user-of-node -P ActiveState)" = active ]
}

@test "each cell is in a group of its own, with bounds" {
	run cells_are_bounded
	echo "$output"
	[ "$status" = 0 ]
}

@test "reload: right settings come into force, wrong ones are refused" {
	guest 'sed -i "s/^jobs = .*/jobs = 3/" /etc/immure/immured.conf'
	vm_run systemctl reload immured
	[ "$(state)" = active ]
	for _ in $(seq 60); do
		[ "$(executors)" != 3 ] || break
		sleep 1
	done
	[ "$(executors)" = 3 ]
	pid=$(main_pid)
	guest 'sed -i "s/^jobs = .*/jobs = many/" /etc/immure/immured.conf'
	run vm_run systemctl reload immured
	[ "$status" != 0 ]
	[ "$(state)" = active ]
	[ "$(main_pid)" = "$pid" ]
	run vm_run journalctl -u immured --no-pager
	[[ $output == *'/etc/immure/immured.conf:'*'key "jobs": bad value "many"'* ]]
	[ "$(executors)" = 3 ]
	compiles
	guest 'sed -i "s/^jobs = .*/jobs = 2/" /etc/immure/immured.conf'
	vm_run systemctl reload immured
}

@test "stopped under load again and again: nothing is left, the state is true" {
	load_begin
	for i in $(seq 10); do
		began=$(date +%s)
		VM_SECONDS=60 vm_run systemctl stop immured
		echo "$i: stopped after $(($(date +%s) - began)) s"
		nothing_left
		[ "$(state)" = inactive ]
		start
		[ "$(state)" = active ]
		vm_run immure ping
	done
	load_end
	compiles
}

@test "the monitor is killed: another serves, and nothing of the old is left" {
	old=$(main_pid)
	guest "kill -9 $old"
	until_guest 120 "p=\$(systemctl show immured -P MainPID); \
	    [ \$p != 0 ] && [ \$p != $old ] && immure ping"
	[ "$(state)" = active ]
	compiles
	run left
	[[ $output != *"immure.$old"* ]]
	[ "$(executors)" = 2 ]
}

@test "killed again and again: it is given up, and shown as failed" {
	for _ in $(seq 60); do
		[ "$(state)" != failed ] || break
		guest 'p=$(systemctl show immured -P MainPID); [ $p = 0 ] || kill -9 $p'
		sleep 1
	done
	[ "$(state)" = failed ]
	nothing_left
	run vm_run journalctl -u immured --no-pager
	[[ $output == *'Start request repeated too quickly'* ]]
}

@test "the port is taken: failed, with the reason in the journal" {
	take_port
	fails 'port 3632: .*hold'
	free_port_again
	start
	compiles
	vm_run systemctl stop immured
}

@test "require = nftables: no start without the rules, a start with them" {
	guest 'echo "require = nftables" >>/etc/immure/immured.conf'
	fails 'nftables is not in force here'
	vm_run immure firewall --load
	start
	[ "$(state)" = active ]
	run vm_run immure check --node
	grep '^nftables *in force' <<<"$output"
	compiles
	vm_run systemctl stop immured
}

@test "wrong settings: no start, no second try" {
	guest 'echo "jobs = many" >>/etc/immure/immured.conf'
	fails 'key "jobs": bad value "many"'
	sleep 3
	[ "$(state)" = failed ]
	[ "$(vm_run systemctl show immured -P NRestarts)" = 0 ]
}
