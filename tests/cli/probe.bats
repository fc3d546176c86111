#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# immure probe and immure hosts: against a node, stock distccd, and whatever
# else may listen on a port.  Needs root, distcc, distcc-pump, gcc, python3 and
# jq.

bats_require_minimum_version 1.5.0

setup_file() {
	[ "$(id -u)" = 0 ] || skip "starts the daemon"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_start --jobs 2
}

teardown_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	node_stop
	rm -rf "$NODE_DIR"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	. tests/lib/node.sh
	immure=$PWD/${B:-build}/immure
	node=127.0.0.1:$NODE_PORT
	for v in $(env | sed -nE 's/^(DISTCC_[A-Z_]*|C[A-Z_]*PATH)=.*/\1/p') \
	    CFLAGS CXXFLAGS INCLUDE_SERVER_PORT; do
		unset "$v"
	done
	export HOME="$BATS_TEST_TMPDIR" DISTCC_DIR="$BATS_TEST_TMPDIR/distcc"
	mkdir -p "$DISTCC_DIR"
}

teardown() {
	[ -z "${FAKE_PID-}" ] || {
		exec 8>&-
		wait "$FAKE_PID" || :
	}
	[ -z "${SECOND_PID-}" ] || {
		kill "$SECOND_PID" 2>/dev/null || :
		wait "$SECOND_PID" || :
	}
}

# fake MODE: something listens on 127.0.0.1:$FAKE
fake() {
	mkfifo "$BATS_TEST_TMPDIR/hold"
	"$BATS_TEST_DIRNAME/fake_node" "$1" <"$BATS_TEST_TMPDIR/hold" \
	    >"$BATS_TEST_TMPDIR/port" 3>&- &
	FAKE_PID=$!
	exec 8>"$BATS_TEST_TMPDIR/hold"
	eventually [ -s "$BATS_TEST_TMPDIR/port" ]
	FAKE=$(cat "$BATS_TEST_TMPDIR/port")
	[ -n "$FAKE" ]
}

probe() { # of what is to be unusable
	run timeout 60 env PATH="${PROBE_PATH-$PATH}" "$immure" probe \
	    --compiler gcc --timeout "${PROBE_TIMEOUT-20}" "$@"
	echo "$output"
	[ "$status" = 1 ]
	clean <<<"$output"
}

clean() { # nothing for the terminal, whatever came
	[ "$(LC_ALL=C tr -d '\n\t\040-\176' | wc -c)" = 0 ]
}

@test "probe: a node, in all modes, with its compilers" {
	"$immure" probe --json "$node/1,cpp,lzo" "$node" >"$BATS_TEST_TMPDIR/o"
	cat "$BATS_TEST_TMPDIR/o"
	jq -e '.hosts | length == 2' "$BATS_TEST_TMPDIR/o"
	jq -e '.hosts[0] | .usable and .immured and .jobs == 2 and
	    (.version | length > 0) and
	    .verdict == "DISTCC_HOSTS entry '"$node"'/1,cpp,lzo" and
	    ([.modes[] | select(.state == "ok" and .first_ms > 0 and
	    .second_ms > 0) | .mode] == ["plain", "lzo", "pump"])' \
	    "$BATS_TEST_TMPDIR/o"
	jq -e '[.hosts[1].compilers[] | select(.name == "gcc" or
	    .name == "g++") | select(.same and .here == .there and
	    (.there.version | startswith("GCC: ")))] | length == 2' \
	    "$BATS_TEST_TMPDIR/o"
	jq -e '.hosts[1].verdict == "DISTCC_HOSTS entry '"$node"'/2,lzo"' \
	    "$BATS_TEST_TMPDIR/o"
}

@test "probe: its entry is one that the stock client uses" {
	entry=$("$immure" probe --compiler gcc "$node" |
	    sed -n 's/^  ok: DISTCC_HOSTS entry //p')
	[ -n "$entry" ]
	node_mark
	echo 'int one(void) { return 1; }' >"$BATS_TEST_TMPDIR/one.c"
	(cd "$BATS_TEST_TMPDIR" && DISTCC_HOSTS=$entry DISTCC_FALLBACK=0 \
	    distcc gcc -c one.c -o one.o)
	[[ $(node_since 1) == *COMPILE_OK*one.c* ]]
}

