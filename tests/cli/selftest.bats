#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# immure selftest: a whole node keeps its promises, one that lacks layers does
# not, and nobody else can have the test program run.  Needs root, the stock
# client, jq, python3 and the compiler.

bats_require_minimum_version 1.5.0

setup() {
	[ "$(id -u)" = 0 ] || skip "starts nodes of root and of another user"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	B=$(cd "${B:-build}" && pwd)
	PATH=$B:$PATH
	SOCKETS=$(mktemp -d /tmp/immure-selftest.XXXXXX)
	chmod 755 "$SOCKETS"
	S=$SOCKETS/job
}

teardown() {
	node_stop
	rm -rf "$SOCKETS" "${NODE_DIR:-/nonexistent}"
}

# The program by its name, from the network, the job socket and a relay.
by_network() {
	python3 - "$NODE_PORT" "$S" <<-'PYTHON'
	import socket, sys
	words = [b'immure-selftest', b'-c', b'a.i', b'-o', b'a.o']
	job = b'DIST00000001ARGC%08x' % len(words) + b''.join(
	    b'ARGV%08x%s' % (len(w), w) for w in words)
	job += b'DOTI%08x%s' % (9, b'own-file\n')
	tcp = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
	unix = socket.socket(socket.AF_UNIX)
	unix.connect(sys.argv[2])
	for s in tcp, unix:
	    s.sendall(job)
	    answer = b''
	    while True:
	        more = s.recv(65536)
	        if not more:
	            break
	        answer += more
	    # exit status 110, and what distccd says of a program it has not
	    assert answer.startswith(b'DONE00000001STAT00006e00'), answer[:40]
	    assert b'failed to exec immure-selftest' in answer, answer
	PYTHON
}

# What cells of the node's own slots may see of images has not the program.
in_no_image() {
	local pid seen=0
	for pid in $(node_processes); do
		[ -e "/proc/$pid/root/.immure/.stage/launch" ] || continue
		! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q selftest ||
			continue
		[ ! -e "/proc/$pid/root/.immure/.stage/selftest" ]
		seen=$((seen + 1))
	done
	[ "$seen" -gt 0 ]
}

marked() {
	[ "$(jq -r 'select(.type == "job" and .selftest) | .compiler' \
	    "$NODE_AUDIT" | sort -u | tr '\n' ' ')" = \
	    "immure-selftest immure-selftest-other " ]
}

@test "root's node keeps its promises; each job is on record, and marked" {
	node_start --jobs 2 --socket "$S"
	run -0 --separate-stderr immure selftest --socket "$S"
	echo "$output"
	for n in $(seq 8); do
		[[ $output == *"ok       promise $n: "* ]]
	done
	[[ $output == *"ok       compile: "* ]]
	[ -z "$stderr" ] # no terminal: no progress
	eventually marked
	sleep 0.5 # for one that is not
	# its own jobs, the honest one beside them, and lsdistcc's
	[ "$(jq -r 'select(.type == "job" and (.selftest | not)) |
	    .compiler' "$NODE_AUDIT" | grep -c immure)" = 0 ]
	# No alarm is without the mark.
	[ "$(jq -r 'select(.type == "event" and (.word |
	    test("violation|rebuild|protocol|died"))) | .text' "$NODE_AUDIT" |
	    grep -vc '^selftest: ')" = 0 ]
	# And whoever ran it is slowed by nothing: the next job is at once.
	echo 'int f(void) { return 1; }' >"$NODE_DIR/f.c"
	node_mark
	(cd "$NODE_DIR" && client 1 distcc gcc -c f.c -o f.o)
	[ "$(node_since 1 | cut -f1)" = COMPILE_OK ]
}

@test "an ordinary user's node keeps them too, and answers no stranger" {
	NODE_USER=12345 node_start --jobs 1
	S=$NODE_DIR/immure/job.sock
	run -0 as_user 12345 "$B/immure" selftest --json --socket "$S"
	[ "$(jq -r '[.verdicts[] | select(.state == "ok")] | length' \
	    <<<"$output")" = 9 ]
	[ "$(jq -r '.seconds < 60' <<<"$output")" = true ]
	run -2 as_user 12346 "$B/immure" selftest --socket "$S"
	[[ $output == *"for the user alone who started it"* ]]
	run -2 immure selftest --socket "$SOCKETS/none"
	[[ $output == *"does not run"* ]]
}

nothing_of_it() {
	! pgrep -P "$NODE_PID" -f 'slot 1024' &&
	    [ "$(grep -c /image/ "/proc/$NODE_PID/mountinfo")" = 1 ]
}

@test "nobody but the control socket has the program run; one at a time" {
	local job
	node_start --jobs 1 --socket "$S"
	by_network # when there is none
	in_no_image
	for _ in 1 2 3; do
		immure selftest --socket "$S" >"$SOCKETS/out" 3>&- &
		job=$!
		eventually pgrep -P "$NODE_PID" -f 'slot 1024'
		by_network
		run immure selftest --socket "$S"
		kill -0 "$job" && break # it was under way all the while
		wait "$job"
	done
	[ "$status" = 2 ]
	[[ $output == *"another selftest is under way"* ]]
	# Its end, whatever it was, leaves nothing of it.
	kill -KILL "$job"
	wait "$job" || :
	# nor the file that a job must not read, which only this end leaves
	find /tmp -maxdepth 1 -type f -name 'immure-selftest.*' \
	    -newer "$NODE_DIR/out" -delete
	eventually nothing_of_it
	run ! grep -q 'role.died' "$NODE_LOG"
	immure ping --socket "$S"
}

@test "layers that are taken out are noticed, each by its promise" {
	run -0 timeout 400 tests/cli/selftest_notices.py --together \
	    root.proc landlock tmpfs.noexec filter.socket \
	    rlimits filter.roles caps.monitor
	echo "$output"
	[[ $output == *"status 1"* ]]
	for n in 1 2 3 4 5 6 7; do
		[[ $output == *"promise $n broken"* ]]
	done
}
