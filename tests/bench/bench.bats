#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The benchmark works: its statistics are right, and a run as short as can be
# leaves figures of all kinds.  What they are is no matter here.
# Needs root, distcc.

bench=tests/bench

setup() {
	scratch=$(mktemp -d "$BATS_TEST_TMPDIR/bench.XXXXXX")
}

@test "bench: medians, quartiles, ratios pair by pair" {
	run python3 -B -m unittest discover -s "$bench" -p 'test_*.py'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *OK ]]
	[[ $output != *"Ran 0 tests"* ]]
}

@test "bench: a short run leaves figures of everything" {
	run env PYTHONDONTWRITEBYTECODE=1 "$bench/bench" --quick --seconds 0 \
	    --most 2 --block 1 --only client,node,jail,rate,cpu,crowd \
	    --match 'tiny C gcc plain' --json "$scratch/json"
	echo "$output"
	[ "$status" -eq 0 ]
	for section in client node crowd cpu; do
		# shellcheck disable=SC2016 # jq's
		jq -e --arg section $section '.rows[] |
		    select(.section == $section) | .ratios["immured/distccd"] |
		    .n == 2 and .q1 <= .median and .median <= .q3 and
		    .median > 0' "$scratch/json"
		jq -e --arg section $section '.rows[] |
		    select(.section == $section) | .contenders |
		    has("bare") and .immured.p99 > 0' "$scratch/json"
	done
	jq -e '[.rows[] | select(.section == "jail")] | length == 2 and
	    all(.ratios["cell/posix_spawn"].median > 0)' "$scratch/json"
	jq -e '.rows[] | select(.section == "jail-rate") |
	    .contenders.cell.median > 0' "$scratch/json"
	jq -e '.machine.cores > 0 and .command != "" and .failed == []' \
	    "$scratch/json"
}

@test "bench: a contender that does not compile is no figure" {
	run python3 -B - <<-END
	import sys
	sys.path.insert(0, "$bench")
	from measure import Coprocess, Failed
	try:
	    Coprocess("spawn", "false").wall()
	except Failed as e:
	    print(e)
	    sys.exit(0)
	sys.exit("a figure of what failed")
	END
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"status 0x100"* ]]
}

@test "bench: an honest client's job beside a crowd" {
	run "$bench/bench-scale" --only beside --rounds 1 --block 1 --idle 40 \
	    --slow 4 --json "$scratch/json"
	echo "$output"
	[ "$status" -eq 0 ]
	jq -e '.rows[0] | .front_mib > 0 and .ratios["beside/quiet"].n == 5' \
	    "$scratch/json"
	[[ $output == *"44 connections were open"* ]]
}