@test "probe: stock distccd, said to be one" {
	port=$(free_port)
	distccd --no-detach --daemon --port "$port" --listen 127.0.0.1 \
	    --allow 127.0.0.1 --enable-tcp-insecure --log-file \
	    "$BATS_TEST_TMPDIR/log" 3>&- &
	SECOND_PID=$!
	NODE_PORT=$port eventually node_answers
	run "$immure" probe "127.0.0.1:$port/3"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"daemon     distccd, "* ]]
	[[ $output == *"plain      ok: "*"lzo        ok: "*"pump       ok: "* ]]
	[[ $output == *"compiler   gcc: same version: GCC: "* ]]
	[[ $output == *"ok: DISTCC_HOSTS entry 127.0.0.1:$port/3,lzo"* ]]
	run "$immure" hosts --digest "$(printf %064d 1)" "127.0.0.1:$port"
	[ "$status" = 1 ]
	[[ $output == *"no immured that tells its toolchains"* ]]
}

@test "probe: without a host it takes the client's list" {
	run "$immure" probe --compiler gcc
	[[ $output == *"/etc/distcc/hosts"* || $output == *"no list"* ]]
	echo "$node # a comment" >"$DISTCC_DIR/hosts"
	run "$immure" probe --compiler gcc
	[ "$status" = 0 ]
	[[ $output == *"1 of $DISTCC_DIR/hosts"* ]]
	DISTCC_HOSTS="$node/1 $node/2" run "$immure" probe --compiler gcc
	[ "$status" = 0 ]
	[[ $output == *"2 of \$DISTCC_HOSTS"*"entry $node/1,lzo"*"$node/2,lzo"* ]]
}

@test "probe: through ssh" {
	# What ssh would run there is run here; and no node's socket is.
	cat >"$BATS_TEST_TMPDIR/ssh" <<-'EOF'
	#!/bin/sh
	echo "$*" >>"$SSH_ARGS"
	[ "$1" = -l ] && shift 2
	shift
	exec "$@"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/ssh"
	export SSH_ARGS="$BATS_TEST_TMPDIR/args"
	DISTCC_SSH="$BATS_TEST_TMPDIR/ssh" run "$immure" probe \
	    --compiler gcc me@there:/usr/bin/distccd
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"ok: DISTCC_HOSTS entry me@there:/usr/bin/distccd,lzo"* ]]
	[ "$(sort -u "$SSH_ARGS")" = "-l me there /usr/bin/distccd --inetd --enable-tcp-insecure" ]
}

@test "probe: a closed port, a name that is none" {
	probe "127.0.0.1:$(free_port)"
	[[ $output == *"no connection: Connection refused"* ]]
	probe nosuch.invalid
	[[ $output == *"the name is not known"* ]]
}

# In less than the ten seconds that it has without --timeout.
@test "probe: a black hole: bounded" {
	fake hole
	PROBE_TIMEOUT=1 SECONDS=0
	probe "127.0.0.1:$FAKE"
	[[ $output == *"no connection: nobody answers"* ]]
	[ "$SECONDS" -lt 10 ]
}

@test "probe: one that says nothing: bounded" {
	fake silent
	PROBE_TIMEOUT=1 SECONDS=0
	probe "127.0.0.1:$FAKE"
	[[ $output == *"no answer within the time"* ]]
	[ "$SECONDS" -lt 10 ]
}

@test "probe: one that drips: bounded" {
	fake drip
	PROBE_TIMEOUT=1 SECONDS=0
	probe "127.0.0.1:$FAKE"
	[[ $output == *"half an answer within the time"* ]]
	[ "$SECONDS" -lt 10 ]
}

@test "probe: other servers are called what they are" {
	while read -r mode text; do
		fake "$mode"
		probe "127.0.0.1:$FAKE"
		[[ $output == *"not usable: "*"$text"* ]]
		exec 8>&-
		wait "$FAKE_PID" || :
		FAKE_PID=
		rm "$BATS_TEST_TMPDIR/hold" "$BATS_TEST_TMPDIR/port"
	done <<-'EOF'
	garbage not distcc: something else answers there
	http not distcc: an HTTP server answers there
	tls not distcc: a TLS server answers there
	close gcc: closed without an answer
	half closed in the middle of its answer
	version in protocol 1, it answers in protocol 2
	huge longer than any can be
	notelf gcc: what it sent is no ELF object
	empty gcc: success, but the object is empty
	signal gcc: ended by signal 9
	badjson gcc: success, but the object is empty
	EOF
}

@test "probe: one whose LZO is none" {
	fake noblock
	probe "127.0.0.1:$FAKE,lzo"
	[[ $output == *"plain      ok: gcc, x86-64 object"* ]]
	[[ $output == *"lzo        gcc: the object does not unpack"* ]]
	[[ $output == *"the entry asks for lzo, and that fails: the object does not unpack"* ]]
	run "$immure" probe --compiler gcc "127.0.0.1:$FAKE"
	[ "$status" = 0 ]
	[[ $output == *"ok: DISTCC_HOSTS entry 127.0.0.1:$FAKE" ]]
}

