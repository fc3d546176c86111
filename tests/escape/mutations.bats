#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Layers taken out of a copy of the tree (all of them: make mutations), and the
# table of who notices.  The first needs root, python3 and the compiler.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "a layer that is taken out is noticed" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	timeout 800 tests/escape/mutate.py --seconds 60
}

@test "the table in docs/threat-model.md names the mutations that there are" {
	tests/escape/mutate.py --compare
}

@test "a mutation that changes nothing is an error, and one unnoticed too" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	local copy=$BATS_TEST_TMPDIR/tree
	mkdir -p "$copy/tests"
	cp -R Makefile mk node sandbox build "$copy"
	cp -R tests/escape tests/lib tests/unit "$copy/tests"
	cat >"$copy/tests/escape/mutations" <<-'MUTATIONS'
		= comment | a comment | test_memfd
		node/common/memfd.c | s/Sealed memfds/Memfds/
	MUTATIONS
	run "$copy/tests/escape/mutate.py"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output = *"comment: nobody notices"* ]]
	echo 'node/common/memfd.c | s/no such words//' \
	    >>"$copy/tests/escape/mutations"
	run "$copy/tests/escape/mutate.py"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output = *"changes nothing"* ]]
}
