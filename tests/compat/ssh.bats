#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The stock client over ssh (@host): a real sshd on loopback, a user who may do
# nothing but compile, and immured --inetd.  Needs root (users, the node),
# sshd, ssh, distcc and its pump.

NAME=immure-test-ssh

# What another user may execute: a tree can lie where only root can look.
copy_programs() {
	PROGRAMS=$SSHD_DIR/programs
	mkdir -m 755 "$PROGRAMS"
	cp "$NODE_TREE/${B:-build}/immured" "$PROGRAMS"
	cp -r "$NODE_TREE/${B:-build}/libexec" "$PROGRAMS"
	export PROGRAMS
}

setup_file() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export NODE_TREE
	. "$NODE_TREE/tests/lib/node.sh"
	. "$NODE_TREE/tests/lib/sshd.sh"
	[ "$(id -u)" = 0 ] || skip "makes a user, and a node in root mode"
	[ -n "$(sshd_path)" ] || skip "there is no sshd"
	PUMP_DIR=$("$NODE_TREE/tests/compat/build_pump" 2>&3) || PUMP_DIR=
	export PUMP_DIR
	ssh_user_gone $NAME || :
	ssh_user $NAME /bin/sh
	sshd_start
	copy_programs
	# Its group's name, because the socket's directory is the node's.
	mkdir -m 711 "$SSHD_DIR/run"
	SOCKET=$SSHD_DIR/run/job.sock
	export SOCKET
	node_start --jobs 4 --socket "$SOCKET" --socket-group $NAME
	# For whoever logs in it is the system's node, at the default socket.
	sshd_sees "$SSHD_DIR/run" /run/immure
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	. "$NODE_TREE/tests/lib/sshd.sh"
	status=0
	node_stop || status=$?
	sshd_stop
	# a node of its own, if a test has ended early
	pgrep -u $NAME | xargs -r kill -KILL 2>/dev/null || :
	ssh_user_gone $NAME || :
	rm -rf "${NODE_DIR:?}"
	return $status
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
	. "$NODE_TREE/tests/lib/sshd.sh"
	cd "$BATS_TEST_TMPDIR"
	ssh_allow $NAME "restrict,command=\"$PROGRAMS/immured --inetd --socket $SOCKET\""
	node_mark
}

teardown() {
	pump_stop
}

# remote PROTO COMPILER ARG...: recorded for same().
remote() {
	mkdir -p records
	RECORD_DIR=$PWD/records RECORD_CC=$2 ssh_client $NAME "$1" '' \
	    "$NODE_TREE/tests/lib/record_cc" "${@:3}" 2>err || {
		cat err
		return 1
	}
}

# same PROTO N: N jobs over the unix socket, each object as a local one.
same() {
	node_since "$2" >jobs.txt
	[ "$(wc -l <jobs.txt)" = "$2" ] || {
		cat jobs.txt
		return 1
	}
	[ "$(jq -r 'select(.type == "job") | .client' "$NODE_AUDIT" |
	    tail -n "$2" | sort -u)" = "unix:$SSH_UID" ]
	"$NODE_TREE/tests/lib/compare_objects" records "$1" >compared || :
	grep -q "^compared $2 identical $2 " compared || {
		cat compared
		return 1
	}
}

sources() {
	cat >hello.c <<-'END'
	#include <stdio.h>
	#include "own.h"
	int main(void) { return printf("%d\n", OWN) < 0; }
	END
	echo '#define OWN 7' >own.h
	cat >v.cc <<-'END'
	#include <map>
	#include <string>
	std::map<std::string, int> table;
	int count(const std::string &s) { return ++table[s]; }
	END
}

# compilers PROTO: gcc, g++ and clang, the same objects as here.
compilers() {
	sources
	remote "$1" gcc -O2 -g -c hello.c -o hello.o
	remote "$1" g++ -O2 -c v.cc -o v.o
	remote "$1" clang -O2 -c hello.c -o hello2.o
	same "$1" 3
}

@test "plain: gcc, g++ and clang give the local objects" { compilers 1; }

@test "lzo: gcc, g++ and clang give the local objects" { compilers 2; }

@test "pump: gcc, g++ and clang give the local objects" {
	[ -n "$PUMP_DIR" ] || skip "no pump"
	pump_start
	compilers 3
}

