#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Run a fuzz target in one of three ways; mk/fuzz.mk calls this.  Needs nothing
# but the built target and its corpus; prints one line when all is well.
#
#   run.sh fuzz NAME PROGRAM DIR SECONDS       fuzz; findings go to DIR
#   run.sh replay NAME PROGRAM MIN SOURCE...   replay, then count lines
#   run.sh seeded NAME PROGRAM DIR SECONDS     fuzz; it must fail
set -eu
LC_ALL=C
UBSAN_OPTIONS=print_stacktrace=1
export LC_ALL UBSAN_OPTIONS

fail() {
	echo "not ok $*" >&2
	exit 1
}

mode=$1 name=$2 program=$3
shift 3
corpus=tests/fuzz/corpus/$name
[ -n "$(ls "$corpus" 2>/dev/null)" ] ||
	fail "fuzz-$mode $name: $corpus is empty"

# fuzz_for DIR SECONDS [CORPUS]: status and log of the fuzzer
fuzz_for() {
	dir=$1 time=$2
	shift 2
	mkdir -p "$dir/corpus"
	"$program" -max_total_time="$time" -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$dir/" \
		"$dir/corpus" "$@" >"$dir/log" 2>&1
}

fuzz() {
	fuzz_for "$1" "$2" "$corpus" || {
		tail -n 40 "$1/log" >&2
		fail "fuzz $name: see $1/log"
	}
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1/log")
	new=$(sed -n 's/^stat::new_units_added: *//p' "$1/log")
	echo "ok fuzz $name: $2 s, $runs runs, $new new inputs, no finding"
}

# From an empty corpus, since ours was made with such bugs in mind.
# The kind of failure is in the line that a sanitizer, libFuzzer (a time-out)
# or the target itself (a property that does not hold) has printed.
seeded() {
	start=$(date +%s)
	rm -rf "$1/corpus"
	if fuzz_for "$1" "$2"; then
		fail "fuzz-seeded $name: the bug was not found in $2 s"
	fi
	what=$(grep -m 1 -E 'ERROR: |runtime error: |^fuzz_' "$1/log" |
		sed 's/ on .*address.*//; s/==[0-9]*==//; s/^ERROR: //') ||
		fail "fuzz-seeded $name: failed otherwise, see $1/log"
	echo "ok fuzz-seeded $name: after $(($(date +%s) - start)) s: $what"
}

# A crash in a run over all inputs does not tell which one it was.
name_culprits() {
	for input in "$corpus"/*; do
		"$program" "$input" >/dev/null 2>&1 ||
			echo "  $program $input" >&2
	done 2>&1 | head -n 10 >&2
}

# lines SOURCE...: "EXECUTED ALL", summed over the sources
lines() {
	for source in "$@"; do
		gcov -n -o "${program%/run}/${source%.c}.o" "$source" 2>&1 |
			grep -A 1 -F "File '$source'"
	done | sed -n 's/^Lines executed:\([0-9.]*\)% of \([0-9]*\)$/\1 \2/p' |
		awk '{ done += $1 * $2 / 100; all += $2 }
			END { printf "%d %d\n", done + 0.5, all }'
}

replay() {
	min=$1
	shift
	find "${program%/run}" -name '*.gcda' -exec rm -f {} +
	"$program" "$corpus"/* >"$program.log" 2>&1 || {
		tail -n 40 "$program.log" >&2
		name_culprits
		fail "fuzz-replay $name: see $program.log"
	}
	inputs=$(find "$corpus" -type f | wc -l)
	lines "$@" >"$program.lines"
	read -r hit all <"$program.lines"
	share=$(awk "BEGIN { printf \"%.1f\", $all ? 100 * $hit / $all : 0 }")
	[ $# -le 3 ] || set -- "$# files"
	what="$inputs inputs, $share % of lines of $*"
	[ -n "${REPLAY_SAN-}" ] || what="$what, without sanitizers"
	awk "BEGIN { exit !($share < $min) }" &&
		fail "fuzz-replay $name: $what, less than $min %"
	echo "ok fuzz-replay $name: $what"
}

case $mode in
fuzz | replay | seeded) "$mode" "$@" ;;
*) fail "unknown mode $mode" ;;
esac
