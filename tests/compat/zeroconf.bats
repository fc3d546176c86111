#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --zeroconf: announced by avahi-daemon on a network of the test's own, found by
# a query as clients send it and by the stock client.  Needs root, avahi-daemon.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "needs a network namespace"
	node_is_stock && skip "this is about immured"
	cd "$NODE_TREE"
}

# steps FUNCTION: run it beside avahi-daemon, with the files of the test.
steps() {
	timeout 300 tests/compat/with_avahi bash -euc '
		. tests/lib/node.sh
		cd "$2"
		SUB=_$(cc -dumpmachine)--$(cc -dumpversion)
		SUB=$(echo "$SUB" | tr A-Z a-z | tr -c "a-z0-9_\n" - |
		    sed "s/\(.\)_/\1-/g")._sub._distcc._tcp
		mdns() { python3 "$NODE_TREE/tests/compat/mdns.py" "$SUB"; }
		FILE() { echo "/etc/avahi/services/immured-$NODE_PORT.service"; }
		trap "node_stop; rm -rf \"\$NODE_DIR\"" EXIT
		'"$1" - "" "$BATS_TEST_TMPDIR" 3>&-
}

@test "a node is found with its port, jobs and compiler, until it ends" {
	steps '
		node_start --jobs 5 --zeroconf --listen 198.51.100.1
		mdns >found
		cat found
		grep -qx "distcc@avahi-test._distcc._tcp.local" found
		grep -qx "port $NODE_PORT" found
		for w in txtvers=1 jobs=5 "cpus=$(nproc)" \
		    "cc_version=$(cc -dumpversion)" \
		    "cc_machine=$(cc -dumpmachine)"; do
			grep -qx "$w" found
		done
		grep -q "^gnuhost=" found
		grep -q "^distcc=" found
		[ "$(stat -c %a "$(FILE)")" = 644 ]
		xmllint --noout "$(FILE)" 2>/dev/null || python3 -c "
import sys, xml.etree.ElementTree as e
e.parse(sys.argv[1])" "$(FILE)"
		node_stop
		[ -z "$(ls -A /etc/avahi/services)" ]
	'
}

@test "jobs that are changed by SIGHUP are announced" {
	steps '
		echo "jobs = 5" >conf
		node_start --config "$PWD/conf" --zeroconf
		grep -q "jobs=5<" "$(FILE)"
		echo "jobs = 7" >conf
		kill -HUP "$NODE_PID"
		for _ in $(seq 150); do
			! grep -q "jobs=7<" "$(FILE)" || exit 0
			sleep 0.2
		done
		cat "$(FILE)"
		exit 1
	'
}

@test "a service file of somebody else stays; one that was left is replaced" {
	steps '
		NODE_DIR=
		other=$(free_port)
		echo mine >/etc/avahi/services/immured-$other.service
		ours=$(free_port)
		free_port() { echo $other; }
		node_start --jobs 1 --zeroconf
		grep -q "zeroconf.failed.*somebody" "$NODE_LOG"
		node_stop
		[ "$(cat /etc/avahi/services/immured-$other.service)" = mine ]
		rm -r "$NODE_DIR" /etc/avahi/services/*
		free_port() { echo $ours; }
		cat >/etc/avahi/services/immured-$ours.service <<-END
		<?xml version="1.0" standalone='"'no'"'?>
		<!-- Written by immured while it serves; changes are lost. -->
		END
		node_start --jobs 1 --zeroconf
		grep -q "<port>$ours</port>" "$(FILE)"
		# not ours any more when somebody has put another in its place
		echo mine >"$(FILE).new"
		mv "$(FILE).new" "$(FILE)"
		node_stop
		[ "$(cat "$(FILE)")" = mine ]
	'
}

@test "the stock client finds it by +zeroconf" {
	command -v dbus-daemon >/dev/null || skip "no dbus-daemon"
	BUS=1 steps '
		node_start --jobs 5 --zeroconf --listen 198.51.100.1 \
		    --allow 198.51.100.1
		export DISTCC_DIR=$PWD/state DISTCC_HOSTS=+zeroconf
		mkdir state
		for _ in $(seq 300); do
			! distcc --show-hosts 2>/dev/null |
			    grep "198.51.100.1:$NODE_PORT/5" || exit 0
			sleep 0.2
		done
		distcc --show-hosts
		exit 1
	'
}
