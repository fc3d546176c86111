#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A toolchain that changes under load: new images, new slots; the running job
# finishes on the old ones, none fails.  Needs root (a mount namespace).

setup_file() {
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	OUT=$(unshare -m "$BATS_TEST_DIRNAME/reimage" 2>&1) || true
	export OUT
}

held() {
	grep -qx "ok $1" <<<"$OUT" || {
		echo "$OUT"
		return 1
	}
}

@test "changed files make new images" { held new-images; }
@test "no job fails meanwhile" { held no-job-failed; }
@test "the running job finishes" { held running-job-finished; }
@test "jobs go on afterwards" { held next-job; }
@test "the record names the new digest" { held digest-changed; }
@test "the old images are let go of" { held old-images-gone; }

@test "compiler, header and library replaced: no job mixes old and new" {
	timeout 400 "$BATS_TEST_DIRNAME/replaced" "$BATS_TEST_TMPDIR" 3>&-
}
