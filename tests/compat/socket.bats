#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The unix socket of a node: who may connect, whose jobs they are, what is left
# behind; and nodes that are started because a job came (immured --inetd).
# Needs root and python3.

setup_file() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export NODE_TREE
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "starts programs as other users"
	ROOM=$(mktemp -d /tmp/immure-socket.XXXXXX)
	chmod 711 "$ROOM"
	mkdir -m 711 "$ROOM/run"
	# What another user may execute: a tree can lie where only root looks.
	mkdir -m 755 "$ROOM/programs"
	cp "$NODE_TREE/${B:-build}/immured" "$ROOM/programs"
	cp -r "$NODE_TREE/${B:-build}/libexec" "$ROOM/programs"
	SOCKET=$ROOM/run/job.sock
	# Two users whom nobody else is meanwhile.
	ONE=$(free_uid 20000) TWO=$((ONE + 1))
	export ROOM SOCKET ONE TWO
	node_start --jobs 2 --socket "$SOCKET" --socket-group daemon
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	status=0
	node_stop || status=$?
	# those that a test which has failed left behind
	pgrep -f -- "--socket $ROOM/" | xargs -r kill -KILL
	rm -rf "${NODE_DIR:?}" "${ROOM:?}"
	return $status
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# as UID GROUP COMMAND...
as() {
	setpriv --reuid "$1" --regid "$1" --groups "$2" \
	    env -u XDG_RUNTIME_DIR HOME=/ "${@:3}"
}

# jobs N COMMAND...: all of them answered, with success
jobs_done() {
	run "$NODE_TREE/tests/lib/inetd_job" -n "$@"
	echo "$output"
	[ "${#lines[@]}" = "$1" ]
	for line in "${lines[@]}"; do
		[[ "$line" == "0 00000000 "* ]]
	done
}

clients() {
	jq -r 'select(.type == "job") | .client' "$1"
}

knock() { # a connection, no more
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
except OSError as e:
    sys.exit(e.errno)' "$1"
}

@test "root and the group may connect, and nobody else" {
	[ "$(stat -c '%a %U %G' "$SOCKET")" = "660 root daemon" ]
	[ "$(stat -c '%a' "$SOCKET.lock")" = 600 ]
	group=$(getent group daemon | cut -d: -f3)
	export -f knock
	run as "$ONE" "$ONE" bash -c "knock $SOCKET"
	[ "$status" = 13 ]
	run as "$ONE" "$group" bash -c "knock $SOCKET"
	[ "$status" = 0 ]
}

@test "a job goes to the node that is there, in its user's name" {
	group=$(getent group daemon | cut -d: -f3)
	node_mark
	jobs_done 1 "$ROOM/programs/immured" --inetd --socket "$SOCKET"
	jobs_done 1 setpriv --reuid "$ONE" --regid "$ONE" --groups "$group" \
	    "$ROOM/programs/immured" --socket "$SOCKET" --inetd \
	    --enable-tcp-insecure
	node_since 2 >/dev/null
	[ "$(clients "$NODE_AUDIT" | tail -n 2 | xargs)" = \
	    "unix:0 unix:$ONE" ]
	grep -q "client: unix:$ONE COMPILE_OK" "$NODE_LOG"
}

