#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The probes: outside they find the layers missing, inside they find none.
# Then the jail is built with one layer (or two that cover the same act) taken
# out, and it must notice and run nothing.  Needs root and a compiler.

setup_file() {
	TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	JAIL=$TREE/${B:-build}/immure-jail
	PROBE=$TREE/${B:-build}/tests/escape/probe_layers
	COPY=$BATS_FILE_TMPDIR/copy
	export TREE JAIL PROBE COPY
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir "$COPY"
	cp -R "$TREE/Makefile" "$TREE/mk" "$TREE/sandbox" "$COPY"
	mkdir -p "$COPY/tests/escape" "$COPY/tests/unit"
	unset B MAKEFLAGS
	make -s -C "$COPY" build/immure-jail OPT=-O0 >&3 2>&1
	SHM=$(ipcmk -M 4096 | grep -o '[0-9]*$')
	export SHM
}

teardown_file() {
	[ -z "${SHM-}" ] || ipcrm -m "$SHM"
}

setup() {
	unset B MAKEFLAGS
}

# Change one file of the copy, build, run, put it back.
without() { # file, sed script
	local file=$COPY/sandbox/$1
	cp "$file" "$file.orig"
	sed -i "$2" "$file"
	if cmp -s "$file" "$file.orig"; then
		echo "the mutation of $1 changes nothing: $2"
		mv "$file.orig" "$file"
		return 1
	fi
	make -s -C "$COPY" build/immure-jail OPT=-O0 \
	    WARN=-Wno-unused 2>&1 || return 1
	run setpriv --groups "${GROUPS_OF:-0}" "$COPY/build/immure-jail" --usual \
	    --tmpfs /tmp -- echo ran
	cp "$file.orig" "$file"
	rm "$file.orig"
	echo "$status: $output"
}

# The jail refused to run, and named the layer.
noticed() {
	[ "$status" -eq 125 ]
	[[ $output = "immure-jail: $1: this layer does not hold"* ]]
}

@test "outside, the attempts work" {
	cd "$BATS_TEST_TMPDIR"
	run "$PROBE" full </dev/null
	for layer in namespace.user namespace.pid namespace.mount \
	    namespace.uts mount.read-only mount.noexec mount.no-proc \
	    landlock.fs seccomp.kill seccomp.errno descriptors; do
		echo "$output" | grep -qx "$layer" || {
			echo "$layer looks held outside"
			return 1
		}
	done
	[ ! -e /.probe ]
	run setpriv --groups 50 "$PROBE" beneath
	for layer in namespace.user namespace.net namespace.ipc landlock.net \
	    capabilities no-new-privs groups; do
		echo "$output" | grep -qx "$layer" || {
			echo "$layer looks held outside"
			return 1
		}
	done
}

@test "inside, none does" {
	run bash -c '"$JAIL" --usual --tmpfs /tmp --exec "$PROBE:/probe" \
	    -- /probe full </dev/null 2>&1 | cat'
	echo "$output"
	[ -z "$output" ]
}

@test "the unchanged copy runs" {
	run "$COPY/build/immure-jail" --usual --tmpfs /tmp -- echo ran
	[ "$output" = ran ]
}

@test "a tmpfs that is not noexec" {
	without jail_root.c 's/ATTR_ALL | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYM/ATTR_ALL | MOUNT_ATTR_NOSYM/'
	noticed mount.noexec
}

@test "a root that can be written" {
	without jail_root.c 's/mount_attr(STAGING, MOUNT_ATTR_RDONLY)/0/'
	noticed mount.read-only
}

@test "noexec gone and Landlock gone" {
	cp "$COPY/sandbox/jail_inside.c" "$COPY/kept"
	sed -i 's/r = landlock_enter(ruleset)/r = 0/; s/probe_beneath(layers)/0/' \
	    "$COPY/sandbox/jail_inside.c"
	without jail_root.c 's/ATTR_ALL | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYM/ATTR_ALL | MOUNT_ATTR_NOSYM/'
	cp "$COPY/kept" "$COPY/sandbox/jail_inside.c"
	noticed mount.noexec
}

