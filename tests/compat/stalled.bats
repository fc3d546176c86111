#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk that logs and record lie on stalls for longer than ten seconds.
# Needs root, the stock client, mkfs.ext4 and a loop device.

setup() {
	[ "$(id -u)" = 0 ] || skip "a file system to freeze needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_is_stock && skip "these are about immured"
	DISK=$(mktemp -d "${TMPDIR:-/tmp}/immure-disk.XXXXXX")
	truncate -s 16M "$DISK/image"
	mkfs.ext4 -q "$DISK/image"
	mkdir "$DISK/on"
	mount -o loop "$DISK/image" "$DISK/on" || skip "no loop device here"
	# One toolchain is enough, and quickly made.
	printf '%s\n' /usr/bin/gcc /usr/bin/x86_64-linux-gnu-gcc >"$DISK/names"
	chmod 755 "$DISK"
	export DISTCC_CMDLIST=$DISK/names
	echo 'int f(int a) { return a * 3; }' >"$BATS_TEST_TMPDIR/t.c"
	(cd "$BATS_TEST_TMPDIR" && gcc -c t.c -o local.o)
}

# Whoever writes to it cannot be killed meanwhile: it moves again in any case.
teardown() {
	[ -n "${DISK-}" ] || return 0
	fsfreeze -u "$DISK/on" 2>/dev/null || :
	[ -z "${THAW-}" ] || kill "$THAW" 2>/dev/null || :
	node_end
	! mountpoint -q "$DISK/on" || umount "$DISK/on"
	rm -rf "$DISK"
}

stall() { # seconds
	fsfreeze -f "$DISK/on"
	(sleep "$1" && fsfreeze -u "$DISK/on") 3>&- &
	THAW=$!
}

compiles() {
	(cd "$BATS_TEST_TMPDIR" && rm -f t.o &&
	    client 1 distcc gcc -c t.c -o t.o && cmp t.o local.o)
}

@test "jobs go on while the disk of log and record stalls, and none is lost" {
	node_start --jobs 2 --log-file "$DISK/on/log" \
	    --audit-file "$DISK/on/audit"
	export NODE_LOG=$DISK/on/log NODE_AUDIT=$DISK/on/audit
	node_mark
	n=0 slowest=0
	stall 12
	while kill -0 "$THAW" 2>/dev/null; do
		before=$(date +%s%N)
		compiles
		took=$((($(date +%s%N) - before) / 1000000))
		[ $took -le $slowest ] || slowest=$took
		n=$((n + 1))
		sleep 0.3
	done
	echo "$n jobs, the slowest $slowest ms"
	[ "$n" -ge 5 ]
	[ "$slowest" -lt 10000 ]
	compiles
	node_since $((n + 1)) >"$BATS_TEST_TMPDIR/jobs"
	cat "$BATS_TEST_TMPDIR/jobs"
	[ "$(grep -c '^COMPILE_OK' "$BATS_TEST_TMPDIR/jobs")" = $((n + 1)) ]
	[ "$(grep -cE 'audit.lost|role.died|role.silent|role.bad' "$NODE_LOG")" = 0 ]
}
