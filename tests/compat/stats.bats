#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of --stats beside the stock daemon's own.  Needs root, distcc, python3.

# One node for all: to start one takes seconds.
setup_file() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export NODE_TREE
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "this is about immured"
	STATS=$(free_port)
	export STATS
	node_start --jobs 3 --stats --stats-port "$STATS"
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	node_end
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
	STOCK_PID=
	cd "$BATS_TEST_TMPDIR"
	echo 'int x;' >x.c
	echo 'int x' >'bad name.c'
	sleep 1.5 # what was before is on the page
}

teardown() {
	[ -z "${STOCK_PID-}" ] || kill "$STOCK_PID"
}

page() { "$NODE_TREE/tests/compat/stats_page.py" "$STATS" "$@"; }

reaches() { # key, at least
	[ "$(page key "$1")" -ge "$2" ]
}

# key KEY VALUE: it is VALUE, or will be.
key() {
	eventually sh -c '[ "$("$1" "$2" key "$3")" = "$4" ]' - \
	    "$NODE_TREE/tests/compat/stats_page.py" "$STATS" "$1" "$2"
}

stock_start() {
	chmod 755 "$BATS_TEST_TMPDIR"
	distccd --no-detach --daemon --port "$1" --listen 127.0.0.1 \
	    --allow 127.0.0.1 --enable-tcp-insecure --jobs 3 --stats \
	    --stats-port "$2" --log-stderr </dev/null >stock.out 2>&1 3>&- &
	STOCK_PID=$!
	eventually "$NODE_TREE/tests/compat/stats_page.py" "$2" || {
		cat stock.out
		return 1
	}
}

@test "the page has the lines of distccd's page, before and after jobs" {
	port=$(free_port)
	stats=$(free_port)
	stock_start "$port" "$stats"
	page same "$stats"
	client 1 distcc gcc -c x.c
	run client 2 distcc gcc -c 'bad name.c'
	(NODE_PORT=$port client 1 distcc gcc -c x.c)
	key dcc_compile_error 1
	page same "$stats"
	[ "$(page | head -n 1)" = "HTTP/1.0 200 OK" ]
}

@test "it counts jobs by how they ended, and says the longest" {
	ok=$(page key dcc_compile_ok) bad=$(page key dcc_rej_bad_req)
	errors=$(page key dcc_compile_error)
	client 1 distcc gcc -c x.c
	client 2 distcc gcc -c x.c
	cp x.c 'a name.c'
	for i in $(seq 400); do
		echo "int f$i(int *p) { return p[$i] * p[0]; }"
	done >>'a name.c'
	client 1 distcc gcc -O2 -c 'a name.c'
	key dcc_compile_ok $((ok + 3))
	key dcc_longest_job a_name.c
	[ "$(page key dcc_longest_job_compiler)" != none ]
	[ "$(page key dcc_longest_job_time_msecs)" -gt 0 ]
	[ "$(page key dcc_max_RSS)" -gt 1000 ]
	run client 1 distcc gcc -c 'bad name.c'
	key dcc_compile_error $((errors + 1))
	printf 'this is no token' |
	    python3 -c "import socket, sys
s = socket.create_connection(('127.0.0.1', $NODE_PORT))
s.sendall(sys.stdin.buffer.read())
s.recv(1)" || :
	key dcc_rej_bad_req $((bad + 1))
	key dcc_max_kids 3
	[ "$(page key dcc_num_compiles1)" -ge 4 ]
	[ "$(page key dcc_tcp_accept)" -ge 5 ]
}

@test "no stranger keeps it from answering" {
	before=$(pgrep -P "$NODE_PID" -f immure-status)
	run page strangers
	echo "$output"
	[ "$status" = 0 ]
	[ "$(pgrep -P "$NODE_PID" -f immure-status)" = "$before" ]
	client 1 distcc gcc -c x.c
}

@test "whom --allow does not name gets nothing, and is on record" {
	page denied 127.0.0.2
	if page denied 127.0.0.1; then
		false # nobody is denied: the check fails
	fi
	eventually grep 'access.denied.*statistics.*127.0.0.2' "$NODE_LOG"
}

@test "a role that dies is there again; jobs do not notice" {
	old=$(pgrep -P "$NODE_PID" -f immure-status)
	accepted=$(page key dcc_tcp_accept)
	kill -KILL "$old"
	client 1 distcc gcc -c x.c
	eventually sh -c 'now=$(pgrep -P "$1" -f immure-status) &&
	    [ "$now" != "$2" ]' - "$NODE_PID" "$old"
	eventually reaches dcc_tcp_accept "$accepted"
}

compiles() {
	ps -o comm= -p "$(node_processes | paste -sd,)" | grep -qx cc1
}

@test "a front that breaks takes no count along; its jobs are no client's" {
	accepted=$(page key dcc_tcp_accept)
	python3 -c 'import socket, sys, time
port = int(sys.argv[1])
held = [socket.create_connection(("127.0.0.1", port)) for _ in range(9)]
source = b"long f(long *a, long x) {"
for n in range(6000): # some seconds
    source += b"if (a[%d] > x) x ^= a[x & %d]; else x += %d;" % (n % 977,
        n % 1023, n * 7)
source += b"return x; }"
words = b"gcc", b"-O3", b"-c", b"many.c", b"-o", b"x.o"
head = b"DIST00000001ARGC%08x" % len(words)
for word in words:
    head += b"ARGV%08x%s" % (len(word), word)
for s in held[1:]:
    s.sendall(b"DIST00000001ARGC")
held[0].sendall(head + b"DOTI%08x" % len(source) + source)
print("there", flush=True)
for s in held:
    s.recv(9)' "$NODE_PORT" >held 3>&- &
	held=$!
	eventually grep there held
	eventually compiles
	pgrep -P "$NODE_PID" immure-front | xargs kill -KILL
	wait $held || :
	eventually reaches dcc_tcp_accept $((accepted + 9))
	eventually grep 'OTHER .* many\.c reason:front\.crash' "$NODE_LOG"
}

@test "a port that is taken: 102, and which option" {
	run "$DAEMON" --no-detach --port "$(free_port)" --listen 127.0.0.1 \
	    --allow 127.0.0.1 --log-stderr --stats --stats-port "$STATS"
	[ "$status" = 102 ]
	[[ $output == *"--stats-port"* ]]
}
