#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each hostile job of docs/design/jail.md §4 is tried, or there is a reason why
# not (coverage.py, elsewhere).  Needs python3.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "each case of the list has an act, of either attacker, or a reason" {
	python3 tests/escape/coverage.py
}

@test "a case that nothing tries is found" {
	mkdir -p "$BATS_TEST_TMPDIR/tests" "$BATS_TEST_TMPDIR/docs"
	cp -R tests/escape tests/abuse tests/cli tests/compat tests/wire \
	    "$BATS_TEST_TMPDIR/tests"
	cp -R docs/design "$BATS_TEST_TMPDIR/docs"
	cd "$BATS_TEST_TMPDIR" || return 1
	sed -i '/^ *35 .*map-zero/d; s/^35 .*map-zero.*//' \
	    tests/escape/more_cases.py
	sed -i '/^node 98/d' tests/escape/elsewhere
	run python3 tests/escape/coverage.py
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output = *"raw 35: nothing tries it"* ]]
	[[ $output = *"node 98: nothing tries it"* ]]
	[[ $output = *" 2 wrong" ]]
}
