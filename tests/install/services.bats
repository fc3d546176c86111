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
	[ "$output" = "--pid-file /run/distccd/distccd.pid --nice 15 --port 3632\
 --log-level notice --allow 192.168.0.0/24 --allow * --jobs 2" ]
}

@test "conf.d/distccd of Arch" {
	echo 'DISTCC_ARGS="--allow 127.0.0.1 --allow 192.168.0.0/24"' \
	    >"$IMMURED_ETC/conf.d/distccd"
	words
	[ "$output" = "--allow 127.0.0.1 --allow 192.168.0.0/24" ]
}

@test "the daemon understands what Debian's and Alpine's files come to" {
	immured=$BATS_TEST_DIRNAME/../../${B:-build}/immured
	debian true true
	run "$start" "$immured" --no-detach --check-config
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *OK ]]
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
