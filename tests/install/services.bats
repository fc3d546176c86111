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

asked() { # so often, at least, within a minute
	for _ in $(seq 600); do
		[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -lt "$1" ] || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/asked"
	return 1
}

@test "--renew: rules name the daemon's groups, as soon as it answers" {
	cat >"$BATS_TEST_TMPDIR/immure" <<-END
	#!/bin/sh
	echo "\$*" >>"$BATS_TEST_TMPDIR/asked"
	[ -e "$BATS_TEST_TMPDIR/answers" ]
	END
	chmod +x "$BATS_TEST_TMPDIR/immure"
	: >"$BATS_TEST_TMPDIR/asked"
	: >"$IMMURED_ETC/immure/immured.conf"
	printf '#!/bin/sh\nexec sleep 60\n' >"$BATS_TEST_TMPDIR/daemon"
	"$start" --renew "$BATS_TEST_TMPDIR/immure" "$BATS_TEST_TMPDIR/daemon" \
	    --port '1 2' >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	asked 2
	# the daemon has no child that it did not make
	[ -z "$(pgrep -P $!)" ]
	: >"$BATS_TEST_TMPDIR/answers"
	n=$(wc -l <"$BATS_TEST_TMPDIR/asked")
	sleep 3
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -le $((n + 1)) ]
	[ "$(sort -u "$BATS_TEST_TMPDIR/asked")" = "firewall --renew --pid $! -- --port 1 2" ]
	kill $!
	# nor is one that has ended asked for
	rm "$BATS_TEST_TMPDIR/answers"
	: >"$BATS_TEST_TMPDIR/asked"
	"$start" --renew "$BATS_TEST_TMPDIR/immure" true 3>&-
	sleep 3
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -le 2 ]
}

