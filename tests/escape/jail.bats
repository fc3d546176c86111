#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# immure-jail: objects as outside, and attempts that must fail inside and work
# outside.  Needs root, or user namespaces for an ordinary user's test.

bats_require_minimum_version 1.5.0

setup_file() {
	TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	JAIL=$TREE/${B:-build}/immure-jail
	ATTEMPT=$TREE/${B:-build}/tests/escape/attempt
	export TREE JAIL ATTEMPT
	[ "$(id -u)" = 0 ] || skip "the outside half of the attempts needs root"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	chmod 755 .
}

jail() {
	"$JAIL" --usual --tmpfs /tmp:64M --exec "$ATTEMPT:/attempt" \
	    --chdir /tmp --setenv LC_ALL=C "$@"
}

# The act works outside, and inside ends as said: an errno's text, or killed
# for a system call (128 + SIGSYS).
refused() { # what it ends with inside, then the attempt
	local want=$1
	shift
	run "$ATTEMPT" "$@"
	[ "$status" -eq 0 ] || {
		echo "outside: $status $output"
		return 1
	}
	run jail -- /attempt "$@"
	echo "inside: $status $output"
	case $want in
	SIGSYS) [ "$status" -eq 159 ] ;;
	*) [ "$status" -eq 1 ] && [ "$output" = "$want" ] ;;
	esac
}

same_object() { # command, source
	local cc=$1 src=$2
	shift 2
	"$cc" "$@" -c "$src" -o outside.o
	jail --bind "$PWD/$src:$PWD/$src" --output inside.o=/tmp/o -- \
	    "$cc" "$@" -c "$PWD/$src" -o /tmp/o
	cmp inside.o outside.o
}

sources() {
	cat >a.c <<-'END'
	#include <stdio.h>
	#include <stdlib.h>
	int main(int argc, char **argv)
	{
		(void)argv;
		printf("%d\n", abs(argc - 3));
		return 0;
	}
	END
	cat >a.cc <<-'END'
	#include <iostream>
	#include <map>
	int main() { std::map<int, int> m{{1, 2}}; std::cout << m[1]; }
	END
}

@test "gcc and g++: the objects are those made outside" {
	sources
	same_object gcc a.c -O2
	same_object gcc a.c -O0 -pipe
	same_object gcc a.c -O3 -fanalyzer
	same_object g++ a.cc -O2
}

@test "clang and clang++: the objects are those made outside" {
	sources
	same_object clang a.c -O2
	same_object clang++ a.cc -O1
}

@test "debug information too, where the directories are the same" {
	sources
	gcc -g -O2 -c "$PWD/a.c" -o outside.o -fdebug-prefix-map="$PWD=/x"
	jail --bind "$PWD:$PWD" --chdir "$PWD" --output inside.o=/tmp/o -- \
	    gcc -g -O2 -c "$PWD/a.c" -o /tmp/o -fdebug-prefix-map="$PWD=/x"
	cmp inside.o outside.o
}

@test "as, and a warning's text" {
	echo '.globl f; f: ret' >a.s
	as a.s -o outside.o
	jail --bind "$PWD/a.s:/a.s" --output inside.o=/tmp/o -- as /a.s -o /tmp/o
	cmp inside.o outside.o
	echo 'int f(void) { int unused; return 1; }' >w.c
	LC_ALL=C gcc -Wall -c w.c -o /dev/null 2>outside.txt
	jail --bind "$PWD/w.c:/tmp2/w.c" --chdir /tmp2 -- \
	    gcc -Wall -c w.c -o /tmp/o 2>inside.txt
	diff inside.txt outside.txt
}

@test "the exit status is the command's" {
	run jail -- sh -c 'exit 3'
	[ "$status" -eq 3 ]
	run jail -- sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	run -127 jail -- no-such-command
	run jail --bind "$ATTEMPT:/plain" -- /plain true
	[ "$status" -eq 126 ]
	run jail --wall 1 -- sleep 30
	[ "$status" -eq 124 ]
	run "$JAIL" --no-such-option
	[ "$status" -eq 125 ]
	run "$JAIL" --bind /no/such/file -- true
	[ "$status" -eq 125 ]
	[[ $output = *"--bind /no/such/file: No such file"* ]]
}

@test "an ordinary user's jail" {
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$JAIL" \
	    --usual --tmpfs /tmp -- sh -c 'id -u; echo x >/tmp/x && cat /tmp/x'
	echo "$output"
	[ "$output" = "$(printf '1000\nx')" ]
}

