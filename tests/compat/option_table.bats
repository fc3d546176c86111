#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of distccd's options in immured(8), and of its environment: a test
# for each, named after it, that sees the effect the manual tells of.  The
# first tests compare the lists: a row without a test fails, and so does a test
# without a row, or a row of another verdict.  Needs root, distcc.
#
# Three nodes for all of them, as distccd, where only gcc is to be seen (other
# compilers would only make their start longer):
#   A  in the background, the daemon's options together
#   B  in the foreground, --allow-private, names of distccd's list alone
#   C  --no-fork, --make-me-a-botnet, whatever else goes the other way

setup_file() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export NODE_TREE
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	node_is_stock && skip "this is about immured"
	PLACE=$(mktemp -d "${TMPDIR:-/tmp}/immure-options.XXXXXX")
	export PLACE
	cd "$PLACE"
	mkdir bin specs etc work services
	ln -s "$DAEMON" bin/distccd
	echo '*cc1_options:' >specs/our.specs
	echo '+ -DFROM_SPECS' >>specs/our.specs
	cat >alone <<-'END'
	for dir in /usr/lib/llvm-* /usr/lib/gcc-cross; do
		[ ! -d "$dir" ] || mount -t tmpfs none "$dir"
	done
	[ -d /etc/avahi/services ] || {
		mount -t overlay -o "lowerdir=/etc,upperdir=$PLACE/etc,workdir=$PLACE/work" none /etc
		mkdir -p /etc/avahi/services
	}
	mount --bind "$PLACE/services" /etc/avahi/services
	# A list of names with gcc alone; specs where only root writes.
	[ ! -d /usr/lib/distcc ] || {
		mount -t tmpfs none /usr/lib/distcc
		ln -s ../../bin/distcc /usr/lib/distcc/gcc
	}
	mount -t tmpfs -o mode=755 none /mnt
	cp specs/our.specs /mnt
	exec "$@"
	END
	for name in A B C A_STATS B_STATS; do
		eval "export $name=$(free_port)"
	done
	PATH=$PLACE/bin:$PATH
	export PATH

	# Nothing of its environment but what the manual says has an effect.
	DISTCCD_PATH=/nonexistent TMPDIR=/nonexistent DISTCC_SAVE_TEMPS=1 \
	    DISTCC_TCP_DEFER_ACCEPT=0 DISTCC_TCP_CORK=0 DISTCC_IO_TIMEOUT=1 \
	    DISTCCD_PRINCIPAL=nobody@nowhere \
	    unshare -m sh alone distccd --daemon --port "$A" \
	    --listen 127.0.0.1 --allow localhost --allow 127.0.0.7/32 \
	    --jobs 2 --job-lifetime 2 --nice 7 --oom-score-adj 300 \
	    --stats --stats-port "$A_STATS" --sysroot /mnt --user nobody \
	    --pid-file pid --log-file log.A --verbose --zeroconf \
	    --enable-tcp-insecure --socket "$PLACE/sock" \
	    </dev/null >out.A 2>&1 3>&-
	unshare -m sh alone distccd --no-detach --log-stderr --log-file log.B \
	    --port "$B" --listen 127.0.0.1 --allow 192.0.2.1 \
	    --allow-private --stats-port "$B_STATS" \
	    </dev/null >out.B 2>&1 3>&- &
	echo $! >pid.B
	unshare -m sh alone distccd --no-fork --no-fifo --make-me-a-botnet \
	    --port "$C" --allow 127.0.0.7 --log-level error --log-file log.C \
	    </dev/null >out.C 2>&1 3>&- &
	echo $! >pid.C
	for port in $B $C; do
		for _ in $(seq 600); do
			[ -z "$(ask "$port" 127.0.0.7)" ] || break
			sleep 0.2
		done
	done
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	[ -n "${PLACE-}" ] || return 0
	bad=0
	for name in pid pid.B pid.C; do
		NODE_PID=$(cat "$PLACE/$name" 2>/dev/null) || continue
		node_stop || bad=1
	done
	rm -rf "$PLACE"
	return $bad
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
	cd "$PLACE"
}

# ask PORT [SOURCE-ADDRESS [COMPILER [OPTION]]]: "STAT" of a job, or nothing.
ask() {
	python3 - "$@" <<-'END'
	import socket, sys
	source = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
	words = [sys.argv[3] if len(sys.argv) > 3 else "gcc"]
	words += sys.argv[4:] + ["-c", "x.i", "-o", "x.o"]
	text = b"int x;\n"
	request = b"DIST00000001ARGC%08x" % len(words)
	for w in words:
	    request += b"ARGV%08x" % len(w) + w.encode()
	request += b"DOTI%08x" % len(text) + text
	try:
	    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20,
	                                 (source, 0))
	    s.sendall(request)
	    reply = b""
	    while piece := s.recv(65536):
	        reply += piece
	except OSError:
	    reply = b""
	print(reply[16:24].decode())
	END
}

