#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGHUP: the configuration file is read again, no job is lost.  Needs root and
# the stock client.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "distccd has no configuration file"
	NODE_PID=
	cd "$BATS_TEST_TMPDIR"
	conf=$PWD/immured.conf
	echo 'int x;' >x.c
}

teardown() {
	node_stop || :
	rm -rf "${NODE_DIR-}"
}

# reload: SIGHUP, and wait until the log says something of it.
reload() {
	before=$(grep -c 'settings\.\(loaded\|bad\)' "$NODE_LOG" || :)
	kill -HUP "$NODE_PID"
	eventually more_said "$before"
}
more_said() {
	[ "$(grep -c 'settings\.\(loaded\|bad\)' "$NODE_LOG")" != "$1" ]
}

count() { # of the node's processes of that name
	ps -o comm= -p "$(node_processes | paste -sd,)" | grep -cx "$1" || :
}

# until_count NAME N
until_count() {
	eventually counts "$1" "$2"
}
counts() {
	echo "$1: $(count "$1"), not $2"
	[ "$(count "$1")" = "$2" ]
}

# A job that takes some ten seconds unless it is killed.
slow_source() {
	python3 - >slow.c <<-'END'
	print("long f(long *a, long x)\n{")
	for n in range(5000):
	    print("if (a[%d] > x) x ^= a[x & %d] * %d; else x += %d;" %
	          (n % 977, n % 1023, n * 7 + 1, n))
	print("return x;\n}")
	END
}

@test "more slots and fewer, and the job that runs goes on" {
	echo 'jobs = 2' >"$conf"
	node_start --config "$conf"
	until_count immure-executor 2
	slow_source
	client 1 distcc gcc -O1 -c slow.c -o slow.o >out 2>&1 3>&- &
	job=$!
	until_count cc1 1
	echo 'jobs = 4' >"$conf"
	reload
	until_count immure-executor 4
	echo 'jobs = 1' >"$conf"
	reload
	kill -0 $job
	wait $job || { cat out; false; }
	[ -s slow.o ]
	until_count immure-executor 1
	client 1 distcc gcc -c x.c -o x.o
}

@test "who may connect, at once" {
	node_start_with_file
	run try_from 127.0.0.7
	[ "$output" = "" ]
	echo 'allow = 127.0.0.1 127.0.0.7' >"$conf"
	reload
	run try_from 127.0.0.7
	[ "$output" = DONE ]
	run try_from 127.0.0.9
	[ "$output" = "" ]
}

@test "a host's name keeps its addresses; a new one changes nothing" {
	node_start_with_file localhost
	run try_from 127.0.0.1
	[ "$output" = DONE ]
	run try_from 127.0.0.7
	[ "$output" = "" ]
	echo 'allow = localhost 127.0.0.7' >"$conf"
	reload
	run try_from 127.0.0.7
	[ "$output" = DONE ]
	run try_from 127.0.0.1
	[ "$output" = DONE ]
	echo 'allow = localhost new.example' >"$conf"
	reload
	grep 'settings\.bad' "$NODE_LOG" |
		grep 'new\.example.*looked up at the start alone; restart'
	run try_from 127.0.0.7
	[ "$output" = DONE ]
}

# [ALLOW]: a node whose access list is the file's alone.
node_start_with_file() {
	echo "allow = ${1-127.0.0.1 127.0.0.9}" >"$conf"
	NODE_DIR=$(mktemp -d)
	NODE_PORT=$(free_port)
	NODE_LOG=$NODE_DIR/log
	"$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 \
	    --log-file "$NODE_LOG" --jobs 2 --config "$conf" \
	    </dev/null >"$NODE_DIR/out" 2>&1 3>&- &
	NODE_PID=$!
	for _ in $(seq 600); do
		! node_answers || return 0
		sleep 0.2
	done
	cat "$NODE_DIR/out" "$NODE_LOG"
	return 1
}

# try_from ADDRESS: the first four bytes of an answer to a small job.
try_from() {
	python3 - "$NODE_PORT" "$1" <<-'END'
	import socket, sys
	s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10,
	                             (sys.argv[2], 0))
	words = [b"gcc", b"-c", b"x.c", b"-o", b"x.o"]
	text = b"DIST00000001ARGC%08x" % len(words)
	for w in words:
	    text += b"ARGV%08x" % len(w) + w
	try:
	    s.sendall(text + b"DOTI00000007int x;\n")
	    print(s.recv(4).decode())
	except ConnectionResetError:
	    print()
	END
}

@test "job-lifetime holds for the next job" {
	echo 'job-lifetime = 600' >"$conf"
	node_start --jobs 2 --config "$conf"
	slow_source
	echo 'job-lifetime = 1' >"$conf"
	reload
	status=0
	client 1 distcc gcc -O3 -c slow.c -o slow.o >out 2>&1 || status=$?
	cat out
	[ "$status" != 0 ]
	grep -q 'limit\.wall' out
}

@test "a wrong file changes nothing, and the log says which line" {
	printf 'jobs = 2\n' >"$conf"
	node_start --config "$conf"
	printf 'jobs = 3\nallow = 10.1\n' >"$conf"
	reload
	grep "settings.bad: $conf:2: key \"allow\"" "$NODE_LOG"
	run grep settings.loaded "$NODE_LOG"
	[ "$status" = 1 ]
	sleep 0.5
	[ "$(count immure-executor)" = 2 ]
	client 1 distcc gcc -c x.c -o x.o
}