# stdin and stdout as pipes; a socket as stdin without --inetd, as distccd.
@test "stdin may be a pipe, or alone say what is meant" {
	python3 - "$ROOM/programs/immured" "$SOCKET" \
	    "$NODE_TREE/tests/lib/inetd_job" <<-'END'
	import runpy, socket, subprocess, sys
	program, sock, jobs = sys.argv[1:]
	sys.argv = [jobs, "true"]
	job = runpy.run_path(jobs)
	p = subprocess.Popen([program, "--inetd", "--socket", sock],
	    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
	p.stdin.write(job["request"])
	p.stdin.flush()
	reply = p.stdout.read()
	assert reply.startswith(b"DONE00000001STAT00000000"), reply
	assert p.wait() == 0
	# a question is answered, wherever it comes from
	ours, its = socket.socketpair()
	for words in (["--version"], ["--inetd", "--version"]):
	    r = subprocess.run([program, *words], stdin=its, timeout=60,
	        stdout=subprocess.PIPE)
	    assert b"protocols 1, 2 and 3" in r.stdout, r.stdout
	END
	jobs_done 1 "$ROOM/programs/immured" --socket "$SOCKET"
}

# As inetd(8) starts it: the connection is 0, 1 and 2.  distccd ends with 113 and
# says nothing to a stranger.
@test "a client by TCP must be one that --allow names, as with distccd" {
	python3 - "$ROOM/programs/immured" "$SOCKET" \
	    "$NODE_TREE/tests/lib/inetd_job" <<-'END'
	import runpy, socket, subprocess, sys
	program, sock, jobs = sys.argv[1:]
	sys.argv = [jobs, "true"]
	request = runpy.run_path(jobs)["request"]
	def ask(*words):
	    with socket.create_server(("127.0.0.1", 0)) as l:
	        ours = socket.create_connection(l.getsockname(), 10)
	        theirs, _ = l.accept()
	    p = subprocess.Popen([program, *words], stdin=theirs,
	                         stdout=theirs, stderr=theirs)
	    theirs.close()
	    reply = b""
	    try:
	        ours.sendall(request)
	        while part := ours.recv(65536):
	            reply += part
	    except ConnectionError:
	        pass
	    return p.wait(), reply
	for words in ([], ["--inetd"], ["--inetd", "--allow", "127.0.0.0/8"]):
	    status, reply = ask("--socket", sock, *words)
	    assert status == 0 and reply.startswith(b"DONE"), (words, reply)
	for words in (["--inetd", "--allow", "192.0.2.1"], ["-a", "::/0"]):
	    assert ask("--socket", sock, *words) == (113, b""), words
	# nor what is wrong with the node
	assert ask("--inetd", "--socket", "/nonexistent/s") == (100, b"")
	END
}

# From Linux 6.16 the kernel refuses them (SO_PASSRIGHTS); before, the front
# takes the bytes and the kernel closes what came with them.
@test "no descriptor can be sent to a front" {
	python3 - "$SOCKET" <<-'END'
	import os, select, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	r, w = os.pipe()
	refused = False
	try:
	    socket.send_fds(s, [b"DIST00000001"], [w])
	except PermissionError:
	    refused = True
	kernel = tuple(map(int, os.uname().release.split(".")[:2]))
	print("refused" if refused else "sent", "on Linux", *kernel)
	if kernel >= (6, 16) and not refused:
	    sys.exit("it went through")
	os.close(w)
	if not select.select([r], [], [], 60)[0]:
	    sys.exit("the node keeps it")
	END
}

@test "a byte out of band ends its connection, it keeps no front busy" {
	python3 - "$SOCKET" <<-'END'
	import select, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	try:
	    s.send(b"x", socket.MSG_OOB)
	except OSError as e:
	    print("this kernel has none on unix sockets:", e)
	    sys.exit(0)
	if not select.select([s], [], [], 60)[0]:
	    sys.exit("the node keeps it")
	try:
	    if s.recv(1) != b"":
	        sys.exit("an answer")
	except ConnectionResetError:
	    pass # its byte was never read
	END
}

@test "a place that is taken, or no socket, ends the start with the reason" {
	run "$ROOM/programs/immured" --no-detach --no-tcp --socket "$SOCKET" \
	    --log-stderr
	[ "$status" = 102 ]
	[[ "$output" == *"$SOCKET"*"another node serves there"* ]]
	status=0
	# nor is a socket taken away from a program that knows of no lock
	python3 -c 'import socket, subprocess, sys
with socket.socket(socket.AF_UNIX) as s:
    s.bind(sys.argv[2])
    s.listen()
    sys.exit(subprocess.run([*sys.argv[1:2], "--no-detach", "--no-tcp",
        "--log-stderr", "--lifetime", "1", "--socket", sys.argv[2]]).returncode)
' "$ROOM/programs/immured" "$ROOM/run/other" || status=$?
	[ "$status" = 102 ]
	[ -S "$ROOM/run/other" ]
	# what is not a socket is never removed
	echo precious >"$ROOM/run/file"
	run "$ROOM/programs/immured" --no-detach --no-tcp --log-stderr \
	    --socket "$ROOM/run/file"
	[ "$status" = 102 ]
	[[ "$output" == *"not a socket"* ]]
	[ "$(cat "$ROOM/run/file")" = precious ]
	run "$ROOM/programs/immured" --no-detach --socket "$ROOM/run/x" \
	    --no-tcp --socket-group no-such-group --log-stderr
	[ "$status" = 102 ]
	[[ "$output" == *"no group no-such-group"* ]]
	[ ! -e "$ROOM/run/x" ]
}

# own_pids DIR: of the node whose socket lies there
own_pids() { pgrep -f -- "--socket $1/job.sock "; }

wait_until_gone() {
	eventually is_gone "$1"
}
is_gone() { [ -z "$(own_pids "$1")" ]; }

# on_demand UID: its first twenty jobs start one node, the next find it.
on_demand() {
	place=$ROOM/own.$1
	mkdir -m 700 "$place"
	chown "$1" "$place"
	user="setpriv --reuid $1 --regid $1 --clear-groups env HOME=/ \
	    XDG_RUNTIME_DIR=$place"
	# shellcheck disable=SC2086
	jobs_done 20 $user "$ROOM/programs/immured" --inetd \
	    --socket "$place/job.sock"
	own_pids "$place" >pids
	[ "$(wc -l <pids)" = 1 ]
	[ "$(cat "$place/job.sock.pid")" = "$(cat pids)" ]
	# of the login's environment it has what it needs
	tr '\0' '\n' <"/proc/$(cat pids)/environ" | cut -d= -f1 | sort >names
	[ "$(xargs <names)" = "HOME PATH XDG_RUNTIME_DIR" ]
	# nothing of it holds what ssh would wait for: jobs_done has ended
	# shellcheck disable=SC2086
	jobs_done 1 $user "$ROOM/programs/immured" --inetd \
	    --socket "$place/job.sock"
	[ "$(echo "$output" | cut -d' ' -f3)" -lt 20000 ]
	[ "$(own_pids "$place")" = "$(cat pids)" ]
	[ "$(grep -c "client: unix:$1 COMPILE_OK" "$place/job.sock.log")" = 21 ]
	[ "$(stat -c %a "$place/job.sock")" = 600 ]
	grep -q "no job" "$place/job.sock.log" && return 1
	# its socket gone, it has no use
	rm "$place/job.sock"
	wait_until_gone "$place"
}

@test "no node: one is started, as root" { on_demand 0; }

@test "no node: one is started where root's is when nothing else was said" {
	mkdir -p /run/immure
	# a /run/immure of its own
	run unshare -m sh -c '
		mount -t tmpfs over /run/immure
		"$@"
		cd /run/immure/root
		grep -c COMPILE_OK job.sock.log
		rm job.sock
		for i in $(seq 300); do
			[ -e job.sock.lock ] || exit 0
			sleep 0.1
		done' - "$NODE_TREE/tests/lib/inetd_job" -n 3 \
	    "$ROOM/programs/immured" --inetd
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^0 00000000 ' <<<"$output")" = 3 ]
	[ "${lines[-1]}" = 3 ]
}

@test "no node: one is started, as an ordinary user" {
	setpriv --reuid "$ONE" --regid "$ONE" --clear-groups unshare -U true ||
	    skip "ordinary users get no user namespace here"
	on_demand "$ONE"
	# also where a stranger has taken its name below /tmp: in HOME then
	[ ! -e "/tmp/immure-$ONE" ]
	mkdir -m 777 "/tmp/immure-$ONE"
	home=$ROOM/home
	mkdir -m 755 "$home"
	chown "$ONE" "$home"
	run setpriv --reuid "$ONE" --regid "$ONE" --clear-groups env \
	    -u XDG_RUNTIME_DIR HOME="$home" "$NODE_TREE/tests/lib/inetd_job" \
	    "$ROOM/programs/immured" --inetd
	rmdir "/tmp/immure-$ONE"
	echo "$output"
	[[ "${lines[-1]}" == "0 00000000 "* ]]
	[ "$(stat -c '%a %u' "$home/.immure")" = "700 $ONE" ]
	rm "$home/.immure/job.sock"
	wait_until_gone "$home/.immure"
}

@test "a node that was killed leaves a socket, which the next one replaces" {
	place=$ROOM/killed
	mkdir -m 700 "$place"
	jobs_done 1 "$ROOM/programs/immured" --inetd --socket "$place/job.sock"
	kill -KILL "$(own_pids "$place")"
	wait_until_gone "$place"
	[ -S "$place/job.sock" ]
	jobs_done 1 "$ROOM/programs/immured" --inetd --socket "$place/job.sock"
	kill "$(own_pids "$place")"
	wait_until_gone "$place"
	[ ! -e "$place/job.sock" ]
}

@test "one that cannot start says why" {
	place=$ROOM/bad
	mkdir -m 700 "$place"
	run "$NODE_TREE/tests/lib/inetd_job" "$ROOM/programs/immured" \
	    --inetd --socket /nonexistent/job.sock
	[[ "$output" == *"none can be started there"* ]]
	mkdir "$place/job.sock"
	run "$NODE_TREE/tests/lib/inetd_job" "$ROOM/programs/immured" \
	    --inetd --socket "$place/job.sock"
	[[ "$output" == *"not a socket"* ]]
	[[ "${lines[-1]}" == "102 - "* ]]
}

@test "a place below /tmp that is somebody else's is not used" {
	place=/tmp/immure-$TWO
	[ ! -e "$place" ]
	mkdir -m 777 "$place"
	run as "$TWO" "$TWO" "$NODE_TREE/tests/lib/inetd_job" \
	    "$ROOM/programs/immured" --inetd
	rmdir "$place"
	[[ "$output" == *"$place cannot hold"*"not this user's alone"* ]]
	[[ "${lines[-1]}" == "103 - "* ]]
}
