# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What openrc.bats and systemd.bats do alike, beside vm.sh.  In the guest all is
# slow: waits are generous, and what is tested is order and outcome.

# service_boot INIT [OPTION of vm_start...]: a guest whose only compiler is gcc,
# so that a start takes seconds.
service_boot() {
	cat >"$BATS_FILE_TMPDIR/c-only" <<-'END'
	#!/bin/sh
	find "$1/usr" \( -name cc1plus -o -name '*g++*' -o -name 'c++*' \) \
	    ! -type d -delete
	END
	chmod +x "$BATS_FILE_TMPDIR/c-only"
	echo 'int x;' >"$BATS_FILE_TMPDIR/x.c"
	vm_start --init "$@" --hook "$BATS_FILE_TMPDIR/c-only" &&
	    vm_node_ready 150
}

# guest COMMANDS: as root in the guest.
guest() {
	VM_SECONDS=${VM_SECONDS:-200} vm_run sh -c "$1"
}

# until_guest SECONDS COMMANDS
until_guest() {
	late=$(($(date +%s) + $1))
	until guest "$2"; do
		[ "$(date +%s)" -lt $late ] || return 1
		sleep 1
	done
}

compiles() {
	vm_client '' distcc gcc -c "$BATS_FILE_TMPDIR/x.c" \
	    -o "$BATS_TEST_TMPDIR/x.o"
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
# processes in namespaces that are not process 1's, mounts, groups.
left() {
	cat >"$BATS_TEST_TMPDIR/left" <<-'END'
	for p in /proc/[0-9]*; do
		exe=$(readlink $p/exe) || continue
		case $exe in
		*/immured | */libexec/immure/* | */.immure/* | */.stage/*)
			echo "process ${p#/proc/}: $exe" ;;
		esac
		for ns in user net ipc pid; do
			n=$(readlink $p/ns/$ns) || continue
			[ "$n" = "$(readlink /proc/1/ns/$ns)" ] ||
			    echo "namespace of ${p#/proc/}: $n"
		done
	done
	grep -i immure /proc/self/mounts | sed 's/^/mount /'
	find /sys/fs/cgroup -type d \( -name 'immure*' -o -name 'openrc.immure*' \) |
	    sed 's/^/group /'
	END
	VM_INPUT=$BATS_TEST_TMPDIR/left vm_run sh -s
}

# nothing_left: one second after a stop.
nothing_left() {
	sleep 1
	run left
	echo "left: $output"
	[ "$status" = 0 ] && [ -z "$output" ]
}

# The cells that there are, each in a group of its own with both bounds.
cells_are_bounded() {
	cat >"$BATS_TEST_TMPDIR/cells" <<-'END'
	n=0
	for p in /proc/[0-9]*; do
		case $(readlink $p/exe) in
		*/pack) ;;
		*) continue ;;
		esac
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
	VM_INPUT=$BATS_TEST_TMPDIR/cells vm_run sh -s
}

executors() {
	guest 'n=0; for p in /proc/[0-9]*; do
	    case $(readlink $p/exe) in */immure-executor) n=$((n + 1)) ;; esac
	    done; echo $n'
}

# On the guest's port, so that a node cannot have it.
take_port() {
	guest 'busybox nc -l -p 3632 </dev/null >/dev/null 2>&1 & echo $! >/tmp/nc'
	until_guest 20 "grep -q ':0E30 0*:0000 0A' /proc/net/tcp /proc/net/tcp6"
}

free_port_again() {
	guest 'kill $(cat /tmp/nc)'
}
