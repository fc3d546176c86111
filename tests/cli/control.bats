#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The control socket of a running node and the commands that use it.  Needs
# root, the stock client, jq and python3.

bats_require_minimum_version 1.5.0

setup() {
	[ "$(id -u)" = 0 ] || skip "starts nodes of root and of another user"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	B=$(cd "${B:-build}" && pwd)
	PATH=$B:$PATH
	# A path of at most 107 bytes.
	SOCKETS=$(mktemp -d /tmp/immure-control.XXXXXX)
	chmod 755 "$SOCKETS"
	S=$SOCKETS/job
}

teardown() {
	node_stop
	rm -rf "$SOCKETS" "${NODE_DIR:-/nonexistent}"
}

# N connections that are held, each having sent @2 (as hex), while the command
# runs; says how many of them the node had closed in the end, or, when that is
# not all of them, $WAIT seconds later.
with_connections() { # count hex command...
	python3 - "$S.control" "$@" <<-'PYTHON'
	import os, socket, subprocess, sys, time
	path, count, text = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
	held = []
	for _ in range(count):
	    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	    s.connect(path)
	    if text:
	        try:
	            s.send(text)
	        except BrokenPipeError:
	            pass
	    held.append(s)
	status = subprocess.call(sys.argv[4:])
	def is_closed(s):
	    s.setblocking(False)
	    try:
	        return s.recv(4096) == b''
	    except BlockingIOError:
	        return False
	    except ConnectionError:
	        return True
	end = time.monotonic() + int(os.environ.get('WAIT', 0))
	while True:
	    held = [s for s in held if not is_closed(s)]
	    if not held or time.monotonic() > end:
	        break
	    time.sleep(0.05)
	print('closed', count - len(held))
	sys.exit(status)
	PYTHON
}

# logged PATTERN: the log has it, or soon will.
logged() {
	eventually grep "$1" "$NODE_LOG"
}

one_job() {
	echo 'int f(void) { return 1; }' >"$NODE_DIR/f.c"
	(cd "$NODE_DIR" && client 1 distcc gcc -c f.c -o f.o)
}

@test "ping, check, reload and drain of root's node" {
	node_start --jobs 2 --socket "$S"
	[ "$(stat -c '%a %u' "$S.control")" = "600 0" ]
	run -0 immure ping --socket "$S"
	[ "$output" = "$S: pid $NODE_PID, serving" ]
	run -0 immure check --node --socket "$S"
	[[ $output == *"slots             2 of 2"* ]]
	run -0 immure check --node --json --socket "$S"
	[ "$(jq -r '.pid, .state, .mode, .port, (.layers | length > 20)' \
	    <<<"$output" | tr '\n' ' ')" = \
	    "$NODE_PID serving root $NODE_PORT true " ]
	run -0 immure reload --socket "$S"
	logged 'control.asked: reload, asked for .* by pid'
	logged settings.loaded
	run -0 immure drain --socket "$S"
	[ "${lines[1]}" = "$S: has ended" ]
	[ ! -e "$S.control" ]
	run -2 immure ping --socket "$S"
	[[ $output == *"does not run"* ]]
}

at_a_front() { ss -Htnp "sport = :$NODE_PORT" | grep immure-front; }

@test "reload says what is wrong, and drain waits for the last job" {
	local job
	echo 'jobs = 2' >"$SOCKETS/conf"
	node_start --config "$SOCKETS/conf" --drain 60 --socket "$S"
	echo 'jobs = many' >"$SOCKETS/conf"
	run -1 immure reload --socket "$S"
	[[ $output == *jobs*"settings stay as they were"* ]]
	# A connection that is open: drain does not end before it has.
	# shellcheck disable=SC2016 # the other shell's
	python3 -c 'import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.send(b"DIST00000001")
time.sleep(100)' "$NODE_PORT" 3>&- &
	job=$!
	eventually at_a_front
	run -0 timeout 60 immure drain --socket "$S"
	[ "${lines[0]}" = "$S: takes nothing new; 1 connections are open" ]
	kill "$job"
	wait "$job" || :
}

@test "an ordinary user's node answers that user alone" {
	NODE_USER=12345 node_start --jobs 1
	S=$NODE_DIR/immure/job.sock
	[ "$(stat -c '%a %u' "$S.control")" = "600 12345" ]
	XDG_RUNTIME_DIR=$NODE_DIR run -0 as_user 12345 "$B/immure" ping
	[ "$output" = "$S: pid $NODE_PID, serving" ]
	run -0 as_user 12345 "$B/immure" check --node --json --socket "$S"
	[ "$(jq -r .mode <<<"$output")" = user ]
	run -2 as_user 12346 "$B/immure" ping --socket "$S"
	[[ $output == *"another user's"* ]]
	# Root is not that user: the node's namespace does not know it.
	run -2 immure ping --socket "$S"
	logged control.denied
	run -0 as_user 12345 "$B/immure" drain --socket "$S"
}

stranger() { # by the file, and by the kernel's word behind it
	run -2 as_user 12345 "$B/immure" reload --socket "$S"
	[[ $output == *"for the user alone who started it"* ]]
	run ! grep -qE ' control\.(asked|denied)' "$NODE_LOG"
	chmod 666 "$S.control"
	run -2 as_user 12345 "$B/immure" reload --socket "$S"
	[[ $output == *"closed the connection"* ]]
	logged 'control.denied: .*client: unix:12345'
	run ! grep -q 'control\.asked' "$NODE_LOG"
	immure ping --socket "$S"
}

nonsense() { # is closed, and the node lives
	# Nothing; half a header; an unknown type; PING with a body; a length
	# that lies; an answer; DRAIN with a byte too many.
	for bytes in 00 0007000000 ff070000000000000000000000000000 \
	    00070000010000000000000000000000ff \
	    00070000ffffffff0000000000000000 \
	    01070000000000000000000000000000 \
	    04070000000000000000000000000000ff; do
		WAIT=30 run -0 with_connections 1 "$bytes" true
		[ "$output" = "closed 1" ]
	done
	immure ping --socket "$S"
	logged control.bad
	[ "$(grep -c control.bad "$NODE_LOG")" = 7 ]
	run ! grep -q node.drain "$NODE_LOG"
}

flood() { # of connections disturbs neither jobs nor its own user
	node_mark
	export -f one_job client
	export NODE_TREE S
	run -0 with_connections 500 "" bash -ec 'one_job; one_job
	    immure ping --socket "$S"'
	# The eight last ones are there still, or were until ping came.
	[[ $output == *serving* ]]
	[[ $output == *"closed 49"* ]]
	[ "$(node_since 2 | grep -c COMPILE_OK)" = 2 ]
	run ! grep -q role.died "$NODE_LOG"
}

@test "strangers, what is no request, a flood of connections" {
	node_start --jobs 1 --socket "$S"
	stranger
	chmod 600 "$S.control"
	nonsense
	flood
}
