#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The filter against the system calls that the running kernel has, by their
# numbers, of all three ABIs (every_call.py).  Needs root, python3, an x86_64.

setup() {
	[ "$(id -u)" = 0 ] || skip "a user's numbers are those of root"
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are x86_64's"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	B=${B:-build}
}

@test "no number gets through but those that must, up to the kernel's last" {
	python3 tests/escape/every_call.py "$B/immure-jail" \
	    "$B/tests/escape/every_call"
}

@test "a number that gets through is found" {
	cat >"$BATS_TEST_TMPDIR/jail" <<-'END'
	#!/bin/sh
	# no jail: what stands behind --
	while [ "$1" != -- ]; do shift; done
	exec "$PROGRAM" "$3" "$4"
	END
	chmod +x "$BATS_TEST_TMPDIR/jail"
	PROGRAM=$B/tests/escape/every_call run python3 \
	    tests/escape/every_call.py "$BATS_TEST_TMPDIR/jail" \
	    "$B/tests/escape/every_call"
	[ "$status" -eq 1 ]
	[[ $output = *"native 101: "* ]] # ptrace
	[[ $output = *"native 469: "* || $output = *"native 321: "* ]]
	[[ $output = *"i386 20: "* || $output = *"i386: this kernel has 0"* ]]
}
