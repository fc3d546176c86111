#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every reason there is, told as it must be in each protocol (refusals.py); too
# late to be told (late.py); asked for again and again (again.py); where the
# node is full (full.py); and a pump build one file of which is refused.  Needs
# root, python3, gcc, clang, the stock client and its pump; uses addresses of
# 127.0.0.0/8.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$NODE_TREE" || return 1
	. tests/lib/node.sh
	[ "$(id -u)" = 0 ] || skip "needs a mount namespace and a node"
	PUMP_DIR=$(tests/compat/build_pump 2>&3)
	NODE_CONF=$BATS_TEST_TMPDIR/conf
	export PUMP_DIR NODE_CONF
}

teardown() {
	pump_stop
	node_end
}

# A node with the attacker among its compilers, and small limits where those
# take a new start.  One node for all: what asking again does is forgotten a
# minute later, and that minute is not spent waiting.
@test "every reason, asked for in vain, again and again, or too late" {
	mkdir -p "$BATS_TEST_TMPDIR/scratch"
	printf '%s\n' 'drip = 0' 'limit-unpacked = 64M' 'limit-space = 32M' \
	    'limit-cpu = 1' 'limit-address-space = 256M' >"$NODE_CONF"
	timeout 600 tests/escape/with_attacker "$BATS_TEST_TMPDIR/scratch" \
	    --jobs 24 --log-level debug --config "$NODE_CONF" \
	    --allow 127.1.0.0/16 --allow 127.9.9.9 -- \
	    tests/abuse/refusals.py listed again.begin answered closed denied \
	    gone unheard again.comment again.others again.many \
	    full.connections full.replies full.memory full.own full.nobody \
	    full.time_runs_out full.busy late.late broken again.forgotten \
	    stopped 3>&-
}

@test "names and paths that the node's list has not" {
	timeout 100 unshare -m --propagation private bash -euc '
		. tests/lib/node.sh
		mkdir -p /usr/lib/distcc
		mount -t tmpfs -o mode=755 list /usr/lib/distcc
		ln -s ../../bin/distcc /usr/lib/distcc/gcc
		trap node_end EXIT
		node_start --jobs 2 --allow 127.1.0.0/16 --allow 127.9.9.9
		python3 tests/abuse/refusals.py - - - - by_list
	' 3>&-
}

# Fourteen files, the fourth with an option that is refused; each includes a
# header of its own.
tree() {
	mkdir -p "$1/inc"
	cd "$1" || return 1
	for i in $(seq 10 23); do
		echo "#define N$i $i" >"inc/h$i.h"
		printf '#include "h%s.h"\nint f%s(void) { return N%s; }\n' \
		    "$i" "$i" "$i" >"f$i.c"
	done
	{
		echo "all: $(seq -f 'f%g.o' -s ' ' 10 23)"
		printf '%%.o: %%.c\n\t$(CC) -O2 -g -Iinc $(F) -c $< -o $@\n'
		echo 'f13.o: F = -B/usr/bin'
	} >Makefile
}

@test "a pump build keeps its pump when one file is refused" {
	# gcc alone, to begin soon
	printf '/usr/bin/%s\n' gcc x86_64-linux-gnu-gcc \
	    >"$BATS_TEST_TMPDIR/list"
	DISTCC_CMDLIST=$BATS_TEST_TMPDIR/list node_start --jobs 4
	tree "$BATS_TEST_TMPDIR/tree"
	make -s CC=gcc
	mkdir local
	mv ./*.o local
	node_mark
	# It avoids the node for an instant, not for a minute (wire-protocol
	# 1.6), so that the files behind the refused one still come.
	client 3 env DISTCC_FALLBACK=1 DISTCC_BACKOFF_PERIOD=0 \
	    make -s CC="distcc gcc" >out 2>&1 || { cat out; return 1; }
	node_since 14 >came
	cat came
	[ "$(wc -l <came)" = 14 ]
	[ "$(awk -F '\t' '$1 == "COMPILE_OK" && $2 == 3' came | wc -l)" = 13 ]
	jq -s -e '[.[] | select(.type == "job" and .protocol == 3 and
	    .reason == "option.program") | .argv | index("f13.c")] |
	    length == 1' "$NODE_AUDIT"
	for i in $(seq 10 23); do
		cmp "f$i.o" "local/f$i.o"
	done
}
