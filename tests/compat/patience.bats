#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Jobs of 400 seconds with a client whose patience is five (--drip).  They do
# nothing but wait, so tests/run has them beside all other suites.  Needs root,
# the stock client and its pump.

setup() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$NODE_TREE" || return 1
	. tests/lib/node.sh
	[ "$(id -u)" = 0 ] || skip "needs a mount namespace and a node"
	node_is_stock && skip "distccd sends nothing before its reply"
	PUMP_DIR=$("$NODE_TREE/tests/compat/build_pump" 2>&3)
	export PUMP_DIR
}

# At one byte in four seconds the 23 that leave room for the compiler's own
# message last 92.
@test "a job of 400 s gives its object to a client that waits for 5" {
	timeout 600 tests/escape/with_attacker "$BATS_TEST_TMPDIR" --jobs 4 \
	    --drip 4 --socket "$BATS_TEST_TMPDIR/sock" -- \
	    "$NODE_TREE/tests/compat/drip.py" \
	    1:nap:400:note 2:nap:400:note 3:nap:400:note 1:nap:80:ok 3>&-
}