@test "a compile error is the compiler's, with its text" {
	echo 'int f(void) { return undeclared; }' >bad.c
	run ssh_client $NAME 1 '' distcc gcc -c bad.c -o bad.o
	[ "$status" = 1 ]
	[[ "$output" == *undeclared*"first use"* ]]
	[ ! -e bad.o ]
}

# What the account can do at all, to see that the tests below can fail.
@test "without restrictions the same key runs commands" {
	ssh_allow $NAME ''
	[ "$(ssh_as $NAME node id -u)" = "$SSH_UID" ]
}

@test "a forced command runs no other" {
	run ssh_as $NAME node id -u </dev/null
	[ "$status" = 108 ]
	[ -z "$output" ]
	run ssh_as $NAME node "sh -c 'touch $SSHD_DIR/run/x'" </dev/null
	[ "$status" = 108 ]
	run ssh_as $NAME node "immured --inetd --socket /no" </dev/null
	[ "$status" = 108 ]
	# sftp is a command too, and internal-sftp is not run either
	run sftp -F "$SSHD_DIR/client" -b /dev/null $NAME@node
	[ "$status" != 0 ]
}

listens() { ss -Hltn "sport = :$1" | grep -q .; }

@test "no terminal, no forwarded port, no agent" {
	run ssh_as $NAME -tt node </dev/null
	[[ "$output" == *"PTY allocation request failed"* ]]
	free=$(free_port)
	ssh -F "$SSHD_DIR/client" -l $NAME -N \
	    -L "127.0.0.1:$free:127.0.0.1:$NODE_PORT" node 3>&- &
	forward=$!
	eventually listens "$free"
	run lsdistcc -pgcc -r"$free" 127.0.0.1
	kill $forward
	[ -z "$output" ]
	grep -q 'refused local port forward' "$SSHD_DIR/log"
}

@test "options in any order, and unknown ones are an error" {
	for words in '--enable-tcp-insecure --inetd' \
	    '--inetd --enable-tcp-insecure --verbose'; do
		ssh_allow $NAME "command=\"$PROGRAMS/immured $words --socket $SOCKET\""
		run ssh_as $NAME node </dev/null
		[ "$status" = 108 ]
	done
	ssh_allow $NAME "command=\"$PROGRAMS/immured --inetd --frob\""
	run ssh_as $NAME node </dev/null
	[ "$status" = 101 ]
	[[ "$output" == *"--frob: unknown option"* ]]
}

# As a user who is not restricted has it: distccd is found in PATH.
@test "started as distccd, by the client's own words" {
	mkdir -p "$PROGRAMS/bin"
	ln -sf "$PROGRAMS/immured" "$PROGRAMS/bin/distccd"
	ssh_allow $NAME ''
	ssh_env "IMMURE_NOTHING=1 PATH=$PROGRAMS/bin:/usr/bin:/bin"
	sources
	run ssh_as $NAME node "distccd --version"
	[[ "${lines[1]}" == "  (protocols 1, 2 and 3)"* ]]
	# The client asks for "distccd --inetd …"; it finds the running node.
	for proto in 1 2; do
		rm -rf records
		node_mark
		remote $proto gcc -O2 -c hello.c -o hello.o
		same $proto 1
	done
}

@test "no shell: nologin refuses forced commands, immured as the shell serves" {
	usermod -s /usr/sbin/nologin $NAME
	run ssh_as $NAME node </dev/null
	[ "$status" = 1 ]
	usermod -s "$PROGRAMS/immured" $NAME
	ssh_allow $NAME restrict
	sources
	remote 2 gcc -O2 -c hello.c -o hello.o
	same 2 1
	ssh_allow $NAME ''
	run ssh_as $NAME -tt node </dev/null
	[ "$status" = 1 ]
	[[ "$output" == *"takes compile jobs"* ]]
	usermod -s /bin/sh $NAME
}

wait_for() {
	eventually "$1"
}

