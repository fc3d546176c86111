#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Compiles that take longer than a client waits (--drip).  Needs root, the
# stock client and its pump.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$NODE_TREE" || return 1
	. tests/lib/node.sh
	[ "$(id -u)" = 0 ] || skip "needs a mount namespace and a node"
	node_is_stock && skip "distccd sends nothing before its reply"
	PUMP_DIR=$("$NODE_TREE/tests/compat/build_pump" 2>&3)
	export PUMP_DIR
}

# drip SECONDS CASE...: a node with --drip SECONDS, the cases at once.
drip() {
	s=$1
	shift
	timeout 600 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 12 \
	    --drip "$s" -- "$NODE_TREE/tests/compat/drip.py" "$@" 3>&-
}

# After 23 s the client is told of success; what fails from then on is cut off.
@test "a job longer than the client's patience gives its object" {
	drip 1 1:nap:32:note 2:nap:32:note 3:nap:32:note \
	    1:nap:12:ok 2:nap:12:ok 3:nap:12:ok \
	    1:nap-fail:12:fail 2:nap-fail:12:fail 3:nap-fail:12:fail \
	    1:nap-fail:32:lost 3:nap-fail:32:lost
}

@test "without --drip the same jobs are lost" {
	drip 0 1:nap:12:lost 2:nap:12:lost 3:nap:12:lost
}