@test "probe: what a node says is escaped" {
	fake escapes
	probe "127.0.0.1:$FAKE"
	[[ $output == *'gcc: exit 1: \x1b]0;owned\x07\x1b[31mred\x9b2J'* ]]
	[[ $output != *"second line"* ]]
	"$immure" probe --json --compiler gcc "127.0.0.1:$FAKE" |
	    jq -er '.hosts[0].compilers[0].reason' >"$BATS_TEST_TMPDIR/r" || :
	grep owned "$BATS_TEST_TMPDIR/r"
	clean <"$BATS_TEST_TMPDIR/r"
}

# second DAEMON OPTION...: on $port
second() {
	port=$(free_port)
	"$@" --no-detach --port "$port" --listen 127.0.0.1 --allow 192.0.2.0/24 \
	    --log-file "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/out" 2>&1 \
	    3>&- &
	SECOND_PID=$!
	for _ in $(seq 600); do # making the images takes a while
		python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.settimeout(5)
s.recv(1)' "$port" 2>/dev/null && return
		sleep 0.1
	done
	false
}

@test "probe: a node that does not allow this address: said, and soon" {
	for daemon in "$DAEMON --socket $BATS_TEST_TMPDIR/sock" \
	    "distccd --daemon --enable-tcp-insecure"; do
		# shellcheck disable=SC2086 # words on purpose
		second $daemon
		run timeout 60 "$immure" probe "127.0.0.1:$port"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"not usable: it closes every connection"*"it may not allow your address, 127.0.0.1 "*"access.denied"* ]]
		[ "$(grep -c '^  compiler ' <<<"$output")" = 1 ]
		kill "$SECOND_PID"
		wait "$SECOND_PID" || :
		SECOND_PID=
	done
}

@test "probe: a compiler that the node lacks or has in another version" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for c in gcc clang nosuch-gcc; do
		# Another version: as far as an object tells.
		cat >"$BATS_TEST_TMPDIR/bin/$c" <<-'EOF'
		#!/bin/sh
		for o; do :; done
		/usr/bin/gcc "$@" && exec objcopy --remove-section .comment \
		    "$o"
		EOF
		chmod +x "$BATS_TEST_TMPDIR/bin/$c"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$immure" probe --compiler gcc \
	    "$node"
	echo "$output"
	[[ $output == *"gcc: another version (there: GCC: "*"here: it does not say): objects may differ"* ]]
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$immure" probe --compiler \
	    nosuch-gcc "$node"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"not usable: no job is done: nosuch-gcc: exit 110: immured: "* ]]
}

@test "probe: a compiler there that is for another machine" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/gcc" <<-'EOF'
	#!/bin/sh
	exec /usr/bin/gcc -m32 "$@"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/gcc"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$immure" probe --compiler gcc \
	    "$node"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"gcc: another machine: x86-64 there, i386 here"* ]]
	[[ $output == *"not usable: gcc there is for another machine"* ]]
}

@test "probe: a host that the client avoids, until it does not" {
	mkdir "$DISTCC_DIR/lock"
	mark=$DISTCC_DIR/lock/backoff_tcp_127.0.0.1_${NODE_PORT}_0
	touch "$mark"
	probe "$node"
	[[ $output == *"the client avoids it for "*" s more"*"rm $mark"* ]]
	DISTCC_BACKOFF_PERIOD=0 run "$immure" probe --compiler gcc "$node"
	[ "$status" = 0 ]
	touch -d '2 minutes ago' "$mark"
	run "$immure" probe --compiler gcc "$node"
	[ "$status" = 0 ]
}

@test "probe: it is the client's own mark that is read" {
	DISTCC_HOSTS=127.0.0.1:$(free_port)
	export DISTCC_HOSTS
	echo 'int x;' >"$BATS_TEST_TMPDIR/x.c"
	(cd "$BATS_TEST_TMPDIR" && distcc gcc -c x.c -o x.o) || :
	probe
	[[ $output == *"the client avoids it for "* ]]
}

@test "probe: what keeps a client from distributing" {
	probe localhost
	[[ $output == *"stops      the client's list names no host but localhost"* ]]
	DISTCC_HOSTS='' probe
	[[ $output == *"stops      the client has no hosts"* ]]
	probe 'node,cpp'
	[[ $output != *stops* ]]
	[[ $output == *"not usable: pump mode (,cpp) needs ,lzo"* ]]
	CFLAGS='-O2 -march=native' DISTCC_IO_TIMEOUT=5 run "$immure" probe \
	    --compiler gcc "$node"
	[[ $output == *"warning    DISTCC_IO_TIMEOUT=5"* ]]
	[[ $output == *"warning    CFLAGS has -march=native"* ]]
	mkdir "$BATS_TEST_TMPDIR/bin"
	for p in gcc as; do
		ln -s "$(command -v $p)" "$BATS_TEST_TMPDIR/bin"
	done
	PROBE_PATH=$BATS_TEST_TMPDIR/bin
	probe "$node"
	[[ $output == *"stops      there is no distcc in PATH"* ]]
}

