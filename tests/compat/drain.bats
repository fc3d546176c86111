#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM: running jobs have --drain seconds, then nothing is left; and
# --lifetime.  Needs root and the stock client.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "distccd drops its jobs"
	NODE_PID=
	cd "$BATS_TEST_TMPDIR"
	# Some seconds of compiling.
	python3 - >slow.c <<-'END'
	print("long f(long *a, long x)\n{")
	for n in range(6000):
	    print("if (a[%d] > x) x ^= a[x & %d] * %d; else x += %d;" %
	          (n % 977, n % 1023, n * 7 + 1, n))
	print("return x;\n}")
	END
}

teardown() {
	node_stop || :
	rm -rf "${NODE_DIR-}"
}

# job_start [OPTION...]: compile slow.c in the background, until it runs.
job_start() {
	client 1 distcc gcc "$@" -c slow.c -o slow.o >out 2>&1 3>&- &
	JOB=$!
	eventually compiles
}
compiles() {
	ps -o comm= -p "$(node_processes | paste -sd,)" | grep -qx cc1
}

# left PID...: those of them that are still there
left() {
	local p left=
	for p; do
		case $(ps -o stat= -p "$p") in
		'' | Z*) ;;
		*) left="$left $p" ;;
		esac
	done
	echo "left:$left"
	[ -z "$left" ]
}

# The node ends, with all of its processes, and status 0.  (Half a minute: the
# --drain of those that must not wait for it is twice that.)
ended() {
	# shellcheck disable=SC2086 # pids
	eventually left $NODES
	status=0
	wait "$NODE_PID" || status=$?
	NODE_PID=
	[ "$status" = 0 ]
}

# SIGTERM; $took is how many milliseconds later no process of $NODES is left, a
# zombie not counted.  What else the machine does is not to be measured: they
# go before it, and so does who watches them.
term_and_watch() {
	local p rank='nice -n -19'
	# shellcheck disable=SC2086 # pids
	renice -n -19 -p $NODES >renice.out 2>&1 || : # cells come and go
	# That counts within a session alone (sched(7), autogroup).
	if chrt -f 1 true; then
		rank='chrt -f 1'
		for p in $NODES; do
			case $(ps -o comm= -p "$p") in
			immure*) chrt -f -p 1 "$p" || : ;;
			esac
		done
	fi
	# shellcheck disable=SC2086 # words, pids
	took=$($rank python3 - "$NODE_PID" $NODES <<-'END'
	import os, signal, sys, time
	def alive(pid):
	    try:
	        with open(f"/proc/{pid}/stat") as f:
	            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
	    except (FileNotFoundError, ProcessLookupError):
	        return False
	left = sys.argv[2:]
	began = time.monotonic()
	os.kill(int(sys.argv[1]), signal.SIGTERM)
	while left and time.monotonic() < began + 20:
	    time.sleep(0.01)
	    left = [p for p in left if alive(p)]
	print(int((time.monotonic() - began) * 1000))
	sys.exit(bool(left))
	END
	)
}

# Does nobody listen there any more?
closed() {
	! python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$NODE_PORT"
}

for_signal() {
	node_start --jobs 2 --drain 60
	job_start -O1
	NODES=$(node_processes)
	kill "-$1" "$NODE_PID"
	eventually closed # nothing new
	kill -0 $JOB # not because all is over
	wait $JOB || { cat out; false; }
	[ -s slow.o ]
	ended
	grep -q 'node.drain' "$NODE_LOG"
	grep -q 'COMPILE_OK.* slow\.c' "$NODE_LOG"
}

@test "a job that runs at SIGTERM is answered; the node ends after it" {
	for_signal TERM
}

@test "a connection that comes with SIGTERM, in one round of events" {
	node_start --jobs 2 --drain 60
	job_start -O1
	NODES=$(node_processes)
	kill -STOP "$NODE_PID"
	kill -TERM "$NODE_PID"
	python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$NODE_PORT"
	kill -CONT "$NODE_PID"
	eventually closed
	kill -0 $JOB
	# A listening socket that is closed by then was taken for a role: what
	# stood beyond it was read from, and closed.
	[ -e "/proc/$NODE_PID/fd/0" ]
	wait $JOB || { cat out; false; }
	ended
}

@test "SIGINT is the same" {
	for_signal INT
}

# killed SECONDS: a node with that for --drain is gone no sooner, and within a
# second of it, the bound that immured(8) names.  A machine that is busy with
# other things may miss that; it gets three tries, and one has to be in time.
killed() {
	for _ in 1 2 3; do
		node_start --jobs 2 --drain "$1"
		job_start -O3
		NODES=$(node_processes)
		term_and_watch
		echo "$took ms"
		status=0
		wait $JOB || status=$? # the client sees a close
		[ "$status" != 0 ]
		ended
		[ "$took" -ge $(($1 * 1000)) ]
		grep -q 'OTHER .* slow\.c reason:node\.stop' "$NODE_LOG"
		node_jobs | grep -q slow.c
		[ "$took" -ge $(($1 * 1000 + 1000)) ] || return 0
		rm -rf "$NODE_DIR"
	done
	echo "never in time"
	return 1
}

@test "after --drain the job is killed, and nothing left a second later" {
	killed 1
}

@test "--drain 0: at once" {
	killed 0
}

@test "a second SIGTERM kills at once" {
	node_start --jobs 2 --drain 60
	job_start -O3
	NODES=$(node_processes)
	kill -TERM "$NODE_PID"
	sleep 0.5
	kill -0 "$NODE_PID"
	kill -TERM "$NODE_PID"
	ended
	status=0
	wait $JOB || status=$? # it was not waited for
	[ "$status" != 0 ]
	grep -q 'OTHER .* slow\.c reason:node\.stop' "$NODE_LOG"
}

@test "connections without a whole request and jobs without a slot do not count" {
	node_start --jobs 1 --drain 60
	job_start -O1
	client 1 distcc gcc -c slow.c -o second.o >out2 2>&1 3>&- &
	second=$!
	python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(b"DIST00000001ARGC")
print("open", flush=True)
s.settimeout(30)
print(len(s.recv(1)))' "$NODE_PORT" >half 3>&- &
	half=$!
	eventually grep open half
	sleep 0.5 # the node has it too
	NODES=$(node_processes)
	kill -TERM "$NODE_PID"
	wait $half
	grep '^0' half
	status=0
	wait $second || status=$?
	[ "$status" != 0 ]
	kill -0 $JOB
	wait $JOB
	ended
	grep 'node.drain' "$NODE_LOG" | grep -q slow.c
}

# One of three tries has to be in time, as above.
@test "--lifetime: the node ends by itself, status 0" {
	for _ in 1 2 3; do
		NODE_DIR=$(mktemp -d)
		NODE_PORT=$(free_port)
		began=$(date +%s)
		timeout 60 "$DAEMON" --no-detach --port "$NODE_PORT" \
		    --listen 127.0.0.1 --log-file "$NODE_DIR/log" --jobs 1 \
		    --lifetime 6 </dev/null 3>&-
		took=$(($(date +%s) - began))
		echo "$took s"
		[ "$took" -ge 5 ]
		grep -q node.lifetime "$NODE_DIR/log"
		[ "$took" -gt 9 ] || return 0
		rm -rf "$NODE_DIR"
	done
	echo "never in time"
	return 1
}
