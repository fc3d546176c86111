#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The service files, and the script by which they honour the settings of a
# distccd service.  Needs nothing.

setup() {
	start=$BATS_TEST_DIRNAME/../../packaging/immured-start
	export IMMURED_ETC=$BATS_TEST_TMPDIR/etc
	mkdir -p "$IMMURED_ETC/default" "$IMMURED_ETC/conf.d" \
	    "$IMMURED_ETC/immure"
	cat >"$BATS_TEST_TMPDIR/daemon" <<-'END'
	#!/bin/sh
	echo "$*"
	END
	chmod +x "$BATS_TEST_TMPDIR/daemon"
}

# words OPTION...: what the daemon gets.
words() {
	run "$start" "$BATS_TEST_TMPDIR/daemon" "$@"
	echo "$output"
	[ "$status" = 0 ]
}

debian() {
	cat >"$IMMURED_ETC/default/distcc" <<-END
	# Defaults for distcc initscript
	STARTDISTCC="$1"
	ALLOWEDNETS="127.0.0.1 192.0.2.0/24"
	LISTENER="192.0.2.1"
	NICE="10"
	JOBS="5"
	ZEROCONF="$2"
	END
}

@test "nothing there: the words it was given" {
	words --no-detach
	[ "$output" = "--no-detach" ]
}

@test "Debian's /etc/default/distcc" {
	debian true true
	words --no-detach
	[ "$output" = "--zeroconf --nice 10 --jobs 5 --listen 192.0.2.1 --allow\
 192.0.2.0/24 --allow 127.0.0.1 --no-detach" ]
	debian true false
	words
	[[ $output != *zeroconf* ]]
}

@test "STARTDISTCC=false: that file is the client package's, and not used" {
	debian false true
	words --no-detach
	[[ $output == *"is not used: STARTDISTCC is \"false\""*"immured.conf"* ]]
	[ "${lines[-1]}" = "--no-detach" ]
}

@test "our own configuration takes the place of distccd's" {
	debian false false
	: >"$IMMURED_ETC/immure/immured.conf"
	words --no-detach
	[ "$output" = "--no-detach" ]
}

@test "conf.d/distccd of Alpine and Gentoo" {
	cat >"$IMMURED_ETC/conf.d/distccd" <<-'END'
	DISTCCD_OPTS=""
	DISTCCD_EXEC="/usr/bin/distccd"
	DISTCCD_PIDFILE="/run/distccd/distccd.pid"
	DISTCCD_OPTS="${DISTCCD_OPTS} --port 3632 --log-level notice"
	DISTCCD_OPTS="${DISTCCD_OPTS} --allow 192.168.0.0/24 --allow *"
	DISTCCD_NICE="15"
	TMPDIR=/tmp
	END
	words --jobs 2
	[ "$output" = "--nice 15 --port 3632\
 --log-level notice --allow 192.168.0.0/24 --allow * --jobs 2" ]
}

@test "conf.d/distccd of Arch" {
	echo 'DISTCC_ARGS="--allow 127.0.0.1 --allow 192.168.0.0/24"' \
	    >"$IMMURED_ETC/conf.d/distccd"
	words
	[ "$output" = "--allow 127.0.0.1 --allow 192.168.0.0/24" ]
}

# serves PORT FILE: the service's command line starts a node that compiles.
serves() {
	export NODE_TREE=$BATS_TEST_DIRNAME/../..
	. "$NODE_TREE/tests/lib/node.sh"
	export NODE_PORT=$1
	"$start" "$DAEMON" --no-detach --log-stderr --drain 1 \
	    --socket "$BATS_TEST_TMPDIR/sock" </dev/null >"$2" 2>&1 3>&- &
	NODE_PID=$!
	for _ in $(seq 300); do
		! node_answers || break
		kill -0 "$NODE_PID" 2>/dev/null || break
		sleep 0.2
	done
	run node_answers
	node_stop || status=1
	cat "$2"
	[ "$status" = 0 ]
}

@test "a node starts from what Debian's file comes to, and serves" {
	debian true false
	. "$BATS_TEST_DIRNAME/../lib/node.sh"
	port=$(free_port)
	sed -i "s/192.0.2.1\"/127.0.0.1\"/" "$IMMURED_ETC/default/distcc"
	# Debian's has no port: the only word that is not from the file.
	echo "DISTCCD_OPTS=\"--port $port\"" >"$IMMURED_ETC/conf.d/distccd"
	serves "$port" "$BATS_TEST_TMPDIR/out"
	grep -q "serves on port $port with 5 slots" "$BATS_TEST_TMPDIR/out"
}

@test "a node starts from Alpine's conf.d/distccd, and serves" {
	[ ! -e /run/distccd ]
	. "$BATS_TEST_DIRNAME/../lib/node.sh"
	port=$(free_port)
	cat >"$IMMURED_ETC/conf.d/distccd" <<-END
	DISTCCD_OPTS=""
	DISTCCD_EXEC="/usr/bin/distccd"
	DISTCCD_PIDFILE="/run/distccd/distccd.pid"
	DISTCCD_OPTS="\${DISTCCD_OPTS} --port $port --log-level notice"
	DISTCCD_OPTS="\${DISTCCD_OPTS} --listen 127.0.0.1 --allow 127.0.0.1"
	DISTCCD_NICE="15"
	TMPDIR=/tmp
	END
	serves "$port" "$BATS_TEST_TMPDIR/out"
}

# What a job can do to the machine ends there (docs/operating.md, Sizing).
@test "the services are bounded, by what a default node lives with" {
	packaging=$BATS_TEST_DIRNAME/../../packaging
	image=$BATS_TEST_DIRNAME/../../image/alpine
	limits=$BATS_TEST_DIRNAME/../../node/common/limits.h
	nproc=$(sed -n 's/^#define LIMIT_JOB_NPROC \([0-9]*\)UL$/\1/p' "$limits")
	tasks=$(sed -n 's/^TasksMax=//p' "$packaging/systemd/immured.service")
	[ "$tasks" -ge $((256 * (nproc + 16))) ]
	[ "$tasks" -lt 32768 ] # the least that pid_max is
	grep -qx 'MemoryMax=[5-8][0-9]%' "$packaging/systemd/immured.service"
	rc_cgroup_settings=
	. "$image/immured.confd"
	echo "$rc_cgroup_settings"
	grep -qx "pids.max $tasks" <<<"$rc_cgroup_settings"
	max=$(sed -n 's/^memory.max //p' <<<"$rc_cgroup_settings")
	kib=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
	[ "$max" -gt $((kib * 1024 * 79 / 100)) ]
	[ "$max" -lt $((kib * 1024 * 81 / 100)) ]
}

@test "systemd takes the unit, which reloads by SIGHUP" {
	command -v systemd-analyze >/dev/null || skip "systemd is not here"
	unit=$BATS_TEST_TMPDIR/immured.service
	sed 's|@sbindir@|/bin|; s|@libexecdir@/immured-start|/bin/true|' \
	    "$BATS_TEST_DIRNAME/../../packaging/systemd/immured.service" \
	    >"$unit"
	sed -i 's|/bin/immured|/bin/true|' "$unit"
	run systemd-analyze verify --man=no "$unit"
	echo "$output"
	[[ $output != *immured.service* ]]
	grep -q '^ExecReload=.*-HUP' "$unit"
}
