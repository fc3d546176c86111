#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the commands do for an ordinary user, and what they say where that user
# may make no user namespace.  Needs root, to become one.

setup() {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	B=$PWD/${B:-build}
	user="setpriv --reuid 12345 --regid 12345 --groups 12345,50"
}

@test "immure check: the same layers, and what is weaker than root's" {
	run $user "$B/immure" check
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"all that are required" ]]
	layers() { # all but those that differ, with their reasons
		awk '/^$/ { exit } /^[^ ]/ { skip = /^(namespace.user|groups|cgroup.*|nftables) / }
		    !skip'
	}
	diff <("$B/immure" check | layers) <(echo "$output" | layers)
	"$B/immure" check | grep -q "^groups  *in force"
	[[ $output == *$'\n'"groups"*"not in force"*"setgroups(2) is denied"* ]]
	# nobody's groups can stay with a user who is in none
	setpriv --reuid 12345 --regid 12345 --clear-groups "$B/immure" check |
	    grep -q "^groups  *in force"
	for row in uid.roles uid.job uid.owner uid.groups toolchain.owner \
	    quotas; do
		[ "$(echo "$output" | grep -A 2 "^$row " |
		    grep -cE "^ +(reason|remedy): ")" = 2 ]
		[ "$("$B/immure" check | grep -c "^$row ")" = 0 ]
		grep -q "^\.It .*$row" docs/immure.1
	done
}

@test "immure check --json says which mode it is" {
	mode() {
		python3 -c '
import json, sys
o = json.load(sys.stdin)
print(o["mode"], len(o["weaker"]) > 0)'
	}
	[ "$($user "$B/immure" check --json | mode)" = "user True" ]
	[ "$("$B/immure" check --json | mode)" = "root False" ]
}

@test "immure toolchains: the same for an ordinary user" {
	"$B/immure" toolchains >"$BATS_TEST_TMPDIR/root"
	$user "$B/immure" toolchains >"$BATS_TEST_TMPDIR/user"
	[ -s "$BATS_TEST_TMPDIR/user" ]
	# but for what belongs to somebody else: toolchain.owner of immure check
	strangers=$(awk '/not owned by root/ { print $1 }' \
	    "$BATS_TEST_TMPDIR/root" | paste -sd '|')
	diff <(awk -v n="^(${strangers:--})\$" '$1 !~ n' \
	    "$BATS_TEST_TMPDIR/root") <(awk -v n="^(${strangers:--})\$" \
	    '$1 !~ n' "$BATS_TEST_TMPDIR/user")
}

# In a user namespace with all ids, where the limits can be this test's own.
without_namespaces() { # command...
	mkfifo "$BATS_TEST_TMPDIR/go"
	# the second shell has root's rights, because there is a uid 0 by then
	unshare --user sh -c 'read -r x <"$0" && exec sh -c "$@"' \
	    "$BATS_TEST_TMPDIR/go" \
	    'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' - "$@" \
	    2>&1 &
	local pid=$!
	until [ "$(readlink "/proc/$pid/ns/user")" != \
	    "$(readlink /proc/self/ns/user)" ]; do
		sleep 0.05
	done
	echo "0 0 65536" >"/proc/$pid/uid_map"
	echo "0 0 65536" >"/proc/$pid/gid_map"
	echo go >"$BATS_TEST_TMPDIR/go"
	rm "$BATS_TEST_TMPDIR/go"
	wait "$pid"
}

@test "where no user namespace may be made, reason and remedy" {
	while read -r want words; do
		# shellcheck disable=SC2086 # words on purpose
		run without_namespaces env HOME=/ setpriv --reuid 12345 --regid 12345 \
		    --clear-groups "$B"/$words
		echo "$words: $status: $output"
		[ "$status" = "$want" ]
		[[ $output == *"cannot make a user namespace: No space left"* ||
		    $output == *"immure-jail: make a user namespace: No space"* ]]
		[[ $output == *"user.max_user_namespaces is 0"*"sysctl"* ]]
	done <<-'EOF'
	2 immure check
	71 immure toolchains
	125 immure-jail --usual -- true
	100 immured --no-detach --port 37119 --allow 127.0.0.1 --log-stderr
	EOF
}