@test "a standard file that is gone is no empty one: nothing changes" {
	NODE_USER=1234 XDG_CONFIG_HOME=$PWD
	export NODE_USER XDG_CONFIG_HOME
	chmod 755 "$PWD" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
	mkdir immure
	echo 'jobs = 1' >immure/immured.conf
	chown -R 1234:1234 "$PWD" # a home of another's is none
	node_start
	mv immure/immured.conf immure/other
	reload
	grep -q 'settings.bad: .*immured.conf: it was there' "$NODE_LOG"
	[ "$(count immure-executor)" = 1 ]
	: >immure/immured.conf
	chown 1234:1234 immure/immured.conf
	reload
	grep -q 'settings.loaded: ' "$NODE_LOG"
	# Somebody else's takes no effect.
	echo 'jobs = 2' >immure/immured.conf
	chown 1235 immure/immured.conf
	reload
	grep 'settings.bad: .*immured.conf: it belongs to uid' "$NODE_LOG"
}

@test "an ordinary user's node reads root's file, at the start and again" {
	export NODE_USER=1234
	chmod 755 "$PWD" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
	echo 'jobs = 1' >"$conf"
	node_start --config "$conf"
	echo 'jobs = 2' >"$conf"
	reload
	until_count immure-executor 2
	chmod 666 "$conf"
	reload
	grep 'settings.bad: .*immured.conf: others may write it' "$NODE_LOG"
}

@test "drip holds for the next job" {
	echo 'drip = 0' >"$conf"
	node_start --jobs 2 --config "$conf"
	slow_source
	gcc -E slow.c >slow.i
	echo 'drip = 1' >"$conf"
	reload
	# The first byte comes after a second, the job takes some.
	python3 - "$NODE_PORT" <<-'END'
	import socket, sys
	s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
	words = [b"gcc", b"-O1", b"-c", b"slow.i", b"-o", b"x.o"]
	text = b"DIST00000001ARGC%08x" % len(words)
	for w in words:
	    text += b"ARGV%08x" % len(w) + w
	body = open("slow.i", "rb").read()
	s.sendall(text + b"DOTI%08x" % len(body) + body)
	s.settimeout(60)
	first = s.recv(65536)
	print(first[:20])
	sys.exit(first != b"D")
	END
}

@test "after a wrong file, too, logs are opened again" {
	echo 'jobs = 1' >"$conf"
	node_start --config "$conf"
	mv "$NODE_LOG" "$NODE_LOG.1"
	echo 'jobs = none' >"$conf"
	kill -HUP "$NODE_PID"
	eventually grep -s settings.bad "$NODE_LOG"
}

@test "what cannot be reloaded is named, and stays" {
	printf 'jobs = 2\nnice = 5\n' >"$conf"
	node_start --config "$conf"
	printf 'jobs = 2\nnice = 7\nstats-port = 4000\n' >"$conf"
	reload
	grep 'settings.restart: .*nice, stats-port; restart' "$NODE_LOG"
	printf 'jobs = 2\nnice = 7\n' >"$conf"
	reload
	grep 'settings.restart: .* in force: nice; restart' "$NODE_LOG"
	grep "settings.loaded: settings read again from $conf\$" "$NODE_LOG"
	[ "$(ps -o ni= -p "$NODE_PID" | tr -d ' ')" = \
	    "$(($(ps -o ni= -p $$) + 5))" ]
}

says() { jq -s -e "any(.[]; $1)" "$NODE_DIR/b"; }

@test "logs: another file, level and format" {
	NODE_DIR=$(mktemp -d)
	NODE_PORT=$(free_port)
	printf 'log-file = %s/a\n' "$NODE_DIR" >"$conf"
	NODE_LOG=$NODE_DIR/a
	"$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 \
	    --jobs 2 --config "$conf" </dev/null >"$NODE_DIR/out" 2>&1 3>&- &
	NODE_PID=$!
	for _ in $(seq 600); do
		! node_answers || break
		sleep 0.2
	done
	printf 'log-file = %s/b\nlog-format = json\nlog-level = debug\n' \
	    "$NODE_DIR" >"$conf"
	kill -HUP "$NODE_PID"
	eventually says '.word == "settings.loaded"'
	before=$(wc -l <"$NODE_DIR/a")
	client 1 distcc gcc -c x.c -o x.o
	eventually says '.type == "job" and .source == "x.c"'
	[ "$(wc -l <"$NODE_DIR/a")" = "$before" ]
}

# syslogd OUT: what is sent to /dev/log, into OUT; SYSLOGD is its pid.
syslogd() {
	python3 - "$1" 3>&- <<-'END' &
	import socket, sys, os
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	try:
	    os.unlink("/dev/log")
	except FileNotFoundError:
	    pass
	s.bind("/dev/log")
	with open(sys.argv[1], "ab", 0) as out:
	    while True:
	        out.write(s.recv(65536) + b"\n")
	END
	SYSLOGD=$!
	eventually [ -S /dev/log ]
}

@test "syslog is found again after its daemon was started again" {
	[ ! -e /dev/log ] || skip "somebody listens on /dev/log"
	syslogd "$BATS_TEST_TMPDIR/first"
	NODE_DIR=$(mktemp -d)
	NODE_PORT=$(free_port)
	"$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 --jobs 1 \
	    </dev/null >"$NODE_DIR/out" 2>&1 3>&- &
	NODE_PID=$!
	for _ in $(seq 600); do # making the images takes a while
		! grep -qs node.serving first || break
		sleep 0.1
	done
	kill "$SYSLOGD"
	wait "$SYSLOGD" || :
	rm -f /dev/log
	syslogd "$BATS_TEST_TMPDIR/second"
	for _ in 1 2 3 4 5; do
		client 1 distcc gcc -c x.c -o x.o
		sleep 1
	done
	kill "$SYSLOGD"
	rm -f /dev/log
	cat second
	grep -q 'dcc_job_summary.*COMPILE_OK' second
	grep -q 'audit.lost: [0-9]* lines were lost here' second
}
