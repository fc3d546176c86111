#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs root and a built tree.  The command lines of immure and immured:
# exit codes, what is said, and that nothing is accepted by mistake.

setup() {
	B=${B:-build}
	immure=$PWD/$B/immure
	immured=$PWD/$B/immured
}

@test "immure check: every required layer is in force here" {
	run "$immure" check
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"all that are required" ]]
	[[ $output == *"seccomp.kill      in force"* ]]
	[[ $output == *"seccomp.trip      in force"* ]]
}

@test "immure check --json: the same as one JSON object" {
	run "$immure" check --json
	[ "$status" = 0 ]
	echo "$output" | python3 -c '
import json, sys
o = json.load(sys.stdin)
assert o["required_missing"] == 0, o
assert len(o["layers"]) >= 22
for l in o["layers"]:
    assert l["state"] in ("in force", "not in force", "unknown")
    assert (l["state"] == "in force") == (l["reason"] is None), l
    assert l["state"] == "in force" or l["remedy"], l
'
}

no_probe() { ! pgrep -f '[.]stage/probe'; }

@test "immure check leaves no mount and no process behind" {
	. tests/lib/node.sh
	before=$(mounts_here)
	"$immure" check >/dev/null
	diff <(echo "$before") <(mounts_here)
	eventually no_probe # other nodes begin with one
}

@test "immure toolchains: what is well is in the table alone" {
	"$immure" toolchains 2>"$BATS_TEST_TMPDIR/err" >"$BATS_TEST_TMPDIR/out"
	grep -q ' ready' "$BATS_TEST_TMPDIR/out"
	run grep ready "$BATS_TEST_TMPDIR/err"
	[ "$status" = 1 ]
}

@test "immure refuses what it does not know" {
	for words in "" "nosuch" "check --jsn" "check --json x" "help nosuch" \
	    "version x" "toolchains -j"; do
		# shellcheck disable=SC2086 # words on purpose
		run "$immure" $words
		[ "$status" = 64 ]
		[[ $output == immure:* ]]
	done
}

@test "immure version, help" {
	run "$immure" --version
	[ "$status" = 0 ]
	[[ $output == "immure "[0-9]* ]]
	run "$immure" help
	[ "$status" = 0 ]
	[[ $output == *toolchains* ]]
	run "$immure" help toolchains
	[ "${#lines[@]}" = 3 ]
}

@test "immure notices that its answer was not taken" {
	run sh -c "'$immure' help >/dev/full"
	[ "$status" = 2 ]
}

@test "immured --version: the two lines of distccd's form" {
	run "$immured" --version
	[ "$status" = 0 ]
	[[ ${lines[0]} == "immured "[0-9]*" "*-* ]]
	[ "${lines[1]}" = "  (protocols 1, 2 and 3) (default port 3632)" ]
}

@test "immured --help names every option that it takes" {
	run "$immured" --help
	[ "$status" = 0 ]
	for o in listen port allow allow-private jobs job-lifetime log-file \
	    log-level log-stderr verbose pid-file daemon no-detach user nice \
	    enable-tcp-insecure audit-file; do
		[[ $output == *"--$o"* ]]
	done
}

@test "immured --help fits a terminal of 80 columns" {
	[ -z "$("$immured" --help | awk 'length > 80')" ]
	[ -z "$("$immure" help | awk 'length > 80')" ]
}

@test "immured exits 101, with option, reason and remedy" {
	while read -r words; do
		# shellcheck disable=SC2086 # words on purpose
		run timeout 10 "$immured" $words
		echo "$words: $status: $output"
		[ "$status" = 101 ]
		[[ $output == *"--"*";"* || $output == *"unknown option;"* ]]
	done <<-'EOF'
	--nosuch
	--allow-p
	--port=0
	--port
	--jobs 0
	--allow example.org
	--allow 10.0.0.0/33
	--nice fast
	--log-format loud
	--auth
	word
	EOF
}

@test "immured(8) explains every reason for refusing a command line" {
	words=$(grep -oE '"option\.[a-z-]+"' node/options/reasons.c | tr -d '"' |
	    sort -u)
	[ -n "$words" ]
	for word in $words; do
		grep -q -- "$word" docs/immured.8 || { echo "$word"; false; }
	done
}
