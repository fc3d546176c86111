#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What every process of a running node has: capabilities, filters, users, root,
# namespaces, descriptors, against the table in roles.py; of root's node and of
# an ordinary user's.  Needs root, the stock client and python3.

setup() {
	[ "$(id -u)" = 0 ] || skip "reads /proc of other users"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
}

teardown() {
	node_stop
}

# Seconds of work for cc1, so that a compiler is there to be looked at.
long_job() { # directory, number
	local i
	for i in $(seq 1500); do
		echo "int f$i(int *p, int n) { int s = $2; for (int i = 0;" \
		    "i < n; i++) { s += p[i] * $i; if (s % 7) s ^= p[n - i];" \
		    "} return s; }"
	done >"$1/long$2.c"
	(cd "$1" && client 1 distcc gcc -O2 -c "long$2.c" -o "long$2.o")
}

check_roles() {
	local jobs=
	node_start --jobs 2 --stats --stats-port "$(free_port)"
	long_job "$BATS_TEST_TMPDIR" 1 3>&- &
	jobs=$!
	long_job "$BATS_TEST_TMPDIR" 2 3>&- &
	jobs="$jobs $!"
	python3 tests/escape/roles.py "$NODE_PID" 2
	for j in $jobs; do
		wait "$j"
	done
}

@test "every process is confined as the table says, before and in jobs" {
	check_roles
}

@test "the same for an ordinary user's node, by its table" {
	NODE_USER=12345 check_roles
}

@test "a process without confinement passes for none of them" {
	local role
	for role in $(python3 tests/escape/roles.py --list); do
		python3 tests/escape/roles.py --detects "$role" \
		    3</dev/null 4</dev/null
	done
}