@test "probe: pump mode that cannot work is found out" {
	mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/server"
	cat >"$BATS_TEST_TMPDIR/bin/pump" <<-EOF
	#!/bin/sh
	PYTHON=/usr/bin/python3
	include_server='$BATS_TEST_TMPDIR/server/include_server.py'
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/pump"
	export PATH="$BATS_TEST_TMPDIR/bin:$PATH"
	cat >"$BATS_TEST_TMPDIR/server/distcc_pump_c_extensions.py" <<-'EOF'
	def CompressLzo1xAlloc(b):
	    raise SystemError("PY_SSIZE_T_CLEAN macro \x1b[31mmust be")
	EOF
	run "$immure" probe --compiler gcc "$node,cpp,lzo"
	echo "$output"
	[[ $output == *"warning    pump's include server is broken"*"PY_SSIZE_T_CLEAN macro \\x1b"* ]]
	[[ $output == *"warning    no include server runs"* ]]
	echo 'def CompressLzo1xAlloc(b): return b' \
	    >"$BATS_TEST_TMPDIR/server/distcc_pump_c_extensions.py"
	INCLUDE_SERVER_PORT=x run "$immure" probe --compiler gcc \
	    "$node,cpp,lzo"
	[ "$status" = 0 ]
	[[ $output != *"include server"* ]]
	echo 'import time; time.sleep(60)' \
	    >"$BATS_TEST_TMPDIR/server/distcc_pump_c_extensions.py"
	SECONDS=0
	run "$immure" probe --compiler gcc "$node,cpp,lzo"
	[[ $output == *"does not run: Connection timed out"* ]]
	[ "$SECONDS" -lt 25 ]
}

@test "hosts: nodes with the same toolchain, and why not the others" {
	fake other
	run --separate-stderr "$immure" hosts "$node" "127.0.0.1:$FAKE" \
	    "$node/1,cpp,lzo" localhost "127.0.0.1:$(free_port)" a,b
	echo "$output / $stderr"
	[ "$status" = 0 ]
	[ "$output" = "$node/2,lzo $node/1,cpp,lzo" ]
	[[ $stderr == *"127.0.0.1:$FAKE: left out: another toolchain: cc there is 1.2.3 "* ]]
	[[ $stderr == *"localhost: left out: it is this machine"* ]]
	[[ $stderr == *"left out: Connection refused"* ]]
	[[ $stderr == *"a,b: left out: an option"* ]]
	run "$immure" hosts "127.0.0.1:$FAKE"
	[ "$status" = 1 ]
	run "$immure" hosts --compiler nosuch "$node"
	[ "$status" = 2 ]
}

@test "hosts: a digest that is named is compared, by any user" {
	fake other
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$immure" \
	    hosts --digest "$(printf %064d 0)" "127.0.0.1:$FAKE/9"
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = "127.0.0.1:$FAKE/7,lzo" ]
}

@test "the question for toolchains is on record, and takes no slot" {
	node_mark
	run "$immure" hosts --digest "$(printf %064d 0)" "$node"
	[ "$status" = 1 ]
	[[ $(node_since 1) == *immure-toolchains* ]]
	jq -e 'select(.type == "job" and .reason == "query.toolchains") |
	    .exit == 0 and .compiler == "immure-toolchains"' "$NODE_AUDIT"
}

@test "probe, hosts: words that are wrong" {
	while read -r words; do
		# shellcheck disable=SC2086 # words on purpose
		run "$immure" $words
		echo "$words: $output"
		[ "$status" = 64 ]
		[[ $output == *"--help"* ]]
	done <<-'EOF'
	probe --nosuch
	probe --timeout
	probe --timeout 0
	probe --timeout 5x
	probe --timeout 99999
	probe --compiler -o
	hosts --json
	hosts --digest 00
	EOF
	run "$immure" hosts --digest 00
	[[ $output == *"00: not its value"*"all 64 digits"* ]]
	run "$immure" probe --timeout
	[[ $output == *"--timeout: its value is missing"* ]]
	run "$immure" probe --nosuch
	[[ $output == *"--nosuch: unknown option"* ]]
}