@test "no Landlock" {
	without jail_inside.c 's/r = landlock_enter(ruleset)/r = 0/'
	# the first that shows; landlock.fs would be next
	noticed landlock.net
}

@test "Landlock without network rules" {
	without landlock.c 's/abi >= 4/abi >= 400/'
	noticed landlock.net
}

@test "Landlock without file rules" {
	without landlock.c 's/= RIGHTS_ABI_1,/= LANDLOCK_ACCESS_FS_MAKE_SYM,/'
	noticed landlock.fs
}

@test "Landlock without scopes" {
	without landlock.c 's/abi >= 6/abi >= 600/'
	noticed landlock.scope
}

@test "no filter" {
	without jail_inside.c 's/filter_install(&filter_job)/0/'
	noticed seccomp.errno
}

@test "a filter that lets a call through" {
	without policies/job.policy 's/^errno EAFNOSUPPORT socket #/allow socket #/'
	noticed seccomp.errno
}

@test "a filter that lets code be mapped" {
	without policies/job.policy 's/^errno EACCES mmap/allow mmap/'
	noticed seccomp.errno
}

@test "a filter that lets code be protected, and no MDWE" {
	cp "$COPY/sandbox/jail_inside.c" "$COPY/kept"
	sed -i 's/^no_exec_gain(void)/no_exec_gain(void) { return 0; } int was(void)/' \
	    "$COPY/sandbox/jail_inside.c"
	without policies/job.policy 's/^errno EACCES mprotect/allow mprotect/'
	cp "$COPY/kept" "$COPY/sandbox/jail_inside.c"
	noticed mdwe
}

@test "no MDWE" {
	without jail_inside.c 's/^no_exec_gain(void)/no_exec_gain(void) { return 0; } int was(void)/'
	noticed mdwe
}

@test "capabilities kept" {
	without jail_inside.c 's/check(caps_drop_all(), REPORT_FD/check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), REPORT_FD/'
	noticed capabilities
}

@test "groups kept" {
	cp "$COPY/sandbox/jail_inside.c" "$COPY/kept"
	sed -i 's/JAIL_UID, 1, s->groups_stay/JAIL_UID, 1, true/' \
	    "$COPY/sandbox/jail_inside.c"
	GROUPS_OF=50
	without jail_spawn.c 's/caps_drop_groups(s->groups_stay) != 0/false/'
	cp "$COPY/kept" "$COPY/sandbox/jail_inside.c"
	noticed groups
}

@test "no limits" {
	without jail_inside.c 's/rlimits_apply(&j->limits)/setrlimit(RLIMIT_NOFILE, \&(struct rlimit){ -1UL, 4096 }) * 0/; s/#include <signal.h>/#include <signal.h>\n#include <sys\/resource.h>/'
	[ "$status" -eq 125 ]
	[[ $output =~ (rlimits|no-core) ]]
}

@test "the host's network" {
	without jail_spawn.c 's/CLONE_NEWNS | CLONE_NEWNET/CLONE_NEWNS/'
	noticed namespace.net
}

@test "the host's IPC namespace" {
	without jail_spawn.c 's/CLONE_NEWIPC | //'
	[ "$status" -eq 125 ]
	# The host's limits are not the jail's to lower
	[ "$(cat /proc/sys/kernel/shmmni)" -gt 0 ]
}

@test "the host's process ids" {
	without jail_spawn.c 's/CLONE_NEWPID | //'
	noticed namespace.pid
}

@test "the host's UTS namespace" {
	without jail_spawn.c 's/ | CLONE_NEWUTS//'
	# the name cannot even be set
	[ "$status" -eq 125 ]
	[ "$(hostname)" != immure ]
}

@test "no user namespace" {
	without jail_spawn.c 's/CLONE_NEWUSER | //'
	[ "$status" -eq 125 ]
	[ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ]
}
