#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# AppArmor enforcing on Linux 6.1 (policy/apparmor), compiled here, loaded in
# the guest before its init system starts the node: nothing of what a node does
# is denied, `require = apparmor` holds, and what each of its processes must not
# do is denied, and logged, when its own walls are off (tests/outer).
# Needs what `make vm-test` needs, and apparmor.  One boot.

profiles() { # FILE, then words for sed: compile what it makes of the profiles
	local to=$1
	shift
	sed "$@" policy/apparmor/usr.sbin.immured >"$BATS_FILE_TMPDIR/text"
	apparmor_parser -Q -K -T -I policy/apparmor \
	    -M /usr/share/apparmor-features/features -o "$to" \
	    "$BATS_FILE_TMPDIR/text"
}

overlay() {
	mkdir -p "$1/etc/init.d" "$1/etc/runlevels/sysinit" "$1/opt/outer"
	profiles "$1/opt/profiles" -e ''
	# the socket of tests/outer is elsewhere
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
	mkdir -p "$1/etc/immure"
	cp tests/vm/system/common/etc/immure/immured.conf "$1/etc/immure"
	echo 'require = apparmor' >>"$1/etc/immure/immured.conf"
	tests/outer/with_walls_off --installed CA "$1/opt/outer/root"
	cp tests/outer/run tests/outer/judge.awk tests/outer/expect \
	    "$1/opt/outer"
	# no more compilers than it takes
	printf '%s\n' /usr/bin/gcc /usr/local/bin/gcc-99 >"$1/opt/outer/list"
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	. tests/vm/vm.sh
	overlay "$BATS_FILE_TMPDIR/overlay"
	# one run of tests/outer is some five thousand records
	vm_start --lsm apparmor --overlay "$BATS_FILE_TMPDIR/overlay" \
	    --append audit_backlog_limit=65536
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

# NAME PORT: a client in the guest, until a node compiles
asks() {
	vm_run sh -c 'cd /tmp && echo "int x;" >"$1.c"
		for i in $(seq 180); do
			/opt/tests/send_request --proto 3 --cdir /tmp/w \
			    --file "/tmp/w/$1.c=$1.c" --object "$1.o" \
			    127.0.0.1 "$2" -- gcc -c "$1.c" -o "$1.o" \
			    >"$1.log" 2>&1 && exit
			sleep 1
		done
		cat "$1.log" "/tmp/$1.node"
		exit 1' sh "$1" "$2"
}

users_node() {
	vm_run sh -c 'setsid busybox su user -s /bin/sh -c "HOME=/home/user \
	    exec immured --no-detach --listen 127.0.0.1 --port 3640 --jobs 1 \
	    --allow 127.0.0.1 --log-stderr" >/tmp/user.node 2>&1 </dev/null &'
}

# wait_for there|gone PROCESS: of the user's, a minute at most
wait_for() {
	vm_run sh -c 'for i in $(seq 300); do
			if [ "$1" = gone ]; then
				pgrep -u user "$2" >/dev/null || exit 0
			elif pgrep -u user "$2" >/dev/null; then exit 0; fi
			sleep 0.2
		done
		exit 1' sh "$@"
}

@test "an ordinary user's node that ends while it tries compilers" {
	vm_run sh -c 'mkdir -p /home/user && chown user /home/user'
	users_node
	wait_for there immure-runner
	vm_run pkill -KILL -u user immure-imager
	wait_for gone immured
	wait_for gone immure-runner
	none_denied
}

# What root's node has found out about the toolchains is given to it.
@test "an ordinary user's node: nothing is denied" {
	vm_run sh -c 'mkdir -p /home/user/.cache/immure
		cp /var/cache/immure/checked /home/user/.cache/immure
		chown -R user /home/user'
	users_node
	VM_SECONDS=200 asks user 3640
	run labels -f 'immured.*port 3640'
	echo "$output"
	enforced "$output" immure-{auditor,broker,front,executor,imager,zygote} \
	    unpack pack
	vm_run pkill -f 'immured.*port 3640'
	none_denied
}

@test "jobs by inetd: nothing is denied" {
	vm_run sh -c 'setsid nc -ll -p 3641 -e immured --inetd \
	    --allow 127.0.0.1 >/tmp/inetd.node 2>&1 </dev/null &'
	asks inetd 3641
	vm_run pkill -x nc
	none_denied
}

# From here on it is a node whose own walls are off, in the same places.
walls_off() {
	vm_run sh -ec 'rc-service immured stop
		dd if=/opt/profiles.outer bs=1M \
		    of=/sys/kernel/security/apparmor/.replace
		cp -a /opt/outer/root/usr/local/. /usr/local/
		mount --bind /opt/outer/root/usr/sbin/immured /usr/sbin/immured
		mount --bind /opt/outer/root/usr/libexec/immure \
		    /usr/libexec/immure'
	vm_denials >/dev/null
}

@test "walls off: what is expected of the policy is denied" {
	walls_off
	VM_SECONDS=400 run vm_run env DISTCC_CMDLIST=/opt/outer/list \
	    /opt/outer/run --policy apparmor \
	    --options '--cgroup none' --send /opt/tests/send_request \
	    --keep /opt/outer/seen /usr
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}

@test "walls off: the kernel has logged each denial" {
	vm_denials >/dev/null # fails if it has lost something
	vm_get /opt/outer/seen seen
	run awk -f "$VM_TREE/tests/vm/apparmor.awk" \
	    "$VM_TREE/tests/outer/expect" seen "$VM_DIR/dmesg" "$VM_DIR/dmesg"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}
