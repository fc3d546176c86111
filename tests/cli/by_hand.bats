#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of libexec/immure, started by a person: each says what it is
# and ends, without having done anything.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	B=${B:-build}
}

@test "--help of every program of libexec says what it is" {
	for p in "$B"/libexec/*; do
		run timeout 5 "$p" --help </dev/null 3>&-
		echo "$p: $status: $output"
		[ "$status" = 0 ]
		[[ $output == *"${p##*/}"*"immured(8)"*"immure-roles(8)"* ]]
	done
}

@test "without arguments each says it on standard error, and fails" {
	for p in "$B"/libexec/*; do
		run timeout 5 "$p" </dev/null 2>&1 >/dev/null 3>&-
		echo "$p: $status: $output"
		[ "$status" = 64 ] || [ "$p $status" = "$B/libexec/stage-try 125" ]
		[[ $output == *"immured(8)"* ]]
	done
}

@test "immured-start, the script beside them" {
	for option in --help -h; do
		run packaging/immured-start $option
		[ "$status" = 0 ]
		[[ $output == "usage: immured-start "*" DAEMON "*"immured(8)"* ]]
	done
	for words in "" --nosuch; do
		# shellcheck disable=SC2086 # none on purpose
		run --separate-stderr packaging/immured-start $words
		output=$stderr
		echo "$output"
		[ "$status" = 64 ]
		[[ $output == usage:* ]]
	done
}

@test "-h is --help" {
	for program in immured immure immure-jail; do
		run "$B/$program" -h
		[ "$status" = 0 ]
		[ "$output" = "$("$B/$program" --help)" ]
	done
	[ "$("$B/immure" probe -h)" = "$("$B/immure" probe --help)" ]
}

@test "a descriptor 3 that is no socket does not start a role" {
	for p in "$B"/libexec/immure-*; do
		run timeout 5 "$p" </dev/null 3</dev/null
		echo "$p: $status: $output"
		[ "$status" = 64 ]
	done
}