@test "--renew: that it has not worked is told to syslog, once" {
	: >"$IMMURED_ETC/immure/immured.conf"
	printf '#!/bin/sh\necho why; exit 2\n' >"$BATS_TEST_TMPDIR/immure"
	printf '#!/bin/sh\necho "$*" >>%s/asked\n' "$BATS_TEST_TMPDIR" \
	    >"$BATS_TEST_TMPDIR/logger"
	printf '#!/bin/sh\nexec sleep 60\n' >"$BATS_TEST_TMPDIR/daemon"
	chmod +x "$BATS_TEST_TMPDIR/immure" "$BATS_TEST_TMPDIR/logger"
	: >"$BATS_TEST_TMPDIR/asked"
	PATH=$BATS_TEST_TMPDIR:$PATH IMMURED_RENEW_SECONDS=2 "$start" --renew \
	    "$BATS_TEST_TMPDIR/immure" "$BATS_TEST_TMPDIR/daemon" \
	    >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	asked 1
	sleep 2
	kill $!
	[ "$(cat "$BATS_TEST_TMPDIR/asked")" = "-t immured -p daemon.err the packet filter's rules do not name this node's groups: why" ]
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

# unit DIRECTORY: the unit as it is installed, with a daemon that is there.
unit() {
	sed 's|@sbindir@/immured|/bin/true|; s|@libexecdir@/immured-start|/bin/true|' \
	    "$BATS_TEST_DIRNAME/../../packaging/systemd/immured.service" \
	    >"$1/immured.service"
	echo "$1/immured.service"
}

@test "systemd takes the unit: a reload looks at the settings, then SIGHUP" {
	command -v systemd-analyze >/dev/null || skip "systemd is not here"
	unit=$(unit "$BATS_TEST_TMPDIR")
	run systemd-analyze verify --man=no "$unit"
	echo "$output"
	[[ $output != *immured.service* ]]
	[ "$(grep -c '^ExecReload=' "$unit")" = 2 ]
	grep '^ExecReload=' "$unit" | head -n 1 | grep -q -- --check-config
	grep '^ExecReload=' "$unit" | tail -n 1 | grep -q -- '-HUP'
}

@test "the unit is as closed as it was: systemd-analyze security" {
	command -v systemd-analyze >/dev/null || skip "systemd is not here"
	unit=$(unit "$BATS_TEST_TMPDIR")
	SYSTEMD_COLORS=0 systemd-analyze security --no-pager --offline=true \
	    "$unit" >"$BATS_TEST_TMPDIR/security"
	cat "$BATS_TEST_TMPDIR/security"
	score=$(sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p' \
	    "$BATS_TEST_TMPDIR/security")
	# 9.4 with no directive; other versions weigh a little otherwise.  0.1 is
	# CAP_NET_ADMIN, without which require = nftables could not hold.
	awk "BEGIN { exit !($score > 0 && $score <= 6.7) }"
}

@test "what the unit leaves open has its reason there" {
	command -v systemd-analyze >/dev/null || skip "systemd is not here"
	unit=$(unit "$BATS_TEST_TMPDIR")
	SYSTEMD_COLORS=0 systemd-analyze security --no-pager --offline=true \
	    "$unit" >"$BATS_TEST_TMPDIR/security"
	# Capabilities and families: those left are listed with the directive.
	sed -n 's/^[^ ]* \([A-Z][A-Za-z]*\)=.*/\1/p' "$BATS_TEST_TMPDIR/security" |
	    sort -u >"$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -gt 20 ]
	grep -v '^✓' "$BATS_TEST_TMPDIR/security" |
	    sed -n 's/^✗ \([A-Z][A-Za-z]*\)=.*/\1/p' | sort -u >"$BATS_TEST_TMPDIR/open"
	[ -s "$BATS_TEST_TMPDIR/open" ]
	while read -r name; do
		grep -qE "^(# .*[ #])?$name=" "$unit" ||
			{ echo "no reason: $name="; missing=1; }
	done <"$BATS_TEST_TMPDIR/open"
	[ -z "${missing-}" ]
}

@test "the unit leaves the monitor the capabilities that it keeps" {
	tree=$BATS_TEST_DIRNAME/../..
	sed -n 's/^CapabilityBoundingSet=//p' \
	    "$tree/packaging/systemd/immured.service" | tr ' ' '\n' |
	    sort >"$BATS_TEST_TMPDIR/unit"
	# CAP_NET_ADMIN is for one question at the start (walls.c), with require.
	[ "$(grep -c '^CAP_NET_ADMIN$' "$BATS_TEST_TMPDIR/unit")" = 1 ]
	sed -i '/^CAP_NET_ADMIN$/d' "$BATS_TEST_TMPDIR/unit"
	# CAP_SETFCAP is for user mode alone.
	sed -n '/monitor_caps\[\] = {/,/^};/s/^\t\(CAP_[A-Z_]*\),.*/\1/p' \
	    "$tree/node/monitor/confine.c" | grep -v CAP_SETFCAP |
	    sort >"$BATS_TEST_TMPDIR/monitor"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/monitor")" -gt 5 ]
	diff "$BATS_TEST_TMPDIR/unit" "$BATS_TEST_TMPDIR/monitor"
}

@test "the unit lets the monitor ask SELinux, which takes a write" {
	tree=$BATS_TEST_DIRNAME/../..
	place=$(sed -n 's/^#define SELINUX[[:space:]]*"\(.*\)\/"$/\1/p' \
	    "$tree/node/common/lsm.c")
	[ "$place" = /sys/fs/selinux ]
	grep -q "open(SELINUX \"access\", O_RDWR" "$tree/node/common/lsm.c"
	grep '^ReadWritePaths=' "$tree/packaging/systemd/immured.service" |
	    tr ' =' '\n' | grep -qx -- "-$place"
}

@test "the service manager is told: ready when it serves, reloading, stopping" {
	. "$BATS_TEST_DIRNAME/../lib/node.sh"
	for name in '' --abstract; do
		port=$(free_port)
		run "$BATS_TEST_DIRNAME/notified.py" "$port" $name "$DAEMON" \
		    --no-detach --log-stderr --log-level error --jobs 1 \
		    --listen 127.0.0.1 --allow 127.0.0.1 --port "$port" \
		    --socket "$BATS_TEST_TMPDIR/sock"
		echo "$output"
		[ "$status" = 0 ]
		grep -v immured: <<<"$output" >"$BATS_TEST_TMPDIR/told"
		sed -i 's/[0-9]\{5,\}/N/g; s/[0-9]* connections/n connections/' \
		    "$BATS_TEST_TMPDIR/told"
		diff - "$BATS_TEST_TMPDIR/told" <<-END
		STATUS=Finds, copies and tries the toolchains
		READY=1 STATUS=Serves on port N with 1 slots
		listens True
		RELOADING=1 MONOTONIC_USEC=N
		READY=1 STATUS=Serves on port N with 1 slots
		listens True
		STOPPING=1 EXTEND_TIMEOUT_USEC=N STATUS=Takes nothing new; n connections are open
		ended 0
		END
	done
}

# openrc COMMAND...: the OpenRC script, with a stub in place of openrc-run.
openrc() {
	tree=$BATS_TEST_DIRNAME/../..
	rc=$BATS_TEST_TMPDIR/rc
	mkdir -p "$rc/values" "$rc/failed"
	sed "s|@libexecdir@|$tree/packaging|; s|@sbindir@|$tree/build|
	    s|@bindir@|$rc|; s|/run/\${|$rc/\${|
	    s|/var/log/immure/|$rc/|" "$tree/image/alpine/immured.initd" \
	    >"$rc/script"
	# A shell would make other words of that name.
	echo "IMMURED_OPTS='--config $rc/immured.conf --socket \"$rc/so * ck\"'" \
	    >"$rc/conf"
	# Of immure, what the script asks.
	cat >"$rc/immure" <<-END
	#!/bin/sh
	case \$1 in
	config) exec "$tree/build/immure" "\$@" ;;
	ping) [ "\$3" = "$rc/so * ck" ] && cat "$rc/pong" ;;
	firewall) echo "firewall \$2 \$3 \$4 \$5 \$9" >>"$rc/calls"; [ ! -e "$rc/refused" ] ;;
	esac
	END
	printf '#!/bin/sh\necho "supervise-daemon $*" >>%s\n' "$rc/calls" \
	    >"$rc/supervise-daemon"
	chmod +x "$rc/immure" "$rc/supervise-daemon"
	: >"$rc/calls"
	PATH=$rc:$PATH run "$tree/tests/install/openrc-stub" "$rc" "$rc/script" "$@"
	echo "$output"
	cat "$rc/calls"
}

