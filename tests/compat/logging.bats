#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A connection that is refused or fails always says why; levels and limits of
# the log.  Needs root and the stock client.

setup_file() {
	export NODE_TREE; NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "these are about immured"
	node_start --jobs 1 --log-level debug
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	node_stop || :
	rm -rf "${NODE_DIR-}"
}

# send ADDRESS TEXT: connect from there, send, half-close, wait for the end.
send() {
	python3 - "$NODE_PORT" "$1" "$2" <<-'END'
	import socket, sys
	s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20,
	                             (sys.argv[2], 0))
	try:
	    s.sendall(sys.argv[3].encode())
	    if len(sys.argv[3]) != 1:
	        s.shutdown(socket.SHUT_WR)
	    s.recv(1)
	except OSError:
	    pass
	END
}

# says WORD ADDRESS: the log has such a line of that client.
says() {
	eventually said "$1" "$2" || {
		tail "$NODE_LOG"
		return 1
	}
}
said() { grep "$1" "$NODE_LOG" | grep -qF "$2"; }

@test "an address that is not allowed" {
	send 127.0.0.31 x
	says access.denied 127.0.0.31
}

@test "bytes of another protocol" {
	send 127.0.0.1 'GET / HTTP/1.1'
	says conn.protocol 127.0.0.1
}

@test "a token over the limit" {
	send 127.0.0.1 DIST00000001ARGCffffffff
	says 'limit.request\|conn.protocol' 127.0.0.1
}

@test "closed before the first byte, and before the source" {
	send 127.0.0.1 ''
	says conn.empty 127.0.0.1
	send 127.0.0.1 DIST00000001ARGC00000002ARGV00000003gccARGV00000002-c
	says conn.no-source 127.0.0.1
}

# In lines of their own, or in those that say how many more.
all_told() {
	told=$(grep 'access.denied' "$NODE_LOG" | grep -v ' more ' |
	    grep -cF 127.0.0.32)
	more=$(sed -n 's/.*access.denied: \([0-9]*\) more.*/\1/p' \
	    "$NODE_LOG" | awk '{ n += $1 } END { print n + 0 }')
	echo "$told lines and $more more"
	[ $((told + more)) = 200 ]
}

@test "a flood of refusals: some lines, and how many more" {
	python3 - "$NODE_PORT" <<-'END'
	import socket, sys
	for n in range(201):
	    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20,
	        ("127.0.0.33" if n == 150 else "127.0.0.32", 0))
	    s.close()
	END
	eventually all_told
	sleep 1.2 # for one line too many
	all_told
	[ "$told" -le 100 ]
	# whose they were, and nobody is hidden behind them
	grep 'access.denied: [0-9]* more' "$NODE_LOG" | grep -qF 127.0.0.32
	grep 'access.denied' "$NODE_LOG" | grep -v ' more ' | grep -qF 127.0.0.33
}

@test "--log-level: what is less bad is not there" {
	first_pid=$NODE_PID first_dir=$NODE_DIR
	node_start --jobs 1 --log-level error
	send 127.0.0.33 x
	# Stopped first: a node that ends has written everything.
	node_stop
	denied=$(grep -c access.denied "$NODE_LOG" || :)
	# The record has it all the same.
	record=$(grep -c '"word":"access.denied"' "$NODE_AUDIT" || :)
	rm -rf "$NODE_DIR"
	NODE_PID=$first_pid NODE_DIR=$first_dir
	echo "$denied in the log, $record in the record"
	[ "$denied" = 0 ]
	[ "$record" = 1 ]
}
