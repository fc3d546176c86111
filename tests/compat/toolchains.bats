#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the node finds of this host's compilers, and what an image holds.
# Needs root, gcc, g++, clang, python3; /opt is covered by a tmpfs of a private
# mount namespace, so nothing of the host changes and no running node notices.

setup_file() {
	TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export TREE
	export IMAGER=$TREE/build/libexec/immure-imager
	[ "$(id -u)" = 0 ] || skip "jails for discovery need root"
	[ -x "$IMAGER" ] || skip "not built: $IMAGER"
	"$IMAGER" --list >"$BATS_FILE_TMPDIR/list"
	"$IMAGER" --list --json >"$BATS_FILE_TMPDIR/json"
}

setup() {
	LIST=$BATS_FILE_TMPDIR/list
	JSON=$BATS_FILE_TMPDIR/json
	ROOM=$BATS_TEST_TMPDIR
	export ROOM
}

# ready NAME: the node would take it.
ready() {
	awk -v n="$1" '$1 == n && $5 ~ /^ready/ { ok = 1 } END { exit !ok }' \
	    "$LIST" || { grep -F -- "$1 " "$LIST"; return 1; }
}

# private SCRIPT: run it where /opt is empty and ours.
private() {
	unshare -m --propagation private sh -ec \
	    "mount -t tmpfs -o mode=755 immure-test /opt; $1"
}

# lacks REGEX TEXT: no line of it matches ("!" alone fails no test).
lacks() {
	if printf '%s\n' "$2" | grep -E -- "$1"; then
		return 1
	fi
}

# refused NAME REASON: the list of the last `run` says so.
refused() {
	echo "$output" | grep -E "^$1 .* refused: .*$2" ||
	    { echo "$output" | grep -F -- "$1"; return 1; }
}

@test "bare, versioned and triple names of gcc, g++ and clang" {
	triple=$(gcc -dumpmachine)
	v=$(gcc -dumpversion)
	for name in cc c++ gcc g++ "gcc-$v" "g++-$v" "$triple-gcc" \
	    "$triple-g++" "$triple-gcc-$v" "$triple-g++-$v" clang clang++; do
		ready "$name"
	done
	for name in /usr/bin/clang-[0-9]* /usr/bin/clang++-[0-9]*; do
		[ ! -e "$name" ] || ready "${name##*/}"
	done
}

@test "versions and targets are the compilers' own" {
	grep -E "^gcc +$(gcc -dumpfullversion) +$(gcc -dumpmachine) " "$LIST"
	grep -E "^clang +$(clang -dumpversion) " "$LIST"
}

@test "c89 and c99 are gcc with an option, whatever the script's place" {
	[ -e /usr/bin/c99-gcc ] || skip "no c99-gcc here"
	grep -E '^c99 .* ready.*-std=c99$' "$LIST"
	grep -E '^c89-gcc .* ready.*-std=c89$' "$LIST"
}

@test "the digest of a compiler does not depend on distcc's list of names" {
	mkdir -p /usr/lib/distcc
	for names in gcc 'gcc clang++'; do
		private "mount -t tmpfs immure-test /usr/lib/distcc
		    for name in $names; do
			ln -s ../../bin/distcc /usr/lib/distcc/\$name
		    done
		    exec '$IMAGER' --list --json" >"$ROOM/json"
		jq -r '.toolchains as $t | .names[] | select(.state == "ready") |
		    "\(.name) \($t[.toolchain].digest)"' "$ROOM/json" \
		    >"$ROOM/digests"
		# what is not listed is not served all the same
		[ "$(grep -Ec '^(gcc|g\+\+|clang|clang\+\+) ' "$ROOM/digests")" = \
		    "$(wc -w <<<"$names")" ]
		while read -r name digest; do
			grep -qx "$name $digest" <(jq -r '.toolchains as $t |
			    .names[] | select(.state == "ready") |
			    "\(.name) \($t[.toolchain].digest)"' "$JSON") || {
				echo "$name is $digest with a list"
				false
			}
		done <"$ROOM/digests"
	done
	rmdir --ignore-fail-on-non-empty /usr/lib/distcc
}

