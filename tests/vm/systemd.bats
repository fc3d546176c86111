#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd unit, in a machine that systemd has booted: states, stops,
# reloads, crashes, order.  All in one boot, in this order.
# Needs what boot.bats needs.
# Ten stops under load by make vm-test; with CI=true three.

bats_require_minimum_version 1.5.0
load machine
. tests/vm/service.sh

setup_file() {
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
	service_boot systemd "$overlay"
}

# shellcheck disable=SC2034 # service.sh's
UP=active DOWN=inactive
MAIN_PID='systemctl show immured -P MainPID'

show() { # property, unit
	vm_run systemctl show "${2-immured}" -P "$1"
}

is() {
	state=$(show ActiveState)
	[ "$state" = "$1" ] || { echo "$state, not $1"; return 1; }
}

service() {
	# By hand it counts as a start as well, and five are its limit.
	[ "$1" != start ] || vm_run systemctl reset-failed immured || :
	VM_SECONDS=400 vm_run systemctl "$1" immured
}

said() {
	vm_run journalctl -u immured -b --no-pager -n 100 >"$T/journal"
	cat "$T/journal"
	grep -q -- "$1" "$T/journal"
}

no_start() {
	run service start
	[ "$status" != 0 ]
	until_guest 60 'systemctl is-failed -q immured'
	said "$1"
}

@test "booted: the node serves, and systemd says so" {
	serves_in_force
	[ "$(show StatusText)" = "Serves on port 3632 with 2 slots" ]
}

@test "boot order: after network and packet filter, before who relies on it" {
	began=$(show ExecMainStartTimestampMonotonic)
	for unit in nftables vm-net; do
		up=$(show ActiveEnterTimestampMonotonic $unit)
		echo "$unit $up, node $began"
		[ "$up" -gt 0 ]
		[ "$up" -le "$began" ]
	done
	[ "$(show ActiveState user-of-node)" = active ]
}

@test "each cell is in a group of its own, with bounds" {
	cells_are_bounded
}

@test "reload: right settings come into force, wrong ones are refused" {
	reloads
}

@test "stopped under load again and again: nothing is left, the state is true" {
	stops_under_load
}

@test "the monitor is killed: another serves, and nothing of the old is left" {
	another_after_a_kill
}

@test "killed again and again: it is given up, and shown as failed" {
	for _ in $(seq 60); do
		! is failed || break
		guest "p=\$($MAIN_PID); [ \$p = 0 ] || kill -9 \$p"
		sleep 1
	done
	is failed
	nothing_left
	said 'Start request repeated too quickly'
}

@test "the port is taken: failed, with the reason in the journal" {
	no_start_on_a_taken_port
	service stop
}

@test "require = nftables: no start without the rules, a start with them" {
	guest 'echo "require = nftables" >>/etc/immure/immured.conf'
	no_start 'nftables is not in force here'
	vm_run immure firewall --load
	service start
	is "$UP"
	run vm_run immure check --node
	grep '^nftables *in force' <<<"$output"
	compiles
	service stop
}

@test "wrong settings: no start, no second try" {
	set_jobs many
	no_start 'key "jobs": bad value "many"'
	sleep 3
	is failed
	[ "$(show NRestarts)" = 0 ]
}
