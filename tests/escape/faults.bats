#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A fault at a sample of the set-up system calls (all of them: make faults).
# Needs root, python3, a compiler, and ptrace(2) with PTRACE_O_SUSPEND_SECCOMP
# (CONFIG_CHECKPOINT_RESTORE).

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	B=${B:-build}
	export B
}

@test "where a set-up call fails nothing runs outside a whole jail" {
	timeout 300 tests/escape/faults.py --jobs 2 --seconds 45
}

# The jail with one result ignored and nobody who looks again.
ignoring() { # sed script, file, sites
	local copy=$BATS_TEST_TMPDIR/copy
	rm -rf "$copy"
	mkdir -p "$copy/tests/escape" "$copy/tests/unit"
	cp -R Makefile mk sandbox "$copy"
	sed -i 's/check_layers(probe_[a-z]*(layers));/;/' \
	    "$copy/sandbox/jail_inside.c"
	sed -i.orig "$1" "$copy/sandbox/$2"
	! cmp -s "$copy/sandbox/$2" "$copy/sandbox/$2.orig"
	env -u B -u MAKEFLAGS make -s -C "$copy" build/immure-jail OPT=-O0 \
	    WARN=-w
	mkdir -p "$copy/build/tests/escape"
	cp "$B/tests/escape/fault" "$B/tests/escape/witness" \
	    "$copy/build/tests/escape"
	tests/escape/faults.py --build "$copy/build" --jail --only "$3" \
	    --expect-hole
}

@test "a jail that ignores what landlock_restrict_self(2) says is found" {
	ignoring 's/r = landlock_enter(ruleset);/(void)landlock_enter(ruleset);/' \
	    jail_inside.c landlock_restrict_self
}

@test "… capset(2)" {
	ignoring 's/check(caps_drop_all(), REPORT_FD, STEP_CAPS)/(void)caps_drop_all()/' \
	    jail_inside.c capset
}

@test "… seccomp(2)" {
	ignoring 's/check(filter_install(&filter_job), REPORT_FD, STEP_FILTER)/(void)filter_install(\&filter_job)/' \
	    jail_inside.c seccomp
}

@test "… setrlimit(2)" {
	ignoring 's/check(rlimits_apply(&j->limits), REPORT_FD, STEP_LIMITS)/(void)rlimits_apply(\&j->limits)/' \
	    jail_inside.c prlimit64
}

@test "… mount_setattr(2)" {
	ignoring 's/r = set_attr((int)fd, "", AT_EMPTY_PATH | recursive, &a);/r = 0 * set_attr((int)fd, "", AT_EMPTY_PATH | recursive, \&a);/' \
	    mount.c mount_setattr
}

@test "a jail that ignores nothing passes the same" {
	run tests/escape/faults.py --jail --expect-hole \
	    --only 'landlock_restrict_self|capset|seccomp|mount_setattr'
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output = *" 0 holes" ]]
}
