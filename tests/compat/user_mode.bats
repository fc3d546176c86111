#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A node of an ordinary user, started as distcc's own test suite starts distccd:
# in the background, with files in that user's directory, no root, no /etc.
# What it compiles is the subject of tests/demo, what it keeps in of
# tests/escape.  Needs root, to become that user, and the stock client.

setup() {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	NODE_DIR=$(mktemp -d /tmp/immure-user.XXXXXX)
	NODE_PORT=$(free_port)
	NODE_PID=
	mkdir "$NODE_DIR/sysroot"
	chown -R 12345:12345 "$NODE_DIR"
}

teardown() {
	[ -z "$NODE_PID" ] || stop
	rm -rf "$NODE_DIR"
}

# shellcheck disable=SC2120 # `run` gives it some
start() {
	(cd "$NODE_DIR" && setpriv --reuid 12345 --regid 12345 \
	    --groups 12345,50 env -i PATH="$PATH" HOME="$NODE_DIR" \
	    XDG_RUNTIME_DIR="$NODE_DIR" "$DAEMON" \
	    --verbose --lifetime=600 --daemon --log-file log --pid-file pid \
	    --port "$NODE_PORT" --allow 127.0.0.1 --enable-tcp-insecure \
	    --sysroot sysroot "$@" 3>&-)
}

# SIGTERM to whom the pid file names; all must go, the file too.
stop() {
	left=$(node_processes)
	kill -TERM "$NODE_PID"
	NODE_PID=
	# shellcheck disable=SC2086 # pids
	eventually are_gone $left || return 1
	[ ! -e "$NODE_DIR/pid" ]
}
are_gone() {
	for p; do
		[ ! -d "/proc/$p" ] || return 1
	done
}

@test "starts in the background, compiles, and leaves nothing" {
	mounts_here >"$BATS_TEST_TMPDIR/mounts"
	start
	NODE_PID=$(cat "$NODE_DIR/pid")
	[ "$(stat -c %u "/proc/$NODE_PID")" = 12345 ]
	[ "$(node_processes | wc -l)" -gt 5 ]
	cd "$BATS_TEST_TMPDIR"
	printf '#include <stdio.h>\nint f(void) { return puts("") + sizeof(FILE); }\n' \
	    >f.c
	gcc -O2 -c f.c -o local.o
	for proto in 1 2; do
		client "$proto" distcc gcc -O2 -c f.c -o f.o
		cmp f.o local.o
	done
	grep -q COMPILE_OK "$NODE_DIR/log"
	stop
	diff mounts <(mounts_here)
}

@test "a rotated log is opened again, by the user's own right" {
	start
	NODE_PID=$(cat "$NODE_DIR/pid")
	mv "$NODE_DIR/log" "$NODE_DIR/log.1"
	kill -HUP "$NODE_PID"
	eventually [ -e "$NODE_DIR/log" ]
	[ "$(stat -c %u "$NODE_DIR/log")" = 12345 ]
}

@test "exit 102 when the port is taken, 100 for a file that cannot be made" {
	start
	NODE_PID=$(cat "$NODE_DIR/pid")
	cp "$NODE_DIR/pid" "$NODE_DIR/first"
	run start
	[ "$status" = 102 ]
	echo "$output"
	[[ $output == *"port $NODE_PORT: a program of this same user holds it, an immured most likely"* ]]
	[[ $(pgrep -u 12345 -a immured) == *"--port $NODE_PORT"* ]]
	diff "$NODE_DIR/pid" "$NODE_DIR/first"
	NODE_PORT=$(free_port) run start --log-file /etc/immure-no-such.log
	[ "$status" = 100 ]
	[[ $output == *"--log-file"*"Permission denied"* ]]
	[ ! -e /etc/immure-no-such.log ]
}

@test "a port of another user: said whose" {
	mkfifo "$BATS_TEST_TMPDIR/hold"
	python3 -c 'import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
sys.stdin.read()' "$NODE_PORT" <"$BATS_TEST_TMPDIR/hold" \
	    >"$BATS_TEST_TMPDIR/ready" 3>&- &
	exec 8>"$BATS_TEST_TMPDIR/hold"
	until [ -s "$BATS_TEST_TMPDIR/ready" ]; do sleep 0.1; done
	run start
	exec 8>&-
	wait
	echo "$output"
	[ "$status" = 102 ]
	[[ $output == *"port $NODE_PORT: a program of user 0, which this one may not see, holds it"* ]]
}

@test "images lie over no directory in which the node has a file" {
	unshare -m sh -c '
		for d in /run/immure /mnt /media /srv; do
			mkdir -p "$d"
			mount -t tmpfs -o mode=777 over "$d"
		done
		cd / && exec setpriv --reuid 12345 --regid 12345 \
		    --clear-groups env HOME="$1" XDG_RUNTIME_DIR="$1" \
		    "$2" --no-detach \
		    --port "$3" --allow 127.0.0.1 --log-file /run/immure/log \
		    --pid-file /mnt/pid --audit-file /media/audit' - \
	    "$NODE_DIR" "$DAEMON" "$NODE_PORT" 3>&- &
	NODE_PID=$!
	eventually grep ' /srv/image/1 ' "/proc/$NODE_PID/mountinfo"
	run grep -E ' /(run/immure|mnt|media)/image/1 ' \
	    "/proc/$NODE_PID/mountinfo"
	[ "$status" = 1 ]
	eventually [ -s "/proc/$NODE_PID/root/mnt/pid" ]
	stop
}
