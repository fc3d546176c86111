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

are_gone() { # pid...: whoever inherits one may take a while to reap it
	local p alive=
	for p; do
		case $(ps -o stat= -p "$p") in
		'' | Z*) ;;
		*) alive="$alive $p" ;;
		esac
	done
	echo "alive:$alive"
	[ -z "$alive" ]
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
	# shellcheck disable=SC2086 # pids
	eventually are_gone $left
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
	eventually grep 'access\.denied.*127\.0\.0\.9' "$NODE_LOG"
	eventually on_record '.client == "127.0.0.9"'
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

@test "the start says what clients are to be given, to be copied" {
	node_start --jobs 2
	# Its unix socket has no address.
	grep -F "DISTCC_HOSTS=\"127.0.0.1:$NODE_PORT/2,lzo\"" "$NODE_LOG"
}

@test "a port in use: 102, with the reason" {
	node_start --jobs 2
	run "$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 \
	    --log-stderr
	echo "$output"
	[ "$status" = 102 ]
	[[ $output == *"port $NODE_PORT: it is held by pid $NODE_PID "* ]]
	[[ $output == *"(immured); stop that or choose another with --port" ]]
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
	eventually node_answers
	kill -TERM "$NODE_PID"
	eventually are_gone "$NODE_PID"
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
	# shellcheck disable=SC2086 # pids
	until are_gone $pids >/dev/null; do
		# shellcheck disable=SC2046 # pids
		now=$(ps -o comm= -p "$(node_processes | paste -sd,)" |
		    grep -cx cc1 || :)
		[ "$now" -le $most ] || most=$now
		sleep 0.05
	done
	for p in $pids; do
		wait "$p"
	done
	[ "$most" = 1 ]
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
	eventually [ -e "$NODE_LOG" ]
	eventually [ -e "$NODE_AUDIT" ]
	client 1 distcc gcc -c x.c
	eventually grep 'dcc_job_summary.* x\.c$' "$NODE_LOG"
	eventually on_record '.type == "job" and .source == "x.c"'
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

# Sockets of other nodes come and go there; this one's is elsewhere.
run_files() {
	find /run/immure -mindepth 1 -not -type d -not -name 'job.sock*' \
	    2>/dev/null | sort
}

@test "stopping leaves no mount, no process, no file in /run/immure" {
	# Other nodes of this machine may have theirs.
	mounts=$(mounts_here)
	files=$(run_files)
	mkdir run
	node_start --jobs 2 --socket "$PWD/run/job.sock"
	[ -S run/job.sock ]
	client 2 distcc gcc -c x.c
	node_stop
	diff <(echo "$mounts") <(mounts_here)
	[ -z "$(ls -A run)" ]
	left=$(run_files)
	diff <(echo "$files") <(echo "$left")
}

# started_by PYTHON: the node as this child of python's makes it; its pid file's
# is NODE_PID then.
started_by() {
	NODE_DIR=$(mktemp -d "$BATS_TEST_TMPDIR/node.XXXXXX")
	NODE_PORT=$(free_port)
	timeout 60 python3 - "$DAEMON" --port "$NODE_PORT" --listen 127.0.0.1 \
	    --allow 127.0.0.1 --log-file "$NODE_DIR/log" \
	    --socket "$NODE_DIR/sock" --pid-file "$NODE_DIR/pid" \
	    >"$NODE_DIR/out" 2>&1 3>&- <<-END
	import os, signal, sys
	$1
	os.execv(sys.argv[1], sys.argv[1:])
	END
	NODE_PID=$(cat "$NODE_DIR/pid")
	NODE_LOG=$NODE_DIR/log
}

# no_log COMMAND...: to the end of its start, in the background, where no log
# takes anything.  Its pid file is NODE_PID's.
no_log() {
	NODE_DIR=$(mktemp -d "$BATS_TEST_TMPDIR/node.XXXXXX")
	NODE_PORT=$(free_port)
	cd "$NODE_DIR"
	# shellcheck disable=SC2086 # words on purpose
	timeout 60 "$@" "$DAEMON" --daemon --jobs 2 --port "$NODE_PORT" \
	    --allow 127.0.0.1 --socket "$NODE_DIR/sock" \
	    --pid-file "$NODE_DIR/pid" $LISTEN >out 2>err 3>&- </dev/null
	NODE_PID=$(cat "$NODE_DIR/pid")
	cat err
}

@test "the starting command says compilers, versions and DISTCC_HOSTS" {
	LISTEN='--listen 127.0.0.1' no_log env
	node_answers
	grep -E '^immured: .*\<gcc .*: gcc \(.*\) [0-9.]+, target [^ ]+-linux-gnu,' err
	grep -F "DISTCC_HOSTS=\"127.0.0.1:$NODE_PORT/2,lzo\"" err
	# names that are scripts, too
	[ ! -e /usr/bin/c99 ] || grep -E '^immured: .*\<c99\>.*: gcc ' err
}

# by_name HOSTS-FILE: a machine "far" of its own with two addresses, and that
# for its /etc/hosts.
by_name() {
	echo "$1" >"$BATS_TEST_TMPDIR/hosts"
	echo /usr/bin/gcc >"$BATS_TEST_TMPDIR/list" # a short start
	LISTEN='' DISTCC_CMDLIST=$BATS_TEST_TMPDIR/list no_log unshare -n -u -m --propagation private sh -c '
	    mount --bind ../hosts /etc/hosts && hostname far && ip link set lo up &&
	    ip address add 192.0.2.7/32 dev lo &&
	    ip address add 2001:db8::7/128 dev lo && exec "$@"' -
	kill "$NODE_PID"
}

@test "DISTCC_HOSTS has the host name only if that is an address of ours" {
	by_name '192.0.2.7 far'
	grep -F "DISTCC_HOSTS=\"far:$NODE_PORT/2,lzo\"" err
	for hosts in '127.0.1.1 far' '192.0.2.8 far'; do
		by_name "$hosts"
		grep -F "DISTCC_HOSTS=\"192.0.2.7:$NODE_PORT/2,lzo\"" err
	done
	by_name '2001:db8::7 far'
	grep -F "DISTCC_HOSTS=\"far:$NODE_PORT/2,lzo\"" err
}

@test "whoever starts it has closed its standard descriptors" {
	started_by 'os.closerange(0, 100)'
	node_answers
	for fd in 0 1 2; do
		case $(readlink "/proc/$NODE_PID/fd/$fd") in
		/dev/null | "$NODE_LOG") ;;
		*) ls -l "/proc/$NODE_PID/fd"; false ;;
		esac
	done
}

