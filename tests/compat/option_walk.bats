#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs gcc, g++, clang, other targets' gcc and strace, no root and no node.
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

walk() { # [option of option_walk.py...] family compiler
	python3 tests/compat/option_walk.py "${@:1:$#-2}" \
	    "$B/tests/compat/decide" "${@: -2}" "$B/option-walk"
}

# Names of compilers in PATH, each file once, without scripts and @except.
compilers() { # pattern, except
	local name file seen
	seen=" $(readlink -f "$(command -v "$2")") "
	for name in $(compgen -c | grep -E "$1" | sort -u); do
		file=$(readlink -f "$(command -v "$name")")
		[[ $seen != *" $file "* && "$(head -c 4 "$file" | tail -c 3)" = ELF ]] ||
			continue
		seen+="$file "
		echo "$name"
	done
}

@test "gcc: nothing that is let through reads, writes or runs other files" {
	command -v gcc >/dev/null || skip "no gcc here"
	walk gcc gcc
}

@test "clang: nothing that is let through reads, writes or runs other files" {
	command -v clang >/dev/null || skip "no clang here"
	walk clang clang
}

# Of another version all is tried, of another target or language what gcc or
# clang has not got itself.
beyond() { # family pattern
	local name
	for name in $(compilers "$2" "$1"); do
		echo "$name"
		if [ "$("$name" -dumpversion)" = "$("$1" -dumpversion)" ]; then
			walk --beyond "$1" "$1" "$name" || return 1
		else
			walk "$1" "$name" || return 1
		fi
	done
}

@test "nor by any other gcc and clang, of any version, target and language" {
	command -v gcc >/dev/null || skip "no gcc here"
	beyond gcc '(^|-)(gcc|g\+\+)(-[0-9.]+)?$'
	! command -v clang >/dev/null || beyond clang '^clang(\+\+)?(-[0-9.]+)?$'
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