@test "the caller's groups: root's are dropped, an ordinary user's stay" {
	run setpriv --groups 50,51 "$JAIL" --usual -- id -G
	[ "$output" = 1000 ]
	# not to be dropped where setgroups(2) is denied: no reason to fail
	run setpriv --reuid 65534 --regid 65534 --groups 50 "$JAIL" --usual -- \
	    id -u
	[ "$output" = 1000 ]
	run setpriv --groups 50 --bounding-set -setgid "$JAIL" --usual -- id
	[ "$status" -eq 125 ]
}

@test "root's groups that cannot be dropped: nothing runs" {
	# a container's or a service's filter, while root has CAP_SETGID
	strace -o /dev/null true || skip "strace(1) may trace nothing here"
	run setpriv --groups 50 strace -f -o "$BATS_TEST_TMPDIR/trace" \
	    -e inject=setgroups:error=EPERM "$JAIL" --usual -- id -G
	echo "$output"
	grep -q "setgroups(0.*INJECTED" "$BATS_TEST_TMPDIR/trace"
	[ "$status" -eq 125 ]
	# with none to drop, all is well
	run setpriv --clear-groups strace -f -o "$BATS_TEST_TMPDIR/trace" \
	    -e inject=setgroups:error=EPERM "$JAIL" --usual -- id -G
	[ "$output" = 1000 ]
}

@test "reading the host's files" {
	refused "No such file or directory" read /etc/passwd
	refused "No such file or directory" read /root/.bashrc ||
	    refused "No such file or directory" read /etc/hostname
	refused "No such file or directory" read /proc/self/status
	refused "No such file or directory" read /dev/zero
	refused "No such file or directory" list /sys/kernel
	refused "No such file or directory" list /home
}

@test "listing the root" {
	refused "Permission denied" list /
}

@test "writing outside the tmpfs" {
	refused "Read-only file system" write "/immure-test.$$"
	rm -f "/immure-test.$$"
	refused "No such file or directory" write /dev/null
	run jail -- /attempt write /tmp/x
	[ "$status" -eq 0 ]
}

@test "writing to what is bound, even if its mode would let anyone" {
	mkdir open
	chmod 777 open
	echo old >open/file
	chmod 666 open/file
	run jail --bind "$PWD/open:/open" -- /attempt write /open/new
	[ "$status" -eq 1 ]
	run jail --bind "$PWD/open:/open" -- /attempt write /open/file
	[ "$status" -eq 1 ]
	[ "$(cat open/file)" = old ]
	[ ! -e open/new ]
}

@test "running what it wrote" {
	refused "Permission denied" exec-own "/tmp/immure-test.$$"
	refused "Operation not permitted" map-own "/tmp/immure-test.$$"
	rm -f "/tmp/immure-test.$$"
}

@test "running a file that is bound without --exec" {
	run jail --exec "$ATTEMPT:/x" -- /x true
	[ "$status" -eq 0 ]
	run jail --bind "$ATTEMPT:/x" -- /x true
	[ "$status" -eq 126 ]
	run -127 jail --bind "$ATTEMPT:/x" -- /lib64/ld-linux-x86-64.so.2 /x true
}

@test "making code in memory" {
	refused "Permission denied" map-wx
	refused "Permission denied" protect-x
	refused "Function not implemented" memfd
}

@test "the network" {
	refused "Address family not supported by protocol" net-udp
	refused "Address family not supported by protocol" net-listen
	refused "Address family not supported by protocol" unix-socket
}

@test "namespaces, mounts, tracing, keys, rings, shared memory, ids" {
	refused SIGSYS unshare
	refused SIGSYS clone-user
	mkdir -p /tmp/immure-test.d
	refused SIGSYS mount /tmp/immure-test.d
	rmdir /tmp/immure-test.d
	refused SIGSYS ptrace
	refused SIGSYS keyctl
	refused SIGSYS io-uring
	refused SIGSYS shm
	refused SIGSYS setuid
}

@test "links and set-uid bits" {
	refused "Operation not permitted" symlink "/tmp/immure-test.$$"
	rm -f "/tmp/immure-test.$$"
	refused SIGSYS set-uid-bit "/tmp/immure-test.$$"
	rm -f "/tmp/immure-test.$$"
}

@test "signals to pid 1 and to a process of the host" {
	sleep 30 &
	refused "No such process" signal $!
	kill $!
	if [ -e /sys/kernel/security/landlock ] || landlock_scopes; then
		refused "Operation not permitted" signal 1
	fi
	# whatever it sends there, the jail's own pid 1 outlives it
	run jail -- sh -c 'kill -9 1; kill -15 1; exit 5'
	[ "$status" -eq 5 ]
}

