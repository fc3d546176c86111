#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Cross compilers, and which compiler a client's word gets: tests/compat/cross,
# each of its nodes in a mount namespace of its own.  Needs root and what
# `mk/deps cross` installs.

setup_file() {
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	"$NODE_TREE/mk/deps" cross >&2 || skip "mk/deps cross fails"
	PUMP_DIR=$("$NODE_TREE/tests/compat/build_pump" 2>&3) || PUMP_DIR=
	export PUMP_DIR
	for node in all named list; do
		unshare -m --propagation private "$BATS_TEST_DIRNAME/cross" \
		    $node >"$BATS_FILE_TMPDIR/$node" 2>&1 3>&- || true
	done
	export OUT=$BATS_FILE_TMPDIR
}

# held NODE WORD...
held() {
	out=$OUT/$1
	shift
	for word; do
		grep -qx "ok $word" "$out" || {
			echo "not held: $word"
			cat "$out"
			return 1
		}
	done
}

@test "gcc for four targets, C and C++, three modes: the local objects" {
	held all root-owned objects
}
@test "a toolchain in /opt with libraries found by \$ORIGIN" {
	held all origin origin-inherited
}
@test "clang compiles for the triple it is called by, or told" {
	held all clang-by-name clang-target clang-targets clang-headers
}
@test "any path, with --enable-tcp-insecure alone" {
	held all any-path
	held named path own-path
}
@test "the start says versions, targets and DISTCC_HOSTS" {
	held all versions-said hosts-said
}
@test "--compiler: one elsewhere is served, a wrong one is told of" {
	held named named-elsewhere named-wrong
}
@test "the same target or none" { held named target target-musl unknown; }
@test "aliases by network, on record, reloaded, never to another target" {
	held named alias alias-vendor alias-target alias-said alias-net \
	    alias-reload
}
@test "--sysroot: those specs files and no others" {
	held named specs specs-others
}
@test "Debian's list of names has all that Debian installs" {
	[ -e /usr/lib/distcc/gcc ] || skip "no list of names here"
	held named list-complete
}
@test "DISTCC_CMDLIST: its compilers alone, by so many words" {
	held list words only-those bad-line
}
@test "DISTCC_CMDLIST: without its file nothing starts" {
	held list unreadable
}
@test "a name that is not in /usr/lib/distcc is refused until it is" {
	held list not-listed not-listed-said listed-later
}
