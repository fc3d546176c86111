#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The node with its own walls off (tests/outer/with_walls_off), without any
# policy around it: whatever tests/outer/expect says that one refuses must go
# through, or it is not the policy that the guests' tests see.  In namespaces of
# its own, where acts meet nothing of this machine's.  Needs root, gcc, cgroup2,
# nft.

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	seen=$BATS_FILE_TMPDIR
	export seen
	if timeout 300 tests/outer/layers --keep "$seen" >"$seen/said" 2>&1 3>&-
	then
		: >"$seen/whole"
	fi
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# As `run` does, of what was seen in a plan.
judge() { # policy, letters
	run awk -v policy="$1" -v letters="$2" -f tests/outer/judge.awk \
	    tests/outer/expect "$seen/$2"
	echo "$output"
}

@test "with every capability all that is denied elsewhere goes through" {
	cat "$seen/said"
	judge none CA
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}

@test "without capabilities all that needs none goes through" {
	judge none A
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}

@test "a policy that is not there is missed, in every process" {
	judge selinux CA
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 14 ]
	grep -q '# front read-shadow: went through, should be denied' <<<"$output"
	judge nftables A
	[ "$(grep -c '^not ok' <<<"$output")" -eq 11 ]
}

@test "a plan that cannot show a policy is no run of it" {
	judge nftables CA
	[ "$status" -eq 1 ]
	[ "$(grep -c 'nothing of it was judged' <<<"$output")" -eq 14 ]
}

@test "each act is stopped by one of the node's own walls alone" {
	cat "$seen/said"
	[ -e "$seen/whole" ]
}

drive() { # letters, word of the driver...
	local node=$BATS_TEST_TMPDIR/node
	printf '%s\n' /usr/bin/gcc /usr/local/bin/gcc-99 >"$BATS_TEST_TMPDIR/list"
	tests/outer/with_walls_off "$1" "$node"
	shift
	DISTCC_CMDLIST=$BATS_TEST_TMPDIR/list run timeout 120 "$node/run" \
	    --private --send "${B:-build}/tests/wire/send_request" "$@" "$node"
	echo "$output"
}

@test "the driver of the guests: TAP, and nothing is left" {
	drive CUA --policy none
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
	[ ! -e /run/immure-outer ]
}

@test "nftables alone: no packet of a process that has a uid of its own" {
	drive A --policy nftables --before 'nft -f nftables/immure.nft'
	[ "$status" -eq 0 ]
	[ "$(grep -c '3 denied, 0 open' <<<"$output")" -eq 11 ]
}

@test "docs/layers.md says what is expected of the policies" {
	tests/outer/layers --compare
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
