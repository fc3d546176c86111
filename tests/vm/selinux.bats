#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The node under SELinux, enforcing, on Linux 6.1: Debian's reference policy with
# policy/selinux/immure.  What a node does is not denied, and what it must not do
# is, when its own walls are off (tests/outer), and is on record.  Needs root, what
# tests/vm/vm.sh needs, semodule and selinux-policy-dev.  One boot.

load selinux/machine

# Beside the node: one without walls, its driver, and what to compare with.
overlay() {
	mkdir -p "$1/opt/outer"
	tests/outer/with_walls_off --installed CA "$1/opt/outer/root"
	cp tests/outer/run tests/outer/judge.awk tests/outer/expect \
	    "$1/opt/outer"
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	overlay "$BATS_FILE_TMPDIR/overlay"
	boot "$PWD/tests/vm/selinux/hook" "$BATS_FILE_TMPDIR/overlay"
}

# Denials of our domains, and of others about what is ours.  Not those that the
# reference policy keeps quiet about, for any daemon: the service manager does not
# hand on its environment and signals (domtrans_pattern), and the console is
# taken away (init_daemon_domain).  Nor that the monitor may not have nfnetlink
# loaded, which it asks whether there is a packet filter (firewall_loaded.c): there
# is none here.
no_denials() {
	local all
	vm_denials >denied || return
	all=$(grep -E 'immured?_' denied |
	    grep -vE 'denied +\{ (noatsecure|siginh|noatsecure siginh|siginh noatsecure) \}.*scontext=[^ ]*:initrc_t:' |
	    grep -vE '\{ read \}.*path="/dev/console".*scontext=[^ ]*:immured_t:' |
	    grep -vE '\{ module_request \}.*kmod="net-pf-16-proto-12" scontext=[^ ]*:immured_t:') || :
	[ -z "$all" ] || {
		echo "$all"
		return 1
	}
}

# Domain and program of each process of the node, once each.
domains() {
	vm_run sh -c 'for p in /proc/[0-9]*; do
		x=$(readlink $p/exe) || continue
		case $x in
		*/immured | */immure-* | /.immure/*)
			c=$(cat $p/attr/current)
			c=${c#*:*:}
			echo "${x##*/} ${c%%:*}" ;;
		esac
	done' | sort -u
}

@test "the policy is enforced" {
	run vm_run cat /sys/fs/selinux/enforce
	[ "$output" = 1 ]
}

@test "the node that its init script started serves" {
	vm_node_ready
}

@test "each role is in its domain, and jobs in theirs" {
	run domains
	echo "$output"
	diff - <(echo "$output") <<-'END'
	immure-auditor immure_auditor_t
	immure-broker immure_broker_t
	immure-executor immure_executor_t
	immure-front immure_front_t
	immure-imager immure_imager_t
	immure-zygote immure_zygote_t
	immured immured_t
	launch immure_launch_t
	pack immure_pack_t
	unpack immure_unpack_t
	END
}

@test "C and C++, plain and LZO" {
	printf 'int main(void)\n{\n\treturn 0;\n}\n' >t.c
	printf 'struct a {\n\tint b;\n};\nint f(a *x)\n{\n\treturn x->b;\n}\n' \
	    >t.cc
	vm_client '' distcc gcc -O2 -c t.c -o t.o
	vm_client '' distcc g++ -O2 -c t.cc -o t.o
	vm_client ,lzo distcc gcc -O2 -c t.c -o t.o
	vm_client ,lzo distcc g++ -O2 -c t.cc -o t.o
}

@test "pump mode, C and C++, and a header of the client's" {
	local send=$VM_TREE/${B:-build}/tests/wire/send_request
	echo '#include "x.h"' >p.c
	echo 'int x = X;' >>p.c
	echo '#define X 7' >x.h
	"$send" --proto 3 --cdir /tmp/w --file /tmp/w/p.c=p.c \
	    --file /tmp/w/x.h=x.h --object p.o 127.0.0.1 "$VM_PORT" -- \
	    gcc -O2 -c p.c -o p.o
	[ -s p.o ]
	"$send" --proto 3 --cdir /tmp/w --file /tmp/w/p.cc=p.c \
	    --file /tmp/w/x.h=x.h --object pp.o 127.0.0.1 "$VM_PORT" -- \
	    g++ -O2 -c p.cc -o pp.o
	[ -s pp.o ]
}

@test "a job that fails, and one that is refused" {
	echo 'int x = ;' >bad.c
	run vm_client '' distcc gcc -c bad.c -o bad.o
	[ "$status" -eq 1 ]
	run vm_client '' distcc gcc -fplugin=/x.so -c bad.c -o bad.o
	[ "$status" -ne 0 ]
}

@test "a compiler is in the jobs' domain" {
	# one that takes its time
	{
		echo 'template <int n> struct f { static const long v ='
		echo 'f<n - 1>::v * 31 + f<n - 2>::v % 7; };'
		echo 'template <> struct f<0> { static const long v = 1; };'
		echo 'template <> struct f<1> { static const long v = 1; };'
		echo 'long x = f<890>::v;'
	} >slow.cc
	vm_client '' distcc g++ -O2 -c slow.cc -o slow.o 3>&- &
	local client=$! seen='' tries=0
	while [ $tries -lt 40 ] && [ -z "$seen" ]; do
		tries=$((tries + 1))
		seen=$(vm_run sh -c 'for p in /proc/[0-9]*; do
			case $(readlink $p/exe) in
			*/cc1plus) cat $p/attr/current; echo ;;
			esac
		done')
	done
	wait $client || :
	echo "$seen"
	[[ $seen == *:immure_job_t:* ]]
}

@test "the administrator's commands: check and reload" {
	vm_run immure reload
	vm_run immure check
	vm_node_ready
}

@test "a node that requires SELinux starts and serves" {
	vm_run sh -c 'echo "require = selinux" >>/etc/immure/immured.conf'
	# not with the agent's files as 0, 1 and 2
	VM_SECONDS=150 vm_run sh -c \
	    'rc-service immured restart </dev/null 2>&1 | cat'
	vm_node_ready
	vm_run immure check --json >state
	[ "$(jq -r '.layers[] | select(.name == "selinux") | .state' state)" = \
	    "in force" ]
	[ "$(jq '[.processes[] | select(.as_expected | not)] | length' \
	    state)" = 0 ]
}

@test "none of that was a denial" {
	no_denials
}

# Its jobs are hostile on purpose; what their own cell lets pass is denied.
@test "a selftest" {
	VM_SECONDS=120 vm_run immure selftest
}

# From here on it is a node whose own walls are off, in the same places.  Its slots
# have no user namespace, so that nothing is refused for want of capabilities:
# guest.te has rules for that.  A role's records are told from another's by their
# domain; those of a cell's pid 1 are its zygote's.
@test "walls off: what is expected of the policy is denied" {
	run_walls_off --keep /run/seen
}

# None that SELinux denies is without one, with all dontaudit rules gone: the
# policy's own asks in silence for nothing that is attempted here.  The namespaces'
# limits are the exception, and no act (immure.te, immure_lock_namespaces).
@test "… and each of these denials is on record" {
	vm_get /run/seen "$BATS_FILE_TMPDIR/seen"
	vm_denials >denials
	run awk -f "$VM_TREE/tests/vm/selinux/logged.awk" \
	    "$VM_TREE/tests/outer/expect" "$VM_TREE/tests/vm/selinux/records" \
	    "$BATS_FILE_TMPDIR/seen" denials
	echo "$output"
	[ "$status" -eq 0 ]
}
