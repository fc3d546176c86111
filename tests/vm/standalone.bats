#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Not in CI: three minutes, and tests/vm/selinux.bats has the same module.
# The policy that stands alone (policy/selinux/stand-alone), for an image that has
# no other: it boots, enforcing, on Linux 6.1, with the node as a service; what that
# does is not denied, and what it must not do is, when its own walls are off
# (tests/outer).  Needs what tests/vm/selinux.bats does, setools and secilc.
# One boot.

load selinux/machine

overlay() {
	mkdir -p "$1/opt/outer" "$1/etc/immure"
	tests/outer/with_walls_off --installed CA "$1/opt/outer/root"
	cp tests/outer/run tests/outer/judge.awk "$1/opt/outer"
	stricter <tests/outer/expect >"$1/opt/outer/expect"
	{
		cat tests/vm/system/common/etc/immure/immured.conf
		echo 'require = selinux'
	} >"$1/etc/immure/immured.conf"
}

# What the reference policy gives every domain and this one does not give a job:
# unix sockets, to list the host's root and /dev.  Everybody has /dev/null, itself
# in /proc, and may look at /etc; to fork, see outer.cil.
stricter() {
	awk '!/^#/ && /the reference policy lets every domain/ &&
	    $2 !~ /fork|null|proc|stat\(/ { sub(/ open /, " deny ") } 1'
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	overlay "$BATS_FILE_TMPDIR/overlay"
	boot "$PWD/tests/vm/selinux/hook stand-alone" "$BATS_FILE_TMPDIR/overlay"
}

teardown() {
	vm_failed
}

pump() { # compiler, source
	"$VM_TREE/${B:-build}/tests/wire/send_request" --proto 3 \
	    --cdir /tmp/w --file "/tmp/w/$2=$2" --object p.o \
	    127.0.0.1 "$VM_PORT" -- "$1" -O2 -c "$2" -o p.o
	[ -s p.o ]
	rm p.o
}

@test "it is enforced, and the node that its init script started serves" {
	[ "$(vm_run cat /sys/fs/selinux/enforce)" = 1 ]
	vm_node_ready
}

# The node looks itself (require = selinux); and whose programs run in a slot?
@test "each role is in its domain, and what waits in a slot" {
	vm_run immure check --json >state
	[ "$(jq -r '.layers[] | select(.name == "selinux") | .state' state)" = \
	    "in force" ]
	[ "$(jq '[.processes[] | select(.as_expected | not)] | length' \
	    state)" = 0 ]
	run vm_run sh -c 'cat /proc/[0-9]*/attr/current | tr "\0" "\n"'
	for d in immured immure_auditor immure_broker immure_front \
	    immure_imager immure_executor immure_zygote immure_unpack \
	    immure_pack immure_launch; do
		grep -q ":${d}_t:" <<<"$output"
	done
}

@test "C and C++ by all three protocols" {
	echo 'int x = 7;' >t.c
	echo 'template <class T> T f(T x) { return x; } int y = f(1);' >t.cc
	for options in '' ,lzo; do
		vm_client "$options" distcc gcc -O2 -c t.c -o t.o
		vm_client "$options" distcc g++ -O2 -c t.cc -o tt.o
	done
	pump gcc t.c
	pump g++ t.cc
}

# But for what tests/vm/selinux.bats tells of: the console, which the monitor is
# not left, and that it may not have nfnetlink loaded.
@test "nothing of that was denied, to whomever" {
	vm_denials >denials
	run grep 'avc: *denied' denials
	run grep -vE '\{ read \}.*path="/dev/console".*scontext=[^ ]*:immured_t:|\{ module_request \}.*kmod="net-pf-16-proto-12" scontext=[^ ]*:immured_t:' <<<"$output"
	echo "$output"
	[ -z "$output" ]
}

# As in tests/vm/selinux.bats, with outer.cil in the place of guest.te.
@test "walls off: what is expected of the policy is denied" {
	run_walls_off
	vm_denials >denials
	for d in immured immure_front immure_auditor immure_executor \
	    immure_unpack immure_job; do
		grep -q "avc: *denied.*scontext=[^ ]*:${d}_t:" denials
	done
}