# A node that the stub's supervisor has, this test in its place.
supervised() {
	openrc describe_nothing
	echo $$ >"$rc/immured.pid"
	echo 12345 >"$rc/values/child_pid"
	echo "$rc/so * ck: pid 12345, serving" >"$rc/pong"
	echo 'drain = 33' >"$rc/immured.conf"
}

@test "OpenRC: the script is one that a POSIX shell takes" {
	sed 's/@[a-z]*@/\/usr/' "$BATS_TEST_DIRNAME/../../image/alpine/immured.initd" \
	    >"$BATS_TEST_TMPDIR/initd"
	dash -n "$BATS_TEST_TMPDIR/initd"
	busybox sh -n "$BATS_TEST_TMPDIR/initd"
	command -v shellcheck >/dev/null || skip "no shellcheck here"
	# SC2034: variables that openrc-run reads.  SC2046: words on purpose.
	shellcheck -s sh -e SC2034,SC2046 "$BATS_TEST_TMPDIR/initd"
	# SC2017: an int may be 32 bits
	shellcheck -s sh -e SC2034,SC2017 \
	    "$BATS_TEST_DIRNAME/../../image/alpine/immured.confd"
}

@test "OpenRC: a start waits until this node serves, and gives jobs --drain" {
	supervised
	openrc start
	[ "$status" = 0 ]
	grep -q '^start retry=SIGTERM/43/SIGKILL/5 ' "$rc/calls"
	# Another node's answer is none.
	echo "$rc/so * ck: pid 54321, serving" >"$rc/pong"
	echo 'immured: port 3632 is taken' >"$rc/said"
	(sleep 2; cp "$rc/said" "$rc/start.log"; rm "$rc/immured.pid") 3>&- &
	openrc start
	[ "$status" = 1 ]
	[[ $output == *"error: it does not"*"port 3632 is taken"* ]]
	[ "$(tail -n 1 "$rc/calls")" = stop ]
}

