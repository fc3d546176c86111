#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run itself: what it counts, and that nothing is passed by mistake.
# Needs nothing.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	export B=$BATS_TEST_TMPDIR/build CI=
	SUITE=$BATS_TEST_TMPDIR/suite
	export UNIT_TESTS=$SUITE
}

# A unit test program that writes the lines of stdin and ends with status $1.
program() {
	{
		printf '#!/bin/sh\ncat <<END\n'
		cat
		printf 'END\nexit %s\n' "$1"
	} >"$SUITE"
	chmod +x "$SUITE"
}

last() { echo "${lines[${#lines[@]} - 1]}"; }

@test "passed, failed and skipped cases are counted" {
	printf '%s\n' 1..3 'ok 1 - a' 'not ok 2 - b' '# why' \
	    'not ok 3 # SKIP c' | program 1
	run tests/run unit
	echo "$output"
	[ "$status" = 1 ]
	[ "$(last)" = "1 passed, 1 failed, 1 skipped" ]
	[[ $output == *"FAIL b"*"# why"* ]]
}

@test "all passed: status 0" {
	printf '%s\n' 1..2 'ok 1 - a' 'ok 2 - b' | program 0
	run tests/run unit
	[ "$status" = 0 ]
	[ "$(last)" = "2 passed, 0 failed, 0 skipped" ]
}

@test "a case that never reported has failed" {
	printf '%s\n' 1..3 'ok 1 - a' | program 134
	run tests/run unit
	[ "$status" = 1 ]
	[ "$(last)" = "1 passed, 2 failed, 0 skipped" ]
}

@test "a program that says nothing has failed" {
	program 0 </dev/null
	run tests/run unit
	[ "$status" = 1 ]
	[ "$(last)" = "0 passed, 1 failed, 0 skipped" ]
}

@test "a status that contradicts the cases has failed" {
	printf '%s\n' 1..1 'ok 1 - a' | program 1
	run tests/run unit
	[ "$status" = 1 ]
	[ "$(last)" = "1 passed, 1 failed, 0 skipped" ]
}

@test "in CI a skip has failed, unless it may" {
	printf '%s\n' 1..1 'ok 1 a # skip no reason' | program 0
	CI=true run tests/run unit
	echo "$output"
	[ "$status" = 1 ]
	[ "$(last)" = "0 passed, 1 failed, 0 skipped" ]
	echo "suite | a | it may" >"$BATS_TEST_TMPDIR/may"
	MAY_SKIP=$BATS_TEST_TMPDIR/may CI=true run tests/run unit
	echo "$output"
	[ "$(last)" = "0 passed, 0 failed, 1 skipped" ]
}

@test "nothing at all is a failure" {
	UNIT_TESTS='' run tests/run unit
	[ "$status" = 1 ]
	[ "$(last)" = "0 passed, 0 failed, 0 skipped" ]
}

@test "a make target that fails is a failed case" {
	cat >"$BATS_TEST_TMPDIR/make" <<-'END'
	#!/bin/sh
	echo "no such target"
	exit 2
	END
	chmod +x "$BATS_TEST_TMPDIR/make"
	MAKE=$BATS_TEST_TMPDIR/make run tests/run nonsense
	echo "$output"
	[ "$status" = 1 ]
	[ "$(last)" = "0 passed, 1 failed, 0 skipped" ]
	[[ $output == *"no such target"* ]]
}

# Each says that it is bad if it is the third, or if no second ever comes.
@test "suites of emulators: two at a time, each one's lines together" {
	cat >"$BATS_TEST_TMPDIR/bats" <<-'END'
	#!/bin/sh
	cd "${0%/*}"
	name=${2##*/}
	: >"in.$name"
	for try in $(seq 600); do
		[ "$(ls -d in.* | wc -l)" != 2 ] || : >met
		[ ! -e met ] || break
		sleep 0.1
	done
	n=$(ls -d in.* | wc -l)
	printf '%s\n' 1..2 "not ok 1 $name" "# of $n" "ok 2"
	rm "in.$name"
	[ -e met ] && [ "$n" -le 2 ] || echo "not ok 3 alone, or one of many"
	exit 1
	END
	chmod +x "$BATS_TEST_TMPDIR/bats"
	PATH=$BATS_TEST_TMPDIR:$PATH run tests/run tests/vm/{a,b,c,d,e}.bats
	echo "$output"
	[ "$(last)" = "5 passed, 5 failed, 0 skipped" ]
	for name in a b c d e; do
		grep -A 1 "^tests/vm/$name.bats" <<<"$output" |
		    grep "FAIL $name.bats"
	done
}

# The first two wait for each other, so they are who was begun first.
@test "suites of emulators: the longest first" {
	cat >"$BATS_TEST_TMPDIR/bats" <<-'END'
	#!/bin/sh
	echo "$2" >>"${0%/*}/begun"
	for try in $(seq 600); do
		[ "$(wc -l <"${0%/*}/begun")" -lt 2 ] || break
		sleep 0.1
	done
	printf '%s\n' 1..1 'ok 1'
	END
	chmod +x "$BATS_TEST_TMPDIR/bats"
	PATH=$BATS_TEST_TMPDIR:$PATH run tests/run \
	    tests/vm/{apparmor,boot,newer,other,selinux}.bats
	echo "$output"
	[ "$(last)" = "5 passed, 0 failed, 0 skipped" ]
	[ "$(head -n 2 "$BATS_TEST_TMPDIR/begun" | sort | paste -sd ' ')" = \
	    "tests/vm/apparmor.bats tests/vm/selinux.bats" ]
}
