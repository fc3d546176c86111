#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# `make demo DEMO=dir` on small trees of each kind of build system, by root's
# node and by an ordinary user's.  Needs root, distcc and, for one of them,
# cmake.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	TREE="$BATS_TEST_TMPDIR/a tree"
	mkdir "$TREE"
	cat >"$TREE/one.c" <<-'END'
	#include <stdio.h>
	#include "two.h"
	int main(void) { return printf("%d\n", two()) < 0; }
	END
	echo 'int two(void);' >"$TREE/two.h"
	printf '#include "two.h"\nint two(void) { return 2; }\n' >"$TREE/two.c"
}

teardown() {
	[ -z "${HOME_OF_USER-}" ] || rm -rf "$HOME_OF_USER"
}

# The jobs of each protocol were all identical, and nothing was left.
good() {
	echo "$output"
	[ "$status" = 0 ]
	[ "$(echo "$output" | grep -c "^compared $1 identical $1 ")" = 3 ]
	[[ $output == *"mount.noexec      in force"* ]]
	[[ $output == *"every object is the local one"* ]]
}

@test "a tree with a Makefile" {
	printf 'prog: one.o two.o\n\t$(CC) -o $@ $^\n' >"$TREE/Makefile"
	run tests/demo/demo "$TREE"
	good 2
}

@test "the same by an ordinary user's node, started by root" {
	printf 'prog: one.o two.o\n\t$(CC) -o $@ $^\n' >"$TREE/Makefile"
	MODE=user run tests/demo/demo "$TREE"
	good 2
	[[ $output == *"a node on loopback, user mode, as 12345, "* ]]
	[[ $output == *"uid.roles "* ]]
}

@test "the same by an ordinary user" {
	printf 'prog: one.o two.o\n\t$(CC) -o $@ $^\n' >"$TREE/Makefile"
	# bats' own directory is closed to others
	HOME_OF_USER=$(mktemp -d /tmp/immure-demo-user.XXXXXX)
	mkdir "$HOME_OF_USER/.cache"
	cp -R "$TREE" "$HOME_OF_USER/tree"
	# the patched pump client, which that user could not get
	if tests/compat/build_pump >/dev/null; then
		cp -R "${XDG_CACHE_HOME:-$HOME/.cache}/immure-tests" \
		    "$HOME_OF_USER/.cache"
		# it knows where it lies
		sed -i "s|${XDG_CACHE_HOME:-$HOME/.cache}|$HOME_OF_USER/.cache|" \
		    "$HOME_OF_USER"/.cache/immure-tests/pump-*/pump
	fi
	chown -R 12345:12345 "$HOME_OF_USER"
	run setpriv --reuid 12345 --regid 12345 --clear-groups env -u MODE \
	    -u XDG_CACHE_HOME HOME="$HOME_OF_USER" TMPDIR=/tmp \
	    XDG_RUNTIME_DIR="$HOME_OF_USER" \
	    tests/demo/demo "$HOME_OF_USER/tree"
	good 2
	[[ $output == *"a node on loopback, user mode, as 12345, "* ]]
}

@test "a tree with a configure script" {
	cat >"$TREE/configure" <<-'END'
	#!/bin/sh
	echo 'int main(void) { return 0; }' >conftest.c
	${CC-cc} -c conftest.c -o conftest.o || exit 1
	rm -f conftest.*
	sed "s|@CC@|$CC|" Makefile.in >Makefile
	END
	printf 'CC = @CC@\nprog: one.o two.o\n\t$(CC) -g -o $@ $^\n' \
	    >"$TREE/Makefile.in"
	run tests/demo/demo "$TREE"
	good 2
}

@test "a tree with CMakeLists.txt" {
	command -v cmake >/dev/null || skip "no cmake here"
	cat >"$TREE/CMakeLists.txt" <<-'END'
	cmake_minimum_required(VERSION 3.10)
	project(demo C CXX)
	add_executable(prog one.c two.c three.cc)
	END
	echo 'int three() { return 3; }' >"$TREE/three.cc"
	run tests/demo/demo "$TREE"
	good 3
}

@test "an object that differs makes the demo fail" {
	printf 'prog: one.o two.o\n\t$(CC) -o $@ $^\n' >"$TREE/Makefile"
	# Another preprocessor's answer than the node's: the clock.
	printf 'long when = __TIME__[7] + __COUNTER__;\n' >>"$TREE/two.c"
	printf 'const char clock[] = __DATE__ __TIME__;\n' >>"$TREE/two.c"
	run tests/demo/demo "$TREE"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"different: "*"two.c"* ]] ||
	    [[ $output == *"dropped: "*"two.c"* ]]
}

@test "a tree that does not build makes the demo fail" {
	printf 'prog: none.o\n\tfalse\n' >"$TREE/Makefile"
	run tests/demo/demo "$TREE"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"FAILED"* ]]
}