@test "a script is refused by name" {
	[ -e /usr/bin/musl-gcc ] || skip "no musl-gcc here"
	grep -E '^musl-gcc .*refused: .*a script' "$LIST"
}

@test "headers are there for pump, the usual places are not needed" {
	lacks 'no pump' "$(cat "$LIST")"
	python3 - "$JSON" <<-E
	import json, sys
	table = json.load(open(sys.argv[1]))
	used = {n["toolchain"] for n in table["names"] if n["state"] == "ready"}
	for i in used:
	    t = table["toolchains"][i]
	    assert t["headers"] and not t["usual_places"], t["version"]
	    assert t["files"] > 100 and t["bytes"] > 10**7
	    assert "LC_ALL=C.UTF-8" in t["env"]
	    assert "/usr/include" in t["include"]
	    assert "/usr/bin" in t["directories"]
	E
}

@test "wrappers, scripts, strangers and liars are refused with the reason" {
	run private '
		mkdir -p /opt/a/bin /opt/open/bin /opt/theirs/bin
		printf "#!/bin/sh\nexec gcc \"\$@\"\n" >/opt/a/bin/gcc-91
		chmod 755 /opt/a/bin/gcc-91
		printf "no program" >/opt/a/bin/gcc-92
		chmod 755 /opt/a/bin/gcc-92
		cp -L /bin/true /opt/a/bin/distcc
		ln -s distcc /opt/a/bin/gcc-93
		cp -L /bin/true /opt/a/bin/ccache
		ln -s ../bin/ccache /opt/a/bin/wrapped-g++
		cp -L /bin/true /opt/a/bin/gcc-94
		ln -s /usr/bin/gcc /opt/a/bin/gcc-95
		ln -s /usr/bin/gcc /opt/a/bin/elsewhere-linux-gcc
		ln -s nowhere /opt/a/bin/gcc-96
		cp -L /usr/bin/gcc /opt/open/bin/gcc-97
		chmod 775 /opt/open
		cp -L /usr/bin/gcc /opt/theirs/bin/gcc-98
		chown 1 /opt/theirs/bin
		cp -L /usr/bin/gcc /opt/a/bin/clang-99
		chmod 757 /opt/a/bin/clang-99
		"$IMAGER" --list --no-image --insecure'
	[ "$status" = 0 ]
	refused gcc-91 "a script"
	refused gcc-92 "not an ELF program"
	refused gcc-93 "a link to distcc, not a compiler"
	refused 'wrapped-g\+\+' "a link to ccache, not a compiler"
	refused gcc-94 "is neither gcc nor clang"
	refused gcc-95 "says it is version"
	refused elsewhere-linux-gcc "says it compiles for"
	refused gcc-96 "No such file"
	refused gcc-97 "/opt/open: writable by its group"
	refused gcc-98 "/opt/theirs/bin: not owned by root"
	refused clang-99 "clang-99: writable by everybody"
}

@test "a compiler is run in a jail when it is asked who it is" {
	run private '
		mkdir -p /opt/a/bin
		cat >/opt/spy.c <<-E
		#include <fcntl.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/socket.h>
		#include <unistd.h>
		int main(int argc, char *argv[])
		{
			int n = 0;
			n |= access("/etc/passwd", F_OK) == 0 ? 1 : 0;
			n |= open("/opt/a/found", O_CREAT | O_WRONLY, 0600) >= 0 ? 2 : 0;
			n |= socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 4 : 0;
			n |= access("/proc/self", F_OK) == 0 ? 8 : 0;
			n |= getuid() == 0 ? 16 : 0;
			if (argc > 1 && strncmp(argv[1], "-print", 6) == 0)
				puts("/opt/a/cc1");
			fprintf(stderr, "Target: jailed\ngcc version %d.0\n", n);
			return 0;
		}
		E
		gcc -o /opt/a/bin/gcc-77 /opt/spy.c
		"$IMAGER" --list --no-image --insecure; ls /opt/a'
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" != *found* ]]
	# What it could do is the version that it gives.
	refused gcc-77 "says it is version 0.0"
}

