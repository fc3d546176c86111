#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The node with its own walls off (tests/outer/with_walls_off), without any
# policy around it: whatever tests/outer/expect says that one refuses must go
# through, or it is not the policy that the guests' tests see.  In namespaces of
# its own, where acts meet nothing of this machine's.  Needs root, gcc, cgroup2.

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	printf "%s\n" /usr/bin/gcc /usr/local/bin/gcc-99 \
	    >"$BATS_TEST_TMPDIR/compilers"
	export DISTCC_CMDLIST="$BATS_TEST_TMPDIR/compilers"
	node=$(mktemp -d /tmp/immure-outer.XXXXXX)
}

teardown() {
	[ -z "${node-}" ] || rm -rf "$node"
}

outer() { # letters, policy
	tests/outer/with_walls_off "$1" "$node"
	timeout 120 tests/outer/run --private --policy "${2-none}" "$node" 3>&-
}

@test "with every capability all that is denied elsewhere goes through" {
	run outer CA
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}

@test "without capabilities all that needs none goes through" {
	run outer A
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}

@test "a policy that is not there is missed, in every process" {
	run outer CA selinux
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 14 ]
	grep -q '# front read-passwd: went through, should be denied' <<<"$output"
}

@test "a genuine node has no such letters, and attempts nothing" {
	local f
	for f in "${B:-build}"/immured "${B:-build}"/libexec/*; do
		! grep -qa 'IMMURE-OUTER-PLAN' "$f" || {
			echo "$f"
			return 1
		}
	done
}
