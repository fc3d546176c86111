#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon as a daemon: addresses, access, limits, signals, files.  Needs
# root and the stock client.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "these are about immured"
	NODE_PID=
	cd "$BATS_TEST_TMPDIR"
	printf '# 1 "x.c"\nint x;\n' >x.i
	echo 'int x;' >x.c
}

teardown() {
	node_stop || :
	rm -rf "${NODE_DIR-}"
}

# Some record is so.
on_record() {
	jq -s -e "any(.[]; $1)" "$NODE_AUDIT" >/dev/null
}

@test "SIGTERM ends everything, status 0, also under load" {
	node_start --jobs 2
	for _ in 1 2 3 4; do
		client 1 distcc gcc -c x.c -o "$BATS_TEST_TMPDIR/$_.o" \
		    >/dev/null 2>&1 &
	done
	left=$(node_processes)
	kill -TERM "$NODE_PID"
	status=0
	wait "$NODE_PID" || status=$?
	[ "$status" = 0 ]
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		alive=
		for p in $left; do
			[ ! -e "/proc/$p" ] || alive="$alive $p"
		done
		[ -n "$alive" ] || break
		sleep 0.1
	done
	[ -z "$alive" ]
	NODE_PID=
	wait
}

@test "a client that is not allowed gets a close, and is on record" {
	node_start --jobs 2 --allow 127.0.0.7
	# Allowed are 127.0.0.1 and .7; .9 is neither.
	python3 - "$NODE_PORT" <<-'END'
	import socket, sys
	for source, want in (("127.0.0.9", b""), ("127.0.0.7", b"DONE")):
	    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10,
	                                 (source, 0))
	    words = [b"gcc", b"-c", b"x.c", b"-o", b"x.o"]
	    text = b"DIST00000001ARGC%08x" % len(words)
	    for w in words:
	        text += b"ARGV%08x" % len(w) + w
	    try:
	        s.sendall(text + b"DOTI00000007int x;\n")
	        got = s.recv(4)
	    except ConnectionResetError:
	        got = b""
	    assert got == want, (source, got)
	END
	sleep 0.5
	grep 'access.denied' "$NODE_LOG" | grep -q '127\.0\.0\.9'
	on_record '.client == "127.0.0.9"'
}

@test "several addresses, IPv6 among them" {
	python3 -c 'import socket
socket.create_server(("::1", 0), family=socket.AF_INET6)' 2>/dev/null ||
	    skip "no IPv6 here"
	node_start --jobs 2 --listen ::1 --listen 127.0.0.2 --allow ::1
	for host in "[::1]" 127.0.0.2 127.0.0.1; do
		mkdir -p d
		DISTCC_DIR=$PWD/d DISTCC_FALLBACK=0 \
		    DISTCC_HOSTS="$host:$NODE_PORT" distcc gcc -c x.c -o x.o
	done
	on_record '.type == "job" and .client == "::1"'
}

@test "a port in use: 102, with the reason" {
	node_start --jobs 2
	run "$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 \
	    --log-stderr
	echo "$output"
	[ "$status" = 102 ]
	[[ $output == *"$NODE_PORT"* ]]
}

@test "--daemon detaches when it serves; the pid file comes and goes" {
	NODE_DIR=$(mktemp -d)
	NODE_PORT=$(free_port)
	timeout 60 "$DAEMON" --daemon --port "$NODE_PORT" --listen 127.0.0.1 \
	    --log-file "$NODE_DIR/log" --pid-file "$NODE_DIR/pid" \
	    --jobs 2 </dev/null >"$NODE_DIR/out" 2>&1 3>&-
	NODE_PID=$(cat "$NODE_DIR/pid")
	kill -0 "$NODE_PID"
	[ "$(ps -o tty= -p "$NODE_PID" | tr -d ' ')" = "?" ]
	node_answers || { sleep 2; node_answers; }
	kill -TERM "$NODE_PID"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -e "/proc/$NODE_PID" ] || break
		sleep 0.2
	done
	[ ! -e "/proc/$NODE_PID" ]
	[ ! -e "$NODE_DIR/pid" ]
	NODE_PID=
}

@test "no more jobs than --jobs, the others wait and are done" {
	node_start --jobs 1
	python3 - >big.c <<-'END'
	for n in range(400):
	    print("int f%d(int *a, int x) { for (int i = 0; i < x; i++)"
	          " a[i] = a[i] * %d + x / (i + 1); return a[x]; }" % (n, n))
	END
	mkdir d
	pids=
	for n in 1 2 3 4; do
		DISTCC_DIR=$PWD/d DISTCC_FALLBACK=0 \
		    DISTCC_HOSTS="127.0.0.1:$NODE_PORT/8" \
		    distcc gcc -O2 -c big.c -o big$n.o &
		pids="$pids $!"
	done
	most=0
	for _ in $(seq 60); do
		now=0
		for p in $(node_processes); do
			case $(ps -o comm= -p "$p") in
			cc1) now=$((now + 1)) ;;
			esac
		done
		[ $now -le $most ] || most=$now
		sleep 0.05
	done
	for p in $pids; do
		wait "$p"
	done
	[ $most = 1 ]
	cmp big1.o big4.o
}

@test "--job-lifetime kills a job, tells the client, and goes on" {
	node_start --jobs 2 --job-lifetime 2
	python3 - >slow.c <<-'END'
	print("long f(long *a, long x)\n{")
	for n in range(60000):
	    print("if (a[%d] > x) x ^= a[x & %d] * %d; else x += %d;" %
	          (n % 977, n % 1023, n * 7 + 1, n))
	print("return x;\n}")
	END
	node_mark
	status=0
	client 1 distcc gcc -O2 -c slow.c >out 2>&1 || status=$?
	cat out
	[ "$status" != 0 ]
	grep -q 'limit\.wall' out
	node_since 1 | tee jobs.txt
	grep -q '^COMPILE_TIMEOUT' jobs.txt
	[ ! -e slow.o ]
	client 1 distcc gcc -c x.c
}

@test "SIGHUP opens the logs again" {
	node_start --jobs 2
	mv "$NODE_LOG" "$NODE_LOG.1"
	mv "$NODE_AUDIT" "$NODE_AUDIT.1"
	kill -HUP "$NODE_PID"
	sleep 1
	client 1 distcc gcc -c x.c
	sleep 0.5
	grep -q 'dcc_job_summary.* x\.c$' "$NODE_LOG"
	on_record '.type == "job" and .source == "x.c"'
}

@test "two nodes side by side" {
	node_start --jobs 2
	first_pid=$NODE_PID first_dir=$NODE_DIR
	node_start --jobs 2
	client 1 distcc gcc -c x.c
	node_stop
	rm -rf "$NODE_DIR"
	NODE_PID=$first_pid NODE_DIR=$first_dir
	node_stop
}

@test "stopping leaves no mount, no process, no file in /run/immure" {
	mounts=$(sort /proc/self/mounts)
	node_start --jobs 2
	client 2 distcc gcc -c x.c
	node_stop
	[ "$mounts" = "$(sort /proc/self/mounts)" ]
	[ -z "$(find /run/immure -mindepth 1 -not -type d 2>/dev/null)" ]
}
