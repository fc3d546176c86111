#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every role of a running node replaced by one that is taken over
# (security-rules 16): tests/taken/taken.py has the table of what it does and
# what must come of it.  Those of one node are no neighbours of each other, so
# there are three, two at a time: most of it is waiting.  Needs root and the
# host's gcc.

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

taken() { # role...
	timeout 400 tests/taken/with_taken "$@" -- tests/taken/taken.py "$@"
}

@test "a liar is ended, its neighbours live and wait for nobody" {
	local other status=0
	{
		taken zygote broker && taken status auditor imager
	} >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	other=$!
	taken front executor 3>&- || status=1
	wait "$other" || status=1
	cat "$BATS_TEST_TMPDIR/out"
	return "$status"
}