# Linux 6.12 and later
landlock_scopes() {
	local v
	v=$(uname -r)
	[ "$(printf '6.12\n%s\n' "$v" | sort -V | head -n 1)" = 6.12 ]
}

@test "a fork bomb stops at the limit, and the next job is unharmed" {
	refused "Resource temporarily unavailable" forks 200
	run jail --nproc 10 -- /attempt forks 5
	[ "$status" -eq 0 ]
	run jail --wall 5 -- sh -c 'bomb() { bomb | bomb; }; bomb'
	run jail -- /attempt true
	[ "$status" -eq 0 ]
}

@test "a limit raised" {
	refused Success limit
}

@test "a daemon outlives the command outside, and dies with the jail" {
	name=immure-test-outlives-$$
	"$ATTEMPT" daemon "$name"
	sleep 0.3
	kill "$(pgrep -f "^$name")"
	jail -- /attempt daemon "$name"
	run pgrep -f "^$name"
	[ "$status" -ne 0 ]
}

@test "the jail dies with its caller" {
	name=immure-test-orphan-$$
	"$JAIL" --usual --exec /usr/bin/sleep:/s/"$name" -- "/s/$name" 30 &
	pid=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.1
		pgrep -f "^/s/$name" >/dev/null && break
	done
	pgrep -f "^/s/$name" >/dev/null
	kill -KILL "$pid"
	sleep 0.3
	run pgrep -f "^/s/$name"
	[ "$status" -ne 0 ]
}

@test "descriptors of the caller" {
	exec 7</etc/passwd
	refused "Bad file descriptor" fd 7
	exec 7<&-
}

@test "the host's name" {
	refused Success host-name "$(hostname)"
}

@test "memory, file size, the tmpfs and CPU time end where they should" {
	refused "Cannot allocate memory" map-mib 5000
	run jail --as-limit 200M -- /attempt map-mib 300
	[ "$output" = "Cannot allocate memory" ]
	run jail -- /attempt fill /tmp/x
	[ "$status" -eq 0 ]
	run jail --fsize 1M -- /attempt fill /tmp/x
	[ "$status" -eq 153 ] # SIGXFSZ
	run "$JAIL" --usual --tmpfs /tmp:64K --exec "$ATTEMPT:/attempt" -- \
	    /attempt fill /tmp/x
	[ "$output" = "No space left on device" ]
	run jail --cpu 1 -- sh -c 'while :; do :; done'
	[ "$status" -eq 137 ]
}

@test "what comes out is a regular file with one name" {
	run jail --output out=/tmp/o -- sh -c 'echo x >/tmp/o'
	[ "$status" -eq 0 ]
	[ "$(cat out)" = x ]
	rm out
	run jail --output out=/tmp/o -- mkdir /tmp/o
	[ "$status" -eq 125 ]
	[ ! -e out ]
	run jail --output out=/tmp/o -- true
	[ "$status" -eq 125 ]
	run jail --output out=/usr/bin/gcc -- true
	[ "$status" -eq 125 ]
	run jail --output out=/tmp/../usr/bin/gcc -- true
	[ "$status" -eq 125 ]
	run jail --output out=/tmp/o -- sh -c 'echo x >/tmp/o; exit 1'
	[ "$status" -eq 1 ]
	[ ! -e out ]
}

@test "the manual's examples work" {
	awk '/^\.Ed/ { on = 0 } on { sub(/^\$ /, ""); sub(/\\e$/, "\\"); print }
	    /^\.Bd/ { on = 1 }' "$TREE/docs/immure-jail.1" >examples
	[ "$(grep -c immure-jail examples)" -eq 3 ]
	run env PATH="${JAIL%/*}:$PATH" bash -x examples
	echo "$output"
	[ -s f.o ]
	[[ $output = *"<f>:"* ]]
	[[ $output = *"uid=1000"*"/etc/passwd: No such"*"/proc': No such"* ]]
}

@test "nothing stays mounted, no process, no file" {
	local uid=$((1900100000 + $$ % 50000))
	# but for named network namespaces, which other suites have
	before=$(grep -v ' /run/netns' /proc/self/mountinfo)
	jail --uid "$uid" -- sh -c 'sleep 30 & sleep 30 & echo x >/tmp/left'
	diff <(echo "$before") <(grep -v ' /run/netns' /proc/self/mountinfo)
	run pgrep -U "$uid"
	[ "$status" -eq 1 ]
	[ ! -e /tmp/left ]
}
