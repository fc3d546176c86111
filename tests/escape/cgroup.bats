#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A cgroup for each cell.  Needs root, python3 and a cgroup v2 that nobody else
# manages (no systemd); controllers are not needed: tests/vm has those.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs a daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	PLACE=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	if [ -z "$PLACE" ] || [ -d /run/systemd/system ]; then
		skip "cgroup v2 is not there, or systemd's"
	fi
	# One toolchain is enough, and quickly made; any user reads the list.
	DISTCC_CMDLIST=$(mktemp "${TMPDIR:-/tmp}/immure-names.XXXXXX")
	export DISTCC_CMDLIST
	chmod 644 "$DISTCC_CMDLIST"
	printf '%s\n' /usr/bin/gcc /usr/bin/x86_64-linux-gnu-gcc \
	    /usr/local/bin/gcc-99 \
	    >"$DISTCC_CMDLIST"
}

teardown() {
	node_end
	rm -f "${DISTCC_CMDLIST-}"
	[ -n "${MINE-}" ] || return 0
	echo "$BASHPID" >"$PLACE/cgroup.procs"
	echo "$$" >"$PLACE/cgroup.procs"
	find "$MINE" -depth -type d -exec rmdir {} +
}

# Groups of this node, or of one with pid $1.
tree_of() {
	find "$PLACE" -maxdepth 4 -type d -path "*/immure.$1*"
}

@test "each cell has its group, is ended by it, and cannot leave it" {
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --job-lifetime 5 --allow 127.0.0.0/8 -- \
	    tests/escape/groups.py 3>&-
}

@test "CPU time is that of all its processes, and what a job cost is on record" {
	timeout 300 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 2 \
	    --job-lifetime 100 --limit-cpu 1 --allow 127.0.0.0/8 -- \
	    tests/escape/groups.py cost 3>&-
}

@test "what a killed node left goes, what a living one has stays" {
	node_start --jobs 1
	killed=$NODE_PID
	kill -KILL "$killed"
	wait "$killed" || true
	rm -rf "$NODE_DIR"
	NODE_PID=
	[ -n "$(tree_of "$killed")" ]
	node_start --jobs 1
	one=$NODE_PID one_dir=$NODE_DIR
	[ -z "$(tree_of "$killed")" ] || { tree_of "$killed"; false; }
	[ -n "$(tree_of "$one")" ]
	node_start --jobs 1
	two=$NODE_PID
	[ -n "$(tree_of "$one")" ]
	[ -n "$(tree_of "$two")" ]
	node_end
	[ -z "$(tree_of "$two")" ] || { tree_of "$two"; false; }
	[ -n "$(tree_of "$one")" ]
	NODE_PID=$one NODE_DIR=$one_dir
}

# As systemd gives a group to a service, and to a user's (Delegate=yes).
delegate() { # uid
	MINE=$PLACE/immure-test-$$
	mkdir "$MINE"
	chown "$1" "$MINE" "$MINE/cgroup.procs" "$MINE/cgroup.subtree_control"
	python3 -c 'import os, sys
os.setxattr(sys.argv[1], sys.argv[2], b"1")' "$MINE" "$2"
	echo "$BASHPID" >"$MINE/cgroup.procs"
}

serves_below() { # directory
	[ -d "$1/immure.$NODE_PID/slot-0/self" ]
	grep -q "/node$" "/proc/$NODE_PID/cgroup"
	echo 'int x;' >"$BATS_TEST_TMPDIR/t.c"
	(cd "$BATS_TEST_TMPDIR" && client 1 distcc gcc -c t.c -o t.o)
	node_end
	[ -z "$(find "$1" -mindepth 1 -name 'immure.*')" ]
}

@test "a group that systemd has delegated is used" {
	delegate 0 trusted.delegate
	node_start --jobs 1
	serves_below "$MINE"
}

@test "… and one that it has delegated to an ordinary user" {
	delegate 12345 user.delegate
	NODE_USER=12345 node_start --jobs 1
	serves_below "$MINE"
}

require_group() { # option...
	run "$DAEMON" --no-detach --port "$(free_port)" \
	    --require cgroup.cell "$@"
	echo "$output"
	[ "$status" = 100 ]
	[[ $output == *"cgroup.cell is not in force"* ]]
}

@test "cgroup = none, and no place: it is said, and may be required" {
	require_group --cgroup none
	[[ $output == *"the setting cgroup says none"* ]]
	require_group --cgroup /tmp
	[[ $output == *"/tmp: it is no directory of a cgroup v2"* ]]
	run "$DAEMON" --cgroup here
	[ "$status" = 101 ]
	DAEMON="setpriv --reuid 12345 --regid 12345 --clear-groups $DAEMON"
	run $DAEMON --no-detach --port "$(free_port)" --require cgroup.cell
	[ "$status" = 100 ]
	[[ $output == *"no group can be made in it"* ]]
}

@test "without groups jobs run as ever, and the log says what is missing" {
	node_start --jobs 1 --cgroup none
	[ -z "$(tree_of "$NODE_PID")" ]
	grep -q 'layer.missing: cgroup.cell: .*the setting cgroup says none' \
	    "$NODE_LOG"
	echo 'int x;' >"$BATS_TEST_TMPDIR/t.c"
	(cd "$BATS_TEST_TMPDIR" && client 1 distcc gcc -c t.c -o t.o)
}

@test "immure check says which groups there are" {
	"${B:-build}/immure" check >"$BATS_TEST_TMPDIR/check"
	cat "$BATS_TEST_TMPDIR/check"
	grep -q '^cgroup.cell *in force' "$BATS_TEST_TMPDIR/check"
	grep -A 1 '^cgroup .*not in force' "$BATS_TEST_TMPDIR/check" |
	    grep -q "$PLACE: controllers for groups below it: " ||
	    grep -q '^cgroup *in force' "$BATS_TEST_TMPDIR/check"
	[ -z "$(find "$PLACE" -maxdepth 1 -name 'try-*')" ]
}

@test "immure check: the setting cgroup says where" {
	B=${B:-build}
	for place in "$PLACE" none /tmp; do
		echo "cgroup = $place" >"$BATS_TEST_TMPDIR/conf"
		"$B/immure" check --config "$BATS_TEST_TMPDIR/conf" \
		    >"$BATS_TEST_TMPDIR/${place##*/}"
	done
	cd "$BATS_TEST_TMPDIR"
	grep '^cgroup' -A 2 "${PLACE##*/}" none tmp
	grep -q '^cgroup.cell *in force' "${PLACE##*/}"
	grep -A 1 '^cgroup.cell *not in force' none |
	    grep -q 'the setting cgroup says none'
	grep -A 1 '^cgroup *not in force' none |
	    grep -q 'the setting cgroup says none'
	grep -A 1 '^cgroup.cell *not in force' tmp |
	    grep -q '/tmp: it is no directory of a cgroup v2'
	echo 'cgroup = here' >conf
	"$OLDPWD/$B/immure" check --config conf >wrong
	grep -A 1 '^cgroup.cell *unknown' wrong |
	    grep -q 'the settings are wrong'
}