@test "OpenRC: a stop ends the service's group, and not its starter's" {
	supervised
	mount=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts |
	    head -n 1)
	[ -n "$mount" ] || skip "no cgroup2 here"
	for name in "session-$$" openrc.immured; do
		group=$mount/immure-test-$$/$name
		mkdir -p "$group"
		(
			sh -c 'echo $PPID' >"$group/cgroup.procs"
			openrc start
		)
		grep . "$rc/values/group" || :
		[ "$name" != openrc.immured ] ||
		    [ "$(cat "$rc/values/group")" = "/immure-test-$$/$name" ]
		sleep 60 3>&- &
		echo $! >"$group/cgroup.procs"
		openrc stop
		# a moment after its signal
		[ "$name" != openrc.immured ] ||
		    timeout 30 tail --pid=$! -f /dev/null || :
		kill -0 $! && survived=yes || survived=no
		kill $! 2>/dev/null || :
		wait $! || :
		rmdir "$group" 2>/dev/null || :
		echo "$name: $survived"
		[ "$name $survived" = "session-$$ yes" ] ||
		    [ "$name $survived" = "openrc.immured no" ]
	done
	rmdir "$mount/immure-test-$$"
}

@test "OpenRC: rules that are loaded name the groups of this start, or none is" {
	supervised
	openrc start
	[ "$status" = 0 ]
	[ "$(tail -n 1 "$rc/calls")" = "firewall --renew --pid 12345 -- $rc/so * ck" ]
	touch "$rc/refused"
	openrc start
	[ "$status" = 1 ]
	[[ $output == *"error: the packet filter's rules do not name"* ]]
	[ "$(tail -n 1 "$rc/calls")" = stop ]
	# systemd runs that as root, not as the node; a failure fails the start
	grep -q '^ExecStartPost=+@libexecdir@/immured-start "@bindir@/immure firewall --renew --pid \${MAINPID} --" \$IMMURED_OPTS$' \
	    "$tree/packaging/systemd/immured.service"
}

@test "OpenRC: a start that takes too long is stopped" {
	supervised
	echo "$rc/so * ck: pid 12345, starting" >"$rc/pong"
	IMMURED_READY_SECONDS=2 openrc start
	[ "$status" = 1 ]
	[[ $output == *"error: it does not"* ]]
	[ "$(tail -n 1 "$rc/calls")" = stop ]
}

@test "OpenRC: wrong settings stop a start, a reload and a restart" {
	supervised
	openrc reload
	[ "$status" = 0 ]
	grep -q -- '^supervise-daemon immured --signal HUP' "$rc/calls"
	echo 'jobs = many' >>"$rc/immured.conf"
	for command in start reload restart; do
		openrc $command
		[ "$status" != 0 ]
		[[ $output == *"immured.conf:2: key \"jobs\": bad value \"many\""* ]]
		! grep -vq '^checkpath' "$rc/calls"
	done
	# but a stop
	openrc stop
	[ "$status" = 0 ]
	grep -qx stop "$rc/calls"
}

@test "OpenRC: a node that was given up shows as crashed" {
	supervised
	openrc status
	[ "$status" = 0 ]
	[[ $output == *"as OpenRC has it"* ]]
	touch "$rc/failed/immured"
	openrc status
	[ "$status" = 32 ]
	[[ $output == *"status: crashed"* ]]
	touch "$rc/started"
	openrc status
	[ "$status" = 0 ]
	respawns=$(sed -n 's/^respawn_max=.*:-\([0-9]*\)}"$/\1/p' "$rc/script")
	[ "$respawns" -gt 0 ]
	[ "$(sed -n 's/^respawn_period=.*:-\([0-9]*\)}"$/\1/p' "$rc/script")" -gt "$respawns" ]
}
