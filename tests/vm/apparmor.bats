#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# AppArmor enforcing on Linux 6.1 (policy/apparmor), compiled here, loaded in
# the guest before its init system starts the node: nothing of what a node does
# is denied, and what it must not do is, when its own walls are off (tests/outer).
# Needs what `make vm-test` needs, and apparmor.  One boot.

profiles() { # FILE, then words for sed: compile what it makes of the profiles
	local to=$1
	shift
	sed "$@" policy/apparmor/usr.sbin.immured >"$to.text"
	apparmor_parser -Q -K -T -I policy/apparmor \
	    -M /usr/share/apparmor-features/features -o "$to" "$to.text"
}

overlay() {
	mkdir -p "$1/etc/init.d" "$1/etc/runlevels/sysinit" "$1/opt/outer"
	profiles "$1/opt/profiles" -e ''
	# What tests/outer makes: a socket elsewhere.
	profiles "$1/opt/profiles.outer" \
	    -e '/^profile immured /a /run/immure-outer/{,job.sock*} rwk,'
	cat >"$1/etc/init.d/apparmor" <<-'END'
	#!/sbin/openrc-run
	start() {
		dd if=/opt/profiles bs=1M \
		    of=/sys/kernel/security/apparmor/.replace
	}
	END
	chmod 755 "$1/etc/init.d/apparmor"
	ln -s /etc/init.d/apparmor "$1/etc/runlevels/sysinit/apparmor"
	tests/outer/with_walls_off --installed CA "$1/opt/outer/root"
	cp tests/outer/run tests/outer/judge.awk tests/outer/expect \
	    "$1/opt/outer"
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

# Labels of what belongs to the node: "COMM LABEL".
labels() {
	vm_run sh -c 'for p in /proc/[0-9]*; do
		l=$(cat "$p/attr/current" 2>/dev/null)
		case $l in imm*) echo "$(cat "$p/comm") $l" ;; esac
	done' | sort -u
}

none_denied() {
	run vm_denials
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

pump() { # name, compiler
	"$VM_TREE/${B:-build}/tests/wire/send_request" --proto 3 \
	    --cdir /home/w --file "/home/w/$1=$1" --object "$1.o" \
	    127.0.0.1 "$VM_PORT" -- "$2" -O2 -c "$1" -o "$1.o"
}

@test "each process has the node's profile and its own, enforced" {
	run labels
	echo "$output"
	grep -qx 'immured immured (enforce)' <<<"$output"
	for r in auditor broker front executor imager zygote; do
		grep -qx "immure-$r immure-$r//&immured (enforce)" <<<"$output"
	done
	for s in unpack:unpack pack:pack launch:job; do
		grep -qx "${s%:*} immure-${s#*:}//&immured (enforce)" \
		    <<<"$output"
	done
	run grep -v '(enforce)$' <<<"$output"
	[ "$status" -eq 1 ]
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

# NAME PORT: a client in the guest
asks() {
	vm_run sh -c 'cd /tmp && echo "int x;" >"$1.c" &&
		for i in $(seq 60); do
			/opt/tests/send_request --proto 3 --cdir /tmp/w \
			    --file "/tmp/w/$1.c=$1.c" --object "$1.o" \
			    127.0.0.1 "$2" -- gcc -c "$1.c" -o "$1.o" \
			    >"$1.log" 2>&1 && exit
			sleep 1
		done
		cat "$1.log" "/tmp/$1.node"
		exit 1' sh "$1" "$2"
}

@test "an ordinary user's node, and jobs by inetd: nothing is denied" {
	vm_run sh -c 'setsid busybox su user -s /bin/sh -c "HOME=/tmp exec immured --no-detach \
		--listen 127.0.0.1 --port 3640 --allow 127.0.0.1 --jobs 1 \
		--log-stderr" >/tmp/user.node 2>&1 </dev/null &'
	VM_SECONDS=90 asks user 3640
	run labels
	echo "$output"
	[ "$(grep -c '^immured immured (enforce)' <<<"$output")" -ge 1 ]
	vm_run pkill -f 'immured.*port 3640'
	vm_run sh -c 'setsid nc -lk -s 127.0.0.1 -p 3641 -e immured --inetd \
		--allow 127.0.0.1 >/tmp/inetd.node 2>&1 </dev/null &'
	asks inetd 3641
	vm_run pkill -x nc
	none_denied
}

# From here on it is a node whose own walls are off, in the same places.
walls_off() {
	vm_run sh -c 'rc-service immured stop
		dd if=$1 of=/sys/kernel/security/apparmor/.replace bs=1M
		cp -a /opt/outer/root/usr/local/. /usr/local/
		mount --bind /opt/outer/root/usr/sbin/immured /usr/sbin/immured
		mount --bind /opt/outer/root/usr/libexec/immure \
		    /usr/libexec/immure' sh "$1"
	vm_denials >/dev/null
}

@test "walls off: what is expected of the policy is denied, and said" {
	walls_off /opt/profiles.outer
	VM_SECONDS=240 run vm_run /opt/outer/run --policy apparmor \
	    --options --enable-tcp-insecure \
	    --send /opt/tests/send_request /usr
	echo "$output"
	[ "$status" -eq 0 ]
	vm_denials >denials
	for p in immured immure-{auditor,broker,front,status,imager,runner} \
	    immure-{spawner,executor,zygote,unpack,pack,job}; do
		grep -q "profile=\"$p\"" denials || {
			echo "nothing of $p"
			return 1
		}
	done
}
