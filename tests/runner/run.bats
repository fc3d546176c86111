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
