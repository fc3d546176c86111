#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the options that concern the host do: files, their owner, OOM score.
# Needs root.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "these are about immured"
	NODE_PID=
	NODE_DIR=$(mktemp -d)
	cd "$NODE_DIR"
}

teardown() {
	node_stop || :
	cd /
	rm -rf "${NODE_DIR-}"
}

# node OPTION...: in this directory, until it serves.
node() {
	NODE_PORT=$(free_port)
	"$DAEMON" --port "$NODE_PORT" --listen 127.0.0.1 --jobs 1 \
	    --no-detach "$@" </dev/null >out 2>&1 3>&- &
	NODE_PID=$!
	for _ in $(seq 600); do
		! node_answers || return 0
		sleep 0.2
	done
	cat out
	return 1
}

@test "relative files, also after the daemon has left for /" {
	node --log-file log --audit-file audit --pid-file pid --daemon
	[ "$(cat pid)" = "$NODE_PID" ]
	[ -s log ]
	mv log log.1
	kill -HUP "$NODE_PID"
	eventually [ -s log ]
	node_stop
	[ ! -e pid ]
}

@test "files in /run/immure are seen by others, images lie elsewhere then" {
	mkdir -p /run/immure
	ln -s /run/immure link
	NODE_PORT=$(free_port)
	echo 'log-level = notice' >conf
	# a /run/immure of its own; cat sees what others see of it
	mkfifo ask
	unshare -m sh -c '
		mount -t tmpfs over /run/immure
		"$@" </dev/null 3>&- &
		echo $! >node
		read -r _ <ask
		cp /run/immure/* seen/
		kill -HUP $!
		sleep 1
		kill $!
		wait $!
		ls /run/immure >left' - \
	    "$DAEMON" --port "$NODE_PORT" --listen 127.0.0.1 --jobs 1 \
	    --no-detach --config "$NODE_DIR/conf" \
	    --log-file "$NODE_DIR/link/log" --audit-file /run/immure/audit \
	    --pid-file /run/immure/pid >out 2>&1 3>&- &
	shell=$!
	mkdir seen
	for _ in $(seq 600); do
		! node_answers || break
		sleep 0.2
	done
	echo >ask
	wait $shell
	cat out seen/log
	grep -q node.serving seen/log
	grep -q '"type":"job"' seen/audit
	[ "$(cat seen/pid)" = "$(cat node)" ]
	run cat left
	[[ " ${lines[*]} " != *" pid "* ]]
}

@test "SIGHUP does not open a log that nobody would see" {
	echo "log-file = $NODE_DIR/log" >conf
	node --config conf
	echo "log-file = /run/immure/test-of-files.log" >conf
	kill -HUP "$NODE_PID"
	eventually grep \
	    'log.open: cannot open /run/immure/test-of-files.log' log
	node_stop
	grep -q node.stop log
}

@test "--user: what the node makes is that user's, what was there is not" {
	: >audit
	node --log-file log --audit-file audit --pid-file pid --user nobody
	[ "$(stat -c %U log)" = nobody ]
	[ "$(stat -c %U pid)" = nobody ]
	[ "$(stat -c %U audit)" = root ]
}

@test "--user: one that there is not keeps it from starting" {
	run "$DAEMON" --no-detach --user no-such-user
	echo "$output"
	[ "$status" = 101 ]
	[[ $output == *"no-such-user"*"leave it out"* ]]
}

@test "--oom-score-adj is that of every process but the cells'" {
	before=$(cat /proc/self/oom_score_adj)
	node --log-file log --oom-score-adj $((before + 7))
	seen=0
	for p in $(node_processes); do
		score=$(cat "/proc/$p/oom_score_adj" 2>/dev/null) || continue
		case $(ps -o comm= -p "$p") in
		immured | immure-auditor | immure-front | immure-broker | \
		    immure-imager | immure-executor)
			echo "$p $score"
			[ "$score" = $((before + 7)) ]
			seen=$((seen + 1))
			;;
		'') ;; # it has ended meanwhile
		*)
			[ "$score" = 1000 ]
			;;
		esac
	done
	[ $seen -ge 7 ]
}

@test "an unknown --log-level is warned of, and the node starts" {
	node --log-file log --log-level loud
	grep -q 'warning: --log-level: no such level "loud", using notice' out
}

@test "environment variables of distccd: a wrong one is 101" {
	DISTCC_IO_TIMEOUT=soon run "$DAEMON" --no-detach
	echo "$output"
	[ "$status" = 101 ]
	[[ $output == *"DISTCC_IO_TIMEOUT=soon"* ]]
}

@test "a log in /tmp that a stranger has put there is not used" {
	# whatever fs.protected_regular is
	mkdir -m 1777 tmp
	touch tmp/log tmp/open tmp/twice
	chown 65533 tmp/log
	chmod 666 tmp/open
	ln tmp/twice tmp/other
	for f in log open twice; do
		run timeout 20 "$DAEMON" --no-detach --port "$(free_port)" \
		    --listen 127.0.0.1 --log-file "$PWD/tmp/$f" \
		    --socket "$PWD/sock" --lifetime 1
		echo "$f: $status: $output"
		[ "$status" = 100 ]
		[[ "$output" == *'cannot open'*'Permission denied'* ]]
		[ ! -s "tmp/$f" ]
	done
}

@test "a pid file that another node has written since is not removed" {
	node --log-file log --pid-file pid
	[ "$(cat pid)" = "$NODE_PID" ]
	echo 1 >pid
	node_stop
	[ "$(cat pid)" = 1 ]
	# nor is a device
	mknod null c 1 3
	run timeout 30 "$DAEMON" --no-detach --port "$(free_port)" \
	    --listen 127.0.0.1 --log-file log --pid-file null --lifetime 1
	[ "$status" = 0 ]
	[ -c null ]
}
