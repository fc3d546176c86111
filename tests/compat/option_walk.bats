#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs gcc, g++, clang and strace, no root and no node.
#
# The options that the installed compilers list, against our table: what it
# lets through is run, with values that name a tripwire, and must touch nothing
# but the job's own files (option_walk.py).  A result without fault is kept in
# the build directory under the content of compiler, table and program.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	B=${B:-build}
	command -v strace >/dev/null || skip "no strace here"
}

walk() { # family compiler
	command -v "$2" >/dev/null || skip "no $2 here"
	python3 tests/compat/option_walk.py "$B/tests/compat/decide" "$@" \
	    "$B/option-walk"
}

@test "gcc: nothing that is let through reads, writes or runs other files" {
	walk gcc gcc
}

@test "clang: nothing that is let through reads, writes or runs other files" {
	walk clang clang
}

# A compiler that is asked wrongly lists nothing, and all would be well.
@test "the walk sees what a wrong row would let through" {
	command -v gcc >/dev/null || skip "no gcc here"
	cat >"$BATS_TEST_TMPDIR/decide" <<-'END'
	#!/bin/sh
	exec awk 'BEGIN { FS = OFS = "\t" }
	$1 ~ /^-(aux-info|fplugin=|ftest-coverage|specs=|wrapper|B|iquote)/ {
		print "accepted", "kept", $1, "wrong", $0
		next
	}
	{ print "option.unknown", "refused", $1, "not tried" }'
	END
	chmod +x "$BATS_TEST_TMPDIR/decide"
	run python3 tests/compat/option_walk.py "$BATS_TEST_TMPDIR/decide" \
	    gcc gcc
	echo "$output"
	[ "$status" = 1 ]
	for wrong in '-aux-info.*: touches' '-fplugin=trip.*: touches' \
	    '-ftest-coverage.*: writes .*gcno' '-specs=trip.*: touches' \
	    '-wrapper trip.*: touches' '-Btrip.*: touches' '-iquote: takes the next word'; do
		grep -qE -- "^$wrong" <<<"$output"
	done
}
