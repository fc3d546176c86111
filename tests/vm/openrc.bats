#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The OpenRC service, in a machine that OpenRC 0.45 (Debian 12) has booted:
# states, stops, reloads, crashes, order.  All in one boot, in this order.
# Needs what boot.bats needs.
# Ten stops under load by make vm-test; with CI=true three.

bats_require_minimum_version 1.5.0
load machine
. tests/vm/service.sh

setup_file() {
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
	service_boot openrc "$overlay"
}

UP='started 0'
DOWN='stopped 3'
MAIN_PID='cat /run/openrc/options/immured/child_pid'

service() {
	VM_SECONDS=400 vm_run rc-service immured "$@"
}

# Its word and its status.
is() {
	run service status
	[[ $output == *"status: ${1% *}"* ]] || { echo "$output, not $1"; return 1; }
	[ "$status" = "${1#* }" ]
}

said() {
	grep -q -- "$1" <<<"$output"
}

no_start() {
	run service start
	echo "$output"
	[ "$status" != 0 ]
	said "$1"
	is "$DOWN"
}

# The next start removes the groups, which are empty.
nothing_but_groups_left() {
	sleep 1
	run left
	run ! grep -v '^group ' <<<"$output"
}

@test "booted: the node serves, and OpenRC says so" {
	serves_in_force
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
	cells_are_bounded
}

@test "reload: right settings come into force, wrong ones are refused" {
	reloads
}

@test "a restart with wrong settings is refused: it would be a stop" {
	pid=$(main_pid)
	set_jobs many
	run service restart
	[ "$status" != 0 ]
	[ "$(main_pid)" = "$pid" ]
	is "$UP"
	set_jobs 2
}

@test "stopped under load again and again: nothing is left, the state is true" {
	stops_under_load
}

@test "the monitor is killed: another serves, and nothing of the old is left" {
	another_after_a_kill
}

@test "the supervisor is killed: unsupervised, and a stop ends all" {
	guest 'kill -9 $(cat /run/immured.pid)'
	is 'unsupervised 64'
	service stop
	nothing_left
	is "$DOWN"
	service start
}

@test "killed again and again: it is given up, and shown as crashed" {
	for _ in $(seq 60); do
		guest '[ -e /run/immured.pid ]' || break
		guest "kill -9 \$($MAIN_PID)" || :
		sleep 1
	done
	is 'crashed 32'
	guest 'rc-status -a | grep -q "immured.*failed"'
	nothing_but_groups_left
	service start
	is "$UP"
	service stop
	nothing_left
}

@test "the port is taken: no start, and the reason is said" {
	no_start_on_a_taken_port \
	    'grep -q "it is held by" /var/log/immure/start.log'
}

@test "wrong settings: no start, and the line is said" {
	service stop
	nothing_left
	set_jobs many
	no_start '/etc/immure/immured.conf:.*key "jobs"'
}
