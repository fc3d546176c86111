#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole Debian packages through the node, every object compared: see identity.
# Needs root, apt with its network (or what an earlier run cached), minutes.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	command -v apt-get >/dev/null || skip "Debian's sources need apt"
}

@test "objects of Debian packages: gcc" {
	run env COMPILERS=gcc tests/compat/identity
	echo "$output"
	[ "$status" = 0 ]
	echo "$output" | sed -n '/^protocol/,$p' | sed 's/^/# /' >&3
}

@test "objects of Debian packages: clang" {
	run env COMPILERS=clang tests/compat/identity
	echo "$output"
	[ "$status" = 0 ]
	echo "$output" | sed -n '/^protocol/,$p' | sed 's/^/# /' >&3
}