# The rows of the manual's table, and what has a test here.
table() {
	sed -n '/^\.Ss Options of distccd/,/^\.El/p' \
	    "$NODE_TREE/docs/immured.8" |
	    sed -n 's/^\.It Fl \\-\([a-z-]*\) Ta \([a-z ]*\) Ta.*/--\1 \2/p'
}
tests() {
	sed -n 's/^@test "\([^:]*\): .*/\1/p' "$BATS_TEST_FILENAME"
}

@test "each row of the table has a test, each test a row" {
	table | cut -d ' ' -f 1 | sort >rows
	tests | grep '^--' | tr -d ' ' | sort >tested
	[ "$(wc -l <rows)" -gt 30 ]
	diff rows tested
}

@test "each option of distccd is in the table" {
	# The protocol's description, section 3.1.
	sed -n '/^### 3.1/,/^### 3.2/p' \
	    "$NODE_TREE/docs/design/wire-protocol.md" | grep '^| `-' |
	    cut -d '|' -f 2 | grep -o -e '--[a-z-]*' | sort -u >wanted
	[ "$(wc -l <wanted)" -gt 30 ]
	table | cut -d ' ' -f 1 | sort >rows
	run comm -23 wanted rows
	echo "$output"
	[ -z "$output" ]
}

@test "three have no effect, what needs GSS-API is refused, the rest works" {
	table | sed -n 's/ no effect$//p' | sort | tr '\n' ' ' >none
	[ "$(cat none)" = "--no-fifo --no-fork --wizard " ]
	table | sed -n 's/ refused$//p' | sort | tr '\n' ' ' >refused.rows
	[ "$(cat refused.rows)" = "--auth --blacklist --show-principal --whitelist " ]
	[ "$(table | grep -c ' works$')" = $(($(table | wc -l) - 7)) ]
}

@test "each variable of the manual has a test, each test a variable" {
	sed -n '/^\.Sh ENVIRONMENT/,/^\.El/p' "$NODE_TREE/docs/immured.8" |
	    sed -n 's/^\.It Ev //p' | sed 's/ , /\n/g' | sort >variables
	tests | grep '^[A-Z_]*$' | sort >tested
	[ "$(wc -l <variables)" -ge 9 ]
	diff variables tested
}