@test "a compiler that never ends is killed and refused" {
	run private '
		mkdir -p /opt/a/bin
		echo "int main(void) { for (;;); }" |
			gcc -x c -o /opt/a/bin/gcc-66 -
		"$IMAGER" --list --no-image --insecure'
	[ "$status" = 0 ]
	refused gcc-66 "does not end"
	lacks /opt/a/bin/gcc-66 "$(ps -e -o args=)"
}

@test "the digest is the same twice, and another when a file changes" {
	"$IMAGER" --list >"$ROOM/again"
	diff "$LIST" "$ROOM/again"
	printf '/* changed */\n' | cat /usr/include/stdio.h - >"$ROOM/stdio.h"
	run private '
		mount --bind "$ROOM/stdio.h" /usr/include/stdio.h
		"$IMAGER" --list'
	[ "$status" = 0 ]
	for name in gcc clang; do
		was=$(awk -v n=$name '$1 == n { print $4 }' "$LIST")
		is=$(echo "$output" | awk -v n=$name '$1 == n { print $4 }')
		[ -n "$was" ] && [ -n "$is" ] && [ "$was" != "$is" ]
	done
}

@test "an image holds no shell, no interpreter, no linker, no script" {
	run private '"$TREE/tests/lib/with_image.py" /opt '\''
		cd "$IMAGES"
		find . -type f -perm /111 ! -name "*.so*" | sed "s,.*/,," | sort -u
		echo -- scripts:
		for f in $(find ./*/x -type f); do
			case $(head -c 2 "$f" | tr -d "\\000") in
			"#!") echo "$f" ;;
			esac
		done
		echo -- owners: $(find . ! -type l -perm /7022 | wc -l)
		touch x 2>&1 || true'\'''
	[ "$status" = 0 ]
	echo "$output"
	for line in "${lines[@]}"; do
		[ "$line" != "-- scripts:" ] || break
		case $line in
		event:*) ;; # a toolchain is ready, or refused
		unpack | launch | pack | probe) ;; # the stages
		cc1 | cc1plus | cc1obj | cc1objplus | clang | clang-[0-9]*) ;;
		as | *-as | gcc | g++ | *-gcc-[0-9]* | *-g++-[0-9]*) ;;
		ld-linux*) ;; # without which no dynamic program starts
		*) echo "in the image: $line"; return 1 ;;
		esac
	done
	[[ "$output" == *"-- scripts:"*"-- owners: 0"* ]]
	lacks '^\./.*/x/' "$output"
	[[ "$output" == *"Read-only file system"* ]]
}

@test "programs that may run are those of the table, by full path" {
	python3 - "$JSON" <<-E
	import json, os, sys
	allowed = {"as", "cc1", "cc1plus", "cc1obj", "cc1objplus", "clang",
	           "gcc", "g++"}
	for t in json.load(open(sys.argv[1]))["toolchains"]:
	    assert t["programs"]
	    for p in t["programs"]:
	        assert p.startswith("/.immure/"), p
	        name = os.path.basename(p)
	        kind = name.split(t["target"] + "-")[-1]
	        kind = kind.rsplit("-", 1)[0] if kind[-1].isdigit() else kind
	        assert kind.split("-")[-1] in allowed or \
	            name.startswith("ld-"), p
	E
}

@test "a new compiler is noticed, and nothing else is" {
	run private 'WAIT=15 "$TREE/tests/lib/with_image.py" /opt "
		mkdir -p /opt/new/bin; cp -L /usr/bin/gcc /opt/new/bin/gcc-55"'
	[[ "$output" == *stale* ]]
	[[ "$output" == *"imager: 0"* ]]
	# … also in a directory that came later.
	run private 'WAIT=15 "$TREE/tests/lib/with_image.py" /opt "
		mkdir /opt/new; sleep 3; mkdir /opt/new/bin; sleep 3
		cp -L /usr/bin/gcc /opt/new/bin/gcc-55"'
	[[ "$output" == *stale* ]]
	run private 'mkdir -p /opt/new/bin
		WAIT=6 "$TREE/tests/lib/with_image.py" /opt "
		cp -L /usr/bin/gcc /opt/new/bin/not-a-compiler"'
	[[ "$output" == *still* ]]
	[[ "$output" == *"imager: 0"* ]]
}

@test "the scanner runs without any right" {
	run private '"$TREE/tests/lib/with_image.py" /opt "
		grep -E ^Cap /proc/\$IMAGER_PID/status
		grep -E ^NoNewPrivs /proc/\$IMAGER_PID/status
		grep -E ^Seccomp: /proc/\$IMAGER_PID/status
		grep -E ^Uid /proc/\$IMAGER_PID/status"'
	[ "$status" = 0 ]
	[ "$(echo "$output" | grep -c '^Cap.*0000000000000000$')" = 5 ]
	[[ "$output" == *NoNewPrivs:*1* ]]
	[[ "$output" == *Seccomp:*2* ]]
	lacks '^Uid:.*[[:space:]]0([[:space:]]|$)' "$output"
}

@test "--list leaves nothing behind" {
	. "$TREE/tests/lib/node.sh"
	mounts=$(mounts_here)
	"$IMAGER" --list --no-image >/dev/null
	diff <(echo "$mounts") <(mounts_here)
	lacks '^immure-runner' "$(ps -o comm= --ppid $$)"
}

# A compiler that never answers: it is killed after a minute.
@test "a node that is stopped while it tries a compiler does not wait for that" {
	timeout 240 unshare -mn --propagation private bash -euc '
		mount -t tmpfs -o mode=755 immure-test /opt
		mkdir -p /opt/slow/bin
		echo "#include <unistd.h>
		    int main(void) { for (;;) sleep(1); }" >"$ROOM/slow.c"
		gcc -o /opt/slow/bin/gcc-77 "$ROOM/slow.c"
		"$TREE/${B:-build}/immured" --no-detach --no-tcp --jobs 1 \
		    --socket "$ROOM/sock" --log-file "$ROOM/log" &
		until grep -qsz ^/opt/slow/bin/gcc-77 /proc/[0-9]*/cmdline; do
			sleep 0.1
		done
		before=$SECONDS
		kill $!
		wait $! || :
		echo "$((SECONDS - before)) seconds"
		[ $((SECONDS - before)) -lt 45 ]' 3>&-
}

# The words of a node's start; $1 is where it remembers self-checks.
started() {
	local dir=$BATS_TEST_TMPDIR/node
	mkdir -p "$dir"
	rm -f "$dir/log"
	CACHE_DIRECTORY=$1 "$TREE/${B:-build}/immured" --no-tcp --daemon \
	    --socket "$dir/sock" --pid-file "$dir/pid" --log-file "$dir/log" \
	    --log-level debug --jobs 1 --drain 0 3>&-
	kill "$(cat "$dir/pid")"
	timeout 60 sh -c 'while [ -e "$1" ]; do sleep 0.1; done' _ "$dir/pid"
	cat "$dir/log"
}

@test "a toolchain that has passed is not tried again, byte for byte the same" {
	local cache=$BATS_TEST_TMPDIR/cache n
	lacks toolchain.known "$(started "$cache")"
	[ "$(stat -c %a "$cache/checked")" = 600 ]
	run started "$cache"
	n=$(echo "$output" | sed -n 's/.*toolchain.known: \([0-9]*\) of .*/\1/p')
	echo "$n known"
	[ "$n" -gt 1 ]
	# an entry that is not what was written is none
	printf x | dd of="$cache/checked" bs=1 seek=20 conv=notrunc 2>&1
	run started "$cache"
	[[ $output = *"toolchain.known: $((n - 1)) of "* ]]
	run started "$cache"
	[[ $output = *"toolchain.known: $n of "* ]]
	# one that others may write is not believed, nor written
	chmod 666 "$cache/checked"
	lacks toolchain.known "$(started "$cache")"
	lacks toolchain.known "$(started "$cache")"
}
