#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each limit of node/common/limit_rows.h, set small, holds and has its word and
# its counter (limits.py).  Needs root, python3, ip, gcc and g++ 12.  With the
# numbers that are built in there would be nothing to see in an hour.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	B=$(cd "${B:-build}" && pwd)
	"$B/tests/cli/limits_page" --rows >"$BATS_TEST_TMPDIR/rows"
}

# A node of few compilers, whose programs are its own, in a network of its own.
group() { # name, [limit...]
	[ "$(id -u)" = 0 ] || skip "starts the daemon"
	mkdir -p "$BATS_TEST_TMPDIR/node"
	cp -r "$B/immured" "$B/libexec" "$BATS_TEST_TMPDIR/node/"
	printf '/usr/bin/gcc\n/usr/bin/g++\n' >"$BATS_TEST_TMPDIR/list"
	python3 tests/abuse/limits.py "$BATS_TEST_TMPDIR/rows" conf "$1" \
		>"$BATS_TEST_TMPDIR/conf"
	DAEMON=$BATS_TEST_TMPDIR/node/immured \
	    LIBEXEC=$BATS_TEST_TMPDIR/node/libexec \
	    NODE_CONF=$BATS_TEST_TMPDIR/conf JOBS=${JOBS:-2} \
	    ROWS=$BATS_TEST_TMPDIR/rows \
	    DISTCC_CMDLIST=$BATS_TEST_TMPDIR/list \
	    unshare -n bash -euc '
		. tests/lib/node.sh
		ip link set lo up
		for i in 0 1 2 3 4; do
			ip address add "2001:db8:1:$i::1/128" dev lo nodad
		done
		ip address add 2001:db8:2::1/128 dev lo nodad
		trap "node_stop; rm -rf \"\$NODE_DIR\"" EXIT
		node_start --jobs "$JOBS" --config "$NODE_CONF" \
		    --listen 2001:db8:2::1 --allow 127.0.0.0/8 \
		    --allow 2001:db8::/32
		export LIBEXEC NODE_CONF
		python3 tests/abuse/limits.py "$ROWS" "$@"
		! grep -E "role.died.*(front|broker|auditor)" "$NODE_LOG"
	' group "$@" 3>&-
}

@test "each limit of the table has a driver" {
	python3 tests/abuse/limits.py "$BATS_TEST_TMPDIR/rows" check
}

@test "limits of connections, requests, replies and queue" {
	group reload
}

@test "limits of a job's time, sources and results" {
	group cell
}

@test "limits of a job's tmpfs, memory, files, stack and processes" {
	group space
}

@test "no more jobs start than are thought to fit into memory" {
	JOBS=8 group admission
}

@test "each deadline ends its own, in their order, beside honest jobs" {
	group deadlines
}