@test "--allow: those addresses and no others" {
	[ "$(ask "$A" 127.0.0.1)" = 00000000 ]
	[ "$(ask "$A" 127.0.0.7)" = 00000000 ]
	[ -z "$(ask "$A" 127.0.0.9)" ]
}
@test "--allow-private: private networks beside what --allow names" {
	[ "$(ask "$B" 127.0.0.9)" = 00000000 ]
	[ -z "$(ask "$C" 127.0.0.9)" ] # without it
}
@test "--daemon: the command ends, the node is in the background" {
	p=$(cat pid)
	[ "$(ps -o tty= -p "$p" | tr -d ' ')" = "?" ]
	[ "$(ps -o sid= -p "$p" | tr -d ' ')" = "$p" ]
}
answered() { [ -s reply ]; }
@test "--inetd: one job on standard input and output" {
	# Standard input stays open: its end would be a client that went.
	{
		printf %s DIST00000001ARGC00000005ARGV00000003gcc \
		    ARGV00000002-cARGV00000003x.iARGV00000002-o \
		    ARGV00000003x.o "DOTI00000006int x;"
		eventually answered
	} | distccd --inetd --enable-tcp-insecure --socket "$PLACE/sock" |
	    head -c 24 >reply
	[ "$(cat reply)" = DONE00000001STAT00000000 ]
}
@test "--enable-tcp-insecure: names outside distccd's list" {
	[ -d /usr/lib/distcc ] || skip "no list of names here"
	[ "$(ask "$A" 127.0.0.1 g++)" = 00000000 ]
	[ "$(ask "$B" 127.0.0.1 g++)" = 00006e00 ]
}
@test "--make-me-a-botnet: the same" {
	[ -d /usr/lib/distcc ] || skip "no list of names here"
	[ "$(ask "$C" 127.0.0.7 g++)" = 00000000 ]
}
@test "--jobs: so many slots" {
	page "$A_STATS" | grep -qx 'dcc_max_kids 2'
	grep -q ' with 2 slots' log.A
}
@test "--job-lifetime: a job that takes longer is told so, status 118" {
	{
		echo '#define M0 if (a[x & 511] > x) x ^= a[x & 1023] * 7;'
		for n in $(seq 1 15); do
			echo "#define M$n M$((n - 1)) M$((n - 1))"
		done
		echo 'long f(long *a, long x) { M15 return x; }'
	} >slow.c
	mkdir client
	status=0
	DISTCC_DIR=$PWD/client DISTCC_FALLBACK=0 DISTCC_HOSTS=127.0.0.1:$A \
	    distcc gcc -O2 -c slow.c >out 2>&1 || status=$?
	rm -r client
	cat out
	[ "$status" = 118 ]
}
@test "--lifetime: the node ends then, status 0" {
	start=$(date +%s)
	timeout 100 unshare -m sh alone distccd --no-detach --lifetime 2 \
	    --port "$(free_port)" --log-stderr >out 2>&1
	[ $(($(date +%s) - start)) -ge 2 ]
	# In the background the status says whether the node serves.
	run timeout 100 distccd --daemon --lifetime 1 --port "$(free_port)" \
	    --listen 127.0.0.1 --log-file early
	echo "$output"
	[ "$status" = 100 ] || grep 'node\.serving' early
	[ "$status" = 0 ] || [[ $output == *"--lifetime of 1 s is over"* ]]
}
@test "--listen: that address alone" {
	ss -ltnH | awk -v p=":$A\$" '$4 ~ p { print $4 }' >addresses
	[ "$(cat addresses)" = "127.0.0.1:$A" ]
	ss -ltnH | awk -v p=":$C\$" '$4 ~ p { print $4 }' >addresses
	grep -q '0\.0\.0\.0\|\*' addresses # without it
}
@test "--log-file: the log is there, a relative path of where we were" {
	grep -q 'node\.serving' log.A
}
@test "--log-level: less than that is not in the log" {
	[ -e log.C ]
	grep -q 'node\.' log.A
	run grep 'node\.' log.C
	[ "$status" = 1 ]
}
@test "--log-stderr: the log is there, whatever --log-file says" {
	grep -q 'node\.serving' out.B
	[ ! -s log.B ]
}
@test "--nice: node and jobs" {
	# shellcheck disable=SC2034 # node_processes wants it
	NODE_PID=$(cat pid)
	n=0
	want=$(($(nice) + 7)) # it is an increment (nice(2))
	[ $want -le 19 ] || want=19
	for p in $(node_processes); do
		is=$(ps -o ni= -p "$p" | tr -d ' ')
		[ -n "$is" ] || continue # a cell that has ended meanwhile
		[ "$is" = $want ]
		n=$((n + 1))
	done
	[ $n -gt 5 ]
}
@test "--no-detach: in the foreground" {
	[ "$(ps -o ppid= -p "$(cat pid.B)" | tr -d ' ')" != 1 ]
	ps -o args= -p "$(cat pid.B)" | grep -q distccd
}
@test "--oom-score-adj: of the node's processes" {
	[ "$(cat "/proc/$(cat pid)/oom_score_adj")" = 300 ]
	[ "$(cat "/proc/$(cat pid.B)/oom_score_adj")" != 300 ]
}
@test "--pid-file: the number that kill takes" {
	kill -0 "$(cat pid)"
	ps -o args= -p "$(cat pid)" | grep -q -e "distccd .*--port $A"
}
@test "--port: there" {
	[ "$(ask "$B")" = 00000000 ]
}
page() {
	"$NODE_TREE/tests/compat/stats_page.py" "$1"
}
counted() {
	page "$A_STATS" | tee text
	grep -q '^dcc_tcp_accept [1-9]' text
}
@test "--stats: the page" {
	[ "$(ask "$A")" = 00000000 ]
	eventually counted
	grep -q '^<distccstats>' text
	run page "$B_STATS" # without it
	[ "$status" != 0 ]
}
@test "--stats-port: where" {
	ss -ltnH | awk '{ print $4 }' | grep -qx "127.0.0.1:$A_STATS"
}
@test "--sysroot: where -specs= files are" {
	[ "$(ask "$A" 127.0.0.1 gcc -specs=our.specs)" = 00000000 ]
	[ "$(ask "$A" 127.0.0.1 gcc -specs=others.specs)" != 00000000 ]
	[ "$(ask "$B" 127.0.0.1 gcc -specs=our.specs)" != 00000000 ]
}
@test "--user: owner of the files" {
	[ "$(stat -c %U log.A)" = nobody ]
	[ "$(stat -c %U pid)" = nobody ]
}
@test "--verbose: what is of no interest otherwise" {
	python3 -c "import socket
socket.create_connection(('127.0.0.1', $A)).close()
socket.create_connection(('127.0.0.1', $B)).close()"
	eventually grep 'conn\.empty' log.A
	run grep 'conn\.empty' out.B
	[ "$status" = 1 ]
}
@test "--zeroconf: a service for Avahi" {
	grep -q '<type>_distcc\._tcp</type>' services/*.service
	grep -q "<port>$A</port>" services/*.service
	[ "$(ls services)" = "immured-$A.service" ]
}
@test "--help: the options" {
	run distccd --help
	[ "$status" = 0 ]
	[[ $output == Usage:* ]]
	for option in $(table | grep -v refused | cut -d ' ' -f 1); do
		[[ $output == *"$option"* ]] || {
			echo "$option is not there"
			missing=1
		}
	done
	[ -z "${missing-}" ]
}
@test "--version: distccd's first two lines" {
	run distccd --version
	[ "$status" = 0 ]
	[[ ${lines[0]} =~ ^distccd\ [0-9.]+\ [a-z0-9_-]+$ ]]
	[ "${lines[1]}" = "  (protocols 1, 2 and 3) (default port 3632)" ]
}
@test "--no-fifo: accepted" {
	[ "$(ask "$C" 127.0.0.7)" = 00000000 ]
}
@test "--no-fork: in the foreground" {
	kill -0 "$(cat pid.C)"
	[ "$(ask "$C" 127.0.0.7)" = 00000000 ]
}
@test "--wizard: in the foreground" {
	timeout 100 unshare -m sh alone distccd --wizard --lifetime 1 \
	    --port "$(free_port)" --log-stderr >out 2>&1
	grep -q 'node\.start' out
}

# refused OPTION...: status 101, and the option's name.
refused() {
	run distccd --no-detach --port "$(free_port)" "$@"
	echo "$output"
	[ "$status" = 101 ]
	[[ $output == *"${1%%=*}"* ]]
}
@test "--auth: refused" { refused --auth; }
@test "--whitelist: refused" { refused --whitelist=/dev/null; }
@test "--blacklist: refused" { refused --blacklist=/dev/null; }
@test "--show-principal: refused" { refused --show-principal; }

# started VARIABLE=VALUE: a node with it in its environment; its status.
started() {
	status=0
	env "$1" timeout 100 unshare -m sh alone distccd --no-detach \
	    --lifetime 1 --port "$(free_port)" --log-stderr >out 2>&1 ||
	    status=$?
	cat out
}
@test "DISTCC_CMDLIST: without its file nothing starts" {
	started DISTCC_CMDLIST="$PLACE/nonexistent"
	[ "$status" = 101 ]
	grep -q "$PLACE/nonexistent" out
	DISTCC_CMDLIST="$PLACE/nonexistent" run distccd --check-config
	[ "$status" = 101 ]
}
@test "DISTCC_CMDLIST_NUMWORDS: a number, or nothing starts" {
	started DISTCC_CMDLIST_NUMWORDS=nonsense
	[ "$status" = 101 ]
}
@test "DISTCC_IO_TIMEOUT: no number, status 101; else no effect" {
	started DISTCC_IO_TIMEOUT=nonsense
	[ "$status" = 101 ]
	grep -q DISTCC_IO_TIMEOUT out
	[ "$(ask "$A")" = 00000000 ]
}

# Node A has them all, and serves.
serves() { [ "$(ask "$A")" = 00000000 ]; }
@test "DISTCC_TCP_DEFER_ACCEPT: no effect" { serves; }
@test "DISTCC_TCP_CORK: no effect" { serves; }
@test "DISTCCD_PATH: no effect" {
	serves
	grep 'warning: DISTCCD_PATH has no effect here; .*--compiler' out.A
	run grep DISTCCD_PATH out.B # which has none
	[ "$status" = 1 ]
	DISTCCD_PATH=/x run distccd --version
	[[ $output != *DISTCCD_PATH* ]]
}
@test "PATH: no effect" {
	run env -i PATH=/nonexistent "$PLACE/bin/distccd" --version
	[ "$status" = 0 ]
	serves
}
@test "DISTCC_SAVE_TEMPS: no effect" {
	serves
	[ -z "$(find /tmp -maxdepth 1 -name 'distccd_*' -newer out.A)" ]
}
@test "TMPDIR: no effect" { serves; }
@test "DISTCCD_PRINCIPAL: no effect" { serves; }

@test "exit codes: 100, 101, 102, 110" {
	run distccd --no-detach --port 80000 --log-file distccd.log
	[ "$status" = 101 ]
	run distccd --no-detach --nosuch
	[ "$status" = 101 ]
	run distccd --no-detach --port "$A" --listen 127.0.0.1
	echo "$output"
	[ "$status" = 102 ]
	run distccd --no-detach --port "$(free_port)" \
	    --log-file /nonexistent/log
	echo "$output"
	[ "$status" = 100 ]
	echo /nonexistent/gcc >list
	started DISTCC_CMDLIST="$PLACE/list"
	[ "$status" = 110 ]
}