@test "whoever starts it ignores SIGCHLD" {
	started_by 'signal.signal(signal.SIGCHLD, signal.SIG_IGN)'
	node_answers
	kill -KILL "$(pgrep -P "$NODE_PID" immure-front | head -n 1)"
	eventually grep 'role.died: front' "$NODE_LOG"
}

@test "names of files do not reach the starter's terminal as they are" {
	printf '/opt/\033[31mred\nx/gcc\n' >list
	DISTCC_CMDLIST=$PWD/list run timeout 60 "$DAEMON" --no-detach \
	    --port "$(free_port)" --listen 127.0.0.1 --log-file "$PWD/log" \
	    --socket "$PWD/sock"
	[ "$status" = 110 ]
	[[ "$output" == *'DISTCC_CMDLIST: /opt/?[31mred is not served'* ]]
	[[ "$output" != *$'\033'* ]]
}

# By an imager that says over and over that the host's files have changed.
@test "no role can fill the log through the monitor" {
	cp -r "${DAEMON%/*}/libexec" "$DAEMON" .
	cc -D_GNU_SOURCE -I"$NODE_TREE" -o libexec/immure-imager -xc - -xnone \
	    "$NODE_TREE/node/common/message.c" "$NODE_TREE/node/common/fd.c" \
	    <<-'END'
	#include <node/common/imsg.h>
	#include <node/common/message.h>
	#include <unistd.h>

	int
	main(void)
	{
		(void)msg_send(3, IMSG_READY, 0, NULL, 0, NULL, 0);
		for (;;)
			if (msg_send(3, IMSG_IMAGE_STALE, 0, NULL, 0, NULL, 0))
				(void)usleep(1000);
	}
	END
	timeout 60 ./immured --no-detach --port "$(free_port)" \
	    --listen 127.0.0.1 --log-file "$PWD/log" --socket "$PWD/sock" \
	    >out 2>&1 3>&- &
	eventually grep image.stale log
	sleep 4
	kill $!
	wait $! || :
	[ "$(wc -l <log)" -lt 100 ]
}

@test "SIGHUP as soon as there is a pid file does not end the node" {
	python3 - "$DAEMON" "$(free_port)" <<-'END'
	import os, signal, subprocess, sys, time
	program, port = sys.argv[1:]
	def number():
	    try:
	        with open("pid") as f:
	            return f.read()
	    except FileNotFoundError:
	        return ""
	for _ in range(10):
	    p = subprocess.Popen([program, "--no-detach", "--port", port,
	        "--listen", "127.0.0.1", "--log-file", "log", "--socket",
	        "sock", "--pid-file", "pid"], stdin=subprocess.DEVNULL)
	    while not number():
	        assert p.poll() is None
	    p.send_signal(signal.SIGHUP)
	    time.sleep(0.2)
	    assert p.poll() is None, p.returncode
	    p.terminate()
	    assert p.wait(10) == 0
	    # SIGTERM leaves nothing, whenever it comes
	    assert not number() and not os.path.exists("sock")
	END
}

@test "two hundred slots begin at once" {
	node_start --jobs 200
	client 1 distcc gcc -c x.c
	until grep -q node.hosts "$NODE_LOG"; do sleep 0.1; done
	node_stop
	[ "$(grep -c 'role\.died' "$NODE_LOG" || :)" = 0 ]
}