# The account of immured(8), SSH: immured is its shell, and no node answers.
@test "no node: the account's own is started, once, and outlives the logins" {
	sshd_sees_no /run/immure
	own=$SSHD_DIR/own
	mkdir -m 700 "$own"
	chown $NAME "$own"
	setpriv --reuid $NAME --regid $NAME --clear-groups unshare -U true ||
	    skip "ordinary users get no user namespace here"
	usermod -s "$PROGRAMS/immured" $NAME
	ssh_allow $NAME restrict
	ssh_env "XDG_RUNTIME_DIR=$own"
	sources
	for i in $(seq 8); do
		cp hello.c "h$i.c"
		remote 1 gcc -O2 -c "h$i.c" -o "h$i.o" >"out$i" 2>&1 3>&- &
		pids="${pids-} $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	"$NODE_TREE/tests/lib/compare_objects" records 1 >compared
	grep -q "^compared 8 identical 8 " compared
	log=$own/immure/job.sock.log
	[ "$(grep -c "client: unix:$SSH_UID COMPILE_OK" "$log")" = 8 ]
	[ "$(grep -c node.start "$log")" = 1 ]
	node=$(pgrep -u $NAME -x immured)
	[ "$(echo "$node" | wc -w)" = 1 ]
	sleep 1
	remote 1 gcc -O2 -c hello.c -o hello.o
	[ "$(pgrep -u $NAME -x immured)" = "$node" ]
	usermod -s /bin/sh $NAME
	kill "$node"
	wait_for no_own_node
	sshd_sees "$SSHD_DIR/run" /run/immure
}
no_own_node() { ! pgrep -u $NAME -x immured >/dev/null; }

# ms COMMAND...: how long it takes, the median of nine
ms() {
	local times=
	for _ in 1 2 3 4 5 6 7 8 9; do
		t0=$(date +%s%N)
		"$@" </dev/null >/dev/null 2>&1
		times="$times $((($(date +%s%N) - t0) / 1000))"
	done
	# shellcheck disable=SC2086
	printf '%s\n' $times | sort -n | sed -n 5p
}

@test "a job ends when its compiler has" {
	echo 'int f(int x) { return x + 1; }' >tiny.c
	cp "$SSHD_DIR/keys.$NAME" forced
	# A machine that is busy with other things gets three tries.
	for _ in 1 2 3; do
		ssh_allow $NAME ''
		login=$(ms ssh_as $NAME node true)
		cp forced "$SSHD_DIR/keys.$NAME"
		tcp=$(ms client 1 distcc gcc -O2 -c tiny.c -o tiny.o)
		ssh=$(ms ssh_client $NAME 1 '' distcc gcc -O2 -c tiny.c \
		    -o tiny.o)
		ssh_allow $NAME "command=\"/usr/bin/distccd --inetd --enable-tcp-insecure\""
		stock=$(ms ssh_client $NAME 1 '' distcc gcc -O2 -c tiny.c \
		    -o tiny.o)
		echo "# a tiny C file, ms: TCP $((tcp / 1000))," \
		    "ssh $((ssh / 1000)), ssh alone $((login / 1000))," \
		    "distccd over ssh $((stock / 1000))" >&3
		# distccd sleeps a second at the end of each.
		[ $((ssh - login)) -ge $((500000 + 2 * tcp)) ] ||
		    [ "$ssh" -ge "$stock" ] || return 0
	done
	return 1
}

@test "twenty jobs at once" {
	sources
	for i in $(seq 20); do
		cp hello.c "h$i.c"
		remote 2 gcc -O2 -c "h$i.c" -o "h$i.o" >"out$i" 2>&1 3>&- &
		pids="${pids-} $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	same 2 20
}

compiles() {
	# shellcheck disable=SC2046
	[[ "$(ps -o comm= $(node_processes))" == *cc1* ]]
}
no_compile() { ! compiles; }
@test "a client that is killed ends its job" {
	{
		echo '#define A(n) int f##n(int *p) { for (int i = 0; i < 99; i++)'
		echo 'p[i] += p[i * 3] ^ p[99 - i] * i; return p[0]; }'
	} | tr '\n' ' ' >slow.c
	echo >>slow.c
	for i in $(seq 4000); do echo "A($i)"; done >>slow.c
	ssh_client "$NAME" 1 '' distcc gcc -O3 -c slow.c -o slow.o 3>&- &
	client=$!
	wait_for compiles
	# with its ssh: both are its user's, as after ^C
	# shellcheck disable=SC2046
	kill $(NODE_PID=$client node_processes)
	wait_for no_compile
	node_since 1 >jobs.txt
	grep -q ^CLI_DISCONN jobs.txt || {
		cat jobs.txt
		return 1
	}
}
