#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What --help lists is what the manual pages explain.  Needs nothing but a
# built tree.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	B=$(cd "${B:-build}" && pwd)
	PATH=$B:$PATH
}

# Long options in the first column of immured --help.
help_options() {
	"$@" | sed -E 's/^ {26,}.*//; s/^(  .{28}).*/\1/' |
		grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u
}

# All long options that a program prints, for usage lines.
usage_options() {
	"$@" | grep -oE -- '(^|[[ ])--[a-z]+(-[a-z]+)*' | tr -d '[ ' | sort -u
}

# Options that a page explains: the .It lines, "\-" or "-" before the name.
page_options() { # of a page on standard input
	grep -E '^\.It Fl' | sed 's/\\-/-/g' |
		grep -oE '(Fl|,) -[a-z]+(-[a-z]+)*' |
		sed -E 's/^(Fl|,) -/--/' | sort -u
}

# The list of options of immured(8), which has other lists of them too.
immured_list() {
	awk '/^The options,/ { on = 1 } on; on && /^\.El/ { exit }' \
		docs/immured.8
}

# Of an immure command, from its .It Cm line.
command_options() { # name
	grep -E "^\\.It Cm $1( |\$)" docs/immure.1 | sed 's/\\-/-/g' |
		grep -oE -- 'Fl -[a-z]+(-[a-z]+)*' | sed 's/^Fl -/--/' | sort -u
}

same() { # what, file, file
	diff -u "$2" "$3" || { echo "$1 differ"; return 1; }
}

@test "immured(8) explains just the options of immured --help" {
	help_options immured --help >"$BATS_TEST_TMPDIR/help"
	immured_list | page_options >"$BATS_TEST_TMPDIR/page"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/help")" -gt 20 ]
	same options "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
}

@test "immure-jail(1) explains just the options of immure-jail --help" {
	usage_options immure-jail --help | grep -vxE -- '--(help|version)' \
		>"$BATS_TEST_TMPDIR/help"
	page_options <docs/immure-jail.1 >"$BATS_TEST_TMPDIR/page"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/help")" -gt 10 ]
	same options "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
}

@test "immure(1) explains just the commands and options of immure help" {
	immure help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort \
		>"$BATS_TEST_TMPDIR/help"
	sed -n '/^\.Bl/,/^\.El/p;/^\.El/q' docs/immure.1 |
		sed -nE 's/^\.It Cm ([a-z]+).*/\1/p' | sort \
		>"$BATS_TEST_TMPDIR/page"
	same commands "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
	while read -r command; do
		usage_options immure help "$command" >"$BATS_TEST_TMPDIR/h"
		command_options "$command" >"$BATS_TEST_TMPDIR/p"
		same "options of $command" "$BATS_TEST_TMPDIR/h" \
			"$BATS_TEST_TMPDIR/p" || bad=1
		# The synopsis has every command too.
		grep -q "^\\.Cm $command\$" docs/immure.1 ||
			{ echo "$command: not in the synopsis"; bad=1; }
	done <"$BATS_TEST_TMPDIR/help"
	[ -z "${bad-}" ]
}

@test "immured(8): options stand in the order of the alphabet" {
	immured_list | grep '^\.It Fl' | sed 's/\\-/-/g' |
		sed -nE 's/^[^-]*-([a-z-]+).*/\1/p' >"$BATS_TEST_TMPDIR/names"
	LC_ALL=C sort "$BATS_TEST_TMPDIR/names" |
		same order "$BATS_TEST_TMPDIR/names" -
}

# The list from its first limit to its end.
limits_list() {
	awk '/^\.It Ic limit-/ { on = 1 } /^\.El/ { on = 0 } on' \
		docs/immured.conf.5
}

@test "immured.conf(5) has each limit, as the table of limits has it" {
	"$B/tests/cli/limits_page" >"$BATS_TEST_TMPDIR/table"
	[ "$(grep -c '^\.It' "$BATS_TEST_TMPDIR/table")" -gt 25 ]
	limits_list | same limits "$BATS_TEST_TMPDIR/table" -
}

@test "immure config shows each limit, and the command line knows it" {
	local key empty=$BATS_TEST_TMPDIR/conf
	: >"$empty"
	immure config --config "$empty" >"$BATS_TEST_TMPDIR/shown"
	for key in $("$B/tests/cli/limits_page" --rows | cut -f 1); do
		grep -qE "^$key = [0-9]+[KMG]? +; default$" \
			"$BATS_TEST_TMPDIR/shown" ||
			{ echo "$key: not shown"; return 1; }
		run immured --check-config --config "$empty" "--$key=0"
		[ "$status" = 101 ]
		[[ $output == *"--$key: bad value"*"give a number"* ]]
	done
}

