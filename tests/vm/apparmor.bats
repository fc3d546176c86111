#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# AppArmor enforcing on Linux 6.1 (policy/apparmor), compiled here, loaded in
# the guest before its init system starts the node: nothing of what a node does
# is denied, and `require = apparmor` holds.
# Needs what `make vm-test` needs, and apparmor.  One boot.

overlay() {
	mkdir -p "$1/etc/init.d" "$1/etc/runlevels/sysinit" "$1/opt"
	apparmor_parser -Q -K -T -I policy/apparmor \
	    -M /usr/share/apparmor-features/features -o "$1/opt/profiles" \
	    policy/apparmor/usr.sbin.immured
	cat >"$1/etc/init.d/apparmor" <<-'END'
	#!/sbin/openrc-run
	start() {
		dd if=/opt/profiles bs=1M \
		    of=/sys/kernel/security/apparmor/.replace
	}
	END
	chmod 755 "$1/etc/init.d/apparmor"
	ln -s /etc/init.d/apparmor "$1/etc/runlevels/sysinit/apparmor"
	mkdir -p "$1/etc/immure"
	cp tests/vm/system/common/etc/immure/immured.conf "$1/etc/immure"
	echo 'require = apparmor' >>"$1/etc/immure/immured.conf"
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	. tests/vm/vm.sh
	overlay "$BATS_FILE_TMPDIR/overlay"
	vm_start --lsm apparmor --overlay "$BATS_FILE_TMPDIR/overlay"
	vm_node_ready 120
}

teardown_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/vm/vm.sh
	vm_stop
}

teardown() {
	vm_failed
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/vm/vm.sh
	cd "$BATS_TEST_TMPDIR" || return 1
	echo 'int x = 7;' >t.c
	echo 'template <class T> T f(T x) { return x; } int y = f(1);' >t.cc
}

# labels WORD...: "COMM LABEL" of the process that `pgrep -o WORD...` finds, and
# of all below it, whatever they are.
labels() {
	vm_run sh -c 'of() {
		c=$(cat "/proc/$1/comm" 2>/dev/null) &&
		    l=$(cat "/proc/$1/attr/current" 2>/dev/null) &&
		    echo "$c $l"
		for p in $(pgrep -P "$1"); do of "$p"; done
	}
	p=$(pgrep -o "$@") && of "$p"' sh "$@" | sort -u
}

# enforced OUTPUT PROCESS...: those and no others, each in its own profile
enforced() {
	local said=$1 p
	shift
	for p; do
		grep -qx "$p immure-${p#immure-}//&immured (enforce)" \
		    <<<"$said" || {
			echo "nothing of $p"
			return 1
		}
	done
	grep -qx 'immured immured (enforce)' <<<"$said"
	! grep -vE '^immured immured \(enforce\)$|^[^ ]+ immure-[a-z]+//&immured \(enforce\)$' \
	    <<<"$said"
}

# But for what the layers' own probe is killed for, by its filter.
none_denied() {
	run vm_denials
	[ "$status" -eq 0 ]
	! grep -vE '^$|type=1326 .* exe="/\.immure/\.stage/probe"' <<<"$output"
}

pump() { # name, compiler
	"$VM_TREE/${B:-build}/tests/wire/send_request" --proto 3 \
	    --cdir /home/w --file "/home/w/$1=$1" --object "$1.o" \
	    127.0.0.1 "$VM_PORT" -- "$2" -O2 -c "$1" -o "$1.o"
}

@test "each process has the node's profile and its own, enforced" {
	run labels -x immured
	echo "$output"
	enforced "$output" immure-{auditor,broker,front,executor,imager,zygote} \
	    unpack pack
	grep -qx 'launch immure-job//&immured (enforce)' <<<"$output"
}

@test "C and C++ by all three protocols: nothing is denied" {
	for o in '' ,lzo; do
		vm_client "$o" distcc gcc -O2 -c t.c -o t.o
		vm_client "$o" distcc g++ -O2 -c t.cc -o tt.o
		[ -s t.o ] && [ -s tt.o ]
		rm t.o tt.o
	done
	pump t.c gcc
	pump t.cc g++
	[ -s t.c.o ] && [ -s t.cc.o ]
	none_denied
}

@test "check, reload, roles that end: nothing is denied" {
	vm_run immure check
	vm_run pkill -HUP -x immured
	for r in front executor zygote broker auditor; do
		vm_run pkill -KILL "^immure-$r"
		vm_node_ready 60
	done
	none_denied
}
