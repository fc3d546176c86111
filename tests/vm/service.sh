# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # $status, $output, $T: bats, machine.bash
# What openrc.bats and systemd.bats do alike, beside machine.bash.  In the guest
# all is slow: waits are generous, and what is tested is order and outcome.  Each
# of the two says how its init system is asked:
#
#   service ACTION   start, stop, reload
#   is STATE         what the init system reports; UP and DOWN are two of those
#   MAIN_PID         prints the monitor's, in the guest
#   said REGEX       where an administrator looks after an action that `run` ran
#   no_start REGEX   a start fails, for a reason that is said

service_boot() { # init system, overlay
	needs_root
	# Its only compiler is gcc, so that a start takes seconds.
	vm_start --init "$1" --overlay "$2" --c-only
	vm_node_ready
}

teardown() {
	load_end
	vm_failed
}

# until_guest SECONDS COMMANDS
until_guest() {
	late=$(($(date +%s) + $1))
	until guest "$2"; do
		[ "$(date +%s)" -lt $late ] || return 1
		sleep 1
	done
}

main_pid() {
	guest "$MAIN_PID"
}

compiles() {
	echo 'int x;' >"$T/x.c"
	vm_client '' distcc gcc -c "$T/x.c" -o "$T/x.o"
}

# Clients, until load_end.  Their failures are the stops'.
load_begin() {
	load=()
	for _ in 1 2; do
		(
			trap 'exit 0' TERM
			while :; do
				compiles || sleep 1
			done
		) >/dev/null 2>&1 3>&- &
		load+=($!)
	done
}

load_end() {
	[ -n "${load-}" ] || return 0
	kill "${load[@]}"
	wait "${load[@]}" 2>/dev/null || :
	load=()
}

# Prints what is there of a node: processes of its programs and stages,
# processes in namespaces that are not process 1's, mounts, groups.  All of it in
# a few looks: a program for each process would take the emulator seconds.
left() {
	cat >"$T/left" <<-'END'
	cd /proc
	ls -l [0-9]*/exe [0-9]*/ns/user [0-9]*/ns/net [0-9]*/ns/ipc \
	    [0-9]*/ns/pid 2>/dev/null | sed 's/.* \([0-9]*\/.* -> \)/\1/' >/tmp/look
	grep -E 'exe -> .*(/immured|/libexec/immure/.*|/\.immure/.*|/\.stage/.*)( \(deleted\))?$' \
	    /tmp/look | sed 's/^/process /'
	sed -n 's/^1\/ns.* -> //p' /tmp/look >/tmp/own
	[ -s /tmp/own ] || echo "process 1 has no namespaces"
	grep '/ns/' /tmp/look | grep -vFf /tmp/own | sed 's/^/namespace /'
	grep -i immure self/mounts | sed 's/^/mount /'
	find /sys/fs/cgroup -type d \( -name 'immure*' -o -name 'openrc.immure*' \) |
	    sed 's/^/group /'
	END
	VM_INPUT=$T/left vm_run sh -s
}

# One second after a stop.
nothing_left() {
	sleep 1
	run left
	echo "left: $output"
	[ "$status" = 0 ] && [ -z "$output" ]
}

executors() {
	guest 'ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c "/immure-executor$"'
}

executors_become() { # number
	for _ in $(seq 60); do
		[ "$(executors)" != "$1" ] || break
		sleep 1
	done
	[ "$(executors)" = "$1" ]
}

set_jobs() {
	guest 'sed -i "s/^jobs = .*/jobs = $1/" /etc/immure/immured.conf' sh "$1"
}

# The tests.

serves_in_force() {
	is "$UP"
	compiles
	run vm_run immure check --node
	echo "$output"
	for layer in seccomp.trip cgroup.cell cgroup; do
		grep -q "^$layer *in force" <<<"$output"
	done
}

# The cells that there are, each in a group of its own with both bounds.
cells_are_bounded() {
	cat >"$T/cells" <<-'END'
	n=0
	for p in $(ls -l /proc/[0-9]*/exe 2>/dev/null |
	    sed -n 's|.* \(/proc/[0-9]*\)/exe -> .*/pack$|\1|p'); do
		group=/sys/fs/cgroup$(sed -n 's/^0:://p' $p/cgroup)
		while [ "${group##*/cell-}" = "$group" ] &&
		    [ "$group" != /sys/fs/cgroup ]; do
			group=${group%/*}
		done
		memory=$(cat $group/memory.max) pids=$(cat $group/pids.max)
		echo "${p#/proc/}: $group $memory $pids"
		[ "$memory" -gt 0 ] && [ "$pids" -gt 0 ] && n=$((n + 1))
	done
	[ $n -ge 2 ]
	END
	VM_INPUT=$T/cells vm_run sh -s
}

reloads() {
	set_jobs 3
	service reload
	is "$UP"
	executors_become 3
	pid=$(main_pid)
	set_jobs many
	run service reload
	echo "$output"
	[ "$status" != 0 ]
	said '/etc/immure/immured.conf:.*key "jobs": bad value "many"'
	is "$UP"
	[ "$(main_pid)" = "$pid" ]
	[ "$(executors)" = 3 ]
	compiles
	set_jobs 2
	service reload
}

# Ten times; three in CI, which has not the time for more.
stops_under_load() {
	times=10
	[ "${CI-}" != true ] || times=3
	load_begin
	for i in $(seq $times); do
		began=$(date +%s)
		service stop
		echo "$i: stopped after $(($(date +%s) - began)) s"
		nothing_left
		is "$DOWN"
		service start
		is "$UP"
		vm_run immure ping
	done
	load_end
	compiles
}

another_after_a_kill() {
	old=$(main_pid)
	guest "kill -9 $old"
	until_guest 300 "p=\$($MAIN_PID) && [ \"\$p\" != 0 ] &&
	    [ \"\$p\" != $old ] && immure ping"
	is "$UP"
	compiles
	run left
	[[ $output != *"immure.$old"* ]]
	[ "$(executors)" = 2 ]
}

# On the guest's port, so that a node cannot have it.
no_start_on_a_taken_port() {
	guest 'busybox nc -l -p 3632 </dev/null >/dev/null 2>&1 & echo $! >/tmp/nc'
	until_guest 20 "grep -q ':0E30 0*:0000 0A' /proc/net/tcp /proc/net/tcp6"
	no_start 'port 3632: .*h[eo]ld'
	[ -z "${1-}" ] || guest "$1"
	guest 'kill $(cat /tmp/nc)'
	service start
	compiles
}
