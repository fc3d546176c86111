#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of every role at random moments under load, SIGTERM and SIGKILL of
# the node itself.  SEED=N repeats a run's choices.  Needs root and python3.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	mounts_here >"$BATS_TEST_TMPDIR/mounts"
}

teardown() {
	node_stop
}

# Its cgroups are gone: when it stops, or, killed, when the next one starts.
no_group_left() { # pid
	local place
	place=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	[ -z "$place" ] ||
	    [ -z "$(find "$place" -name "immure.$1" -print -quit)" ]
}

# Nothing of a node that has ended: listener, mounts.  (node_stop and kill.py
# look after its processes.)
nothing_left() {
	! python3 -c "import socket, sys
socket.create_connection((\"127.0.0.1\", int(sys.argv[1])), 2)" \
	    "$NODE_PORT" 2>/dev/null || return 1
	diff "$BATS_TEST_TMPDIR/mounts" <(mounts_here)
	# the unix socket of a node that was killed is the next one's to take
	[ -z "$(find /run/immure -mindepth 1 ! -name 'job.sock*' \
	    2>/dev/null)" ]
}

@test "200 kills of its processes leave the node as it was" {
	node_start --jobs 4
	pid=$NODE_PID
	timeout 600 python3 tests/escape/kill.py "$NODE_PORT" "$NODE_PID" 200
	node_stop
	nothing_left
	no_group_left "$pid"
}

@test "… nor do 100 those of an ordinary user's node" {
	NODE_USER=12345 node_start --jobs 4
	timeout 600 python3 tests/escape/kill.py "$NODE_PORT" "$NODE_PID" 100
	node_stop
	nothing_left
}

@test "SIGKILL of the monitor leaves nothing, and the next node starts" {
	node_start --jobs 2
	pid=$NODE_PID
	timeout 200 python3 tests/escape/kill.py --monitor "$NODE_PORT" \
	    "$NODE_PID"
	nothing_left
	node_start --jobs 2
	no_group_left "$pid"
}

@test "… of an ordinary user's too" {
	NODE_USER=12345 node_start --jobs 2
	timeout 200 python3 tests/escape/kill.py --monitor "$NODE_PORT" \
	    "$NODE_PID"
	nothing_left
}