# Words of role_log(), monitor_log() and record_event(), and reasons of records.
# The last words of a role that dies are told of together.
@test "each stable word of log and record is in a manual page" {
	cat node/*/*.c | tr '\n' ' ' | grep -oE \
	    '(role_log|monitor_log|record_event|clients_log_denied)\([^;"]*"[a-z]+\.[a-z-]+"|(record_job|refuse|dispatch_refuse|record_conn)\([^;"]*"[a-z]+\.[a-z-]+"|\[(END|OVER|CHOICE|REASON)_[A-Z_]+\] = \{? ?"[a-z]+\.[a-z-]+"' |
		grep -oE '"[a-z]+\.[a-z-]+"' | tr -d '"' | sort -u \
		>"$BATS_TEST_TMPDIR/words"
	wc -l "$BATS_TEST_TMPDIR/words"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/words")" -gt 60 ]
	while read -r word; do
		grep -q -- "$word" docs/immured.8 docs/immure-audit.5 ||
			{ echo "$word"; missing=1; }
	done <"$BATS_TEST_TMPDIR/words"
	[ -z "${missing-}" ]
}

# The section that holds all reasons, and the list of words of events.
refusals() {
	sed -n '/^\.Sh REFUSALS/,/^\.Sh LOG/p' docs/immured.8 |
		sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' |
		grep '^\.It Li' | grep -oE '[a-z]+\.[a-z][a-z-]+' | sort
}
events() {
	sed -n '/^\.Sh WORDS OF EVENTS/,/^\.Sh EXAMPLES/p' \
		docs/immure-audit.5 | grep -E '^\.(It )?Li' |
		grep -oE '[a-z]+\.[a-z][a-z-]+' | sort -u
}
code() { # all of it but the commands people type, on one line
	find node -name '*.[ch]' ! -path 'node/cli/*' -exec cat {} + |
		sed 's|/\*[^*]*\*/||' | tr '\n' ' '
}
literals() {
	grep -oE '"[a-z]+\.[a-z][a-z-]+"' | tr -d '"' | sort -u
}

# Why a job was not run, or a connection ended: the words of the options' table
# as it says them itself, of files that hold nothing but reasons, of tables of
# reasons and of what refuses or records.
reasons() {
	{
		"$B/tests/compat/decide" --reasons | cut -f 1
		cat node/broker/place.c node/toolchain/choose.c \
			node/wire/request.c | literals
		code | grep -oE \
		    '((record_job|refuse|dispatch_refuse|record_conn|clients_log_denied)\([^;"]*|\[(END|OVER|CHOICE|REQUEST)_[A-Z_]+\] = \{? ?)"[a-z]+\.[a-z-]+"' |
			literals
	} | grep -vx request.ok | sort -u
}

@test "section REFUSALS of immured(8) has every reason, each once" {
	reasons >"$BATS_TEST_TMPDIR/reasons"
	refusals >"$BATS_TEST_TMPDIR/section"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/reasons")" -gt 55 ]
	run comm -23 "$BATS_TEST_TMPDIR/reasons" "$BATS_TEST_TMPDIR/section"
	echo "not in the section: $output"
	[ -z "$output" ]
	run uniq -d "$BATS_TEST_TMPDIR/section"
	echo "twice: $output"
	[ -z "$output" ]
}

@test "section REFUSALS names no word that is not in the code" {
	{ "$B/tests/compat/decide" --reasons | cut -f 1; code | literals; } |
		sort -u >"$BATS_TEST_TMPDIR/code"
	run comm -13 "$BATS_TEST_TMPDIR/code" <(refusals)
	echo "not in the code: $output"
	[ -z "$output" ]
}

# A new word is a reason, an event, or the last word of a role; so it cannot be
# forgotten by what looks for reasons above.
@test "each stable word is a reason, a word of events, or a role's last" {
	{
		refusals
		events
		code | grep -oE 'role_die\([^;"]*"[a-z]+\.[a-z-]+"' | literals
		echo request.ok
		# files of cgroup v2
		printf '%s\n' cgroup.controllers cgroup.kill cgroup.procs \
		    cpu.pressure cpu.stat cpu.weight io.pressure io.weight \
		    memory.events memory.max memory.peak memory.pressure \
		    pids.events pids.max pids.peak
	} | sort -u >"$BATS_TEST_TMPDIR/known"
	run comm -23 <(code | literals) "$BATS_TEST_TMPDIR/known"
	echo "in no list: $output"
	[ -z "$output" ]
}
