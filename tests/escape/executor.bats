#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# One slot driven by hand, without monitor, broker and imager: spawner, zygote,
# executor and cells.  Needs root and the host's gcc.

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	drive=${B:-build}/tests/escape/drive_executor
}

@test "jobs in plain, lzo and pump give the objects of the host's gcc" {
	timeout 360 "$drive" jobs
}

@test "the same where the image is also bound at the usual places" {
	timeout 360 "$drive" usual
}

@test "what a cell must turn down it turns down, and goes on" {
	timeout 360 "$drive" refuse
}

@test "a compiler that attacks what is around it gets nowhere, in time" {
	timeout 360 "$drive" hostile
}

@test "SIGKILL of any process of a slot leaves no process and no mount" {
	timeout 480 "$drive" kill
}
