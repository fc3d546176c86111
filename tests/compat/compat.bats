#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The stock client against a node: protocols 1, 2 and 3 with gcc and clang,
# fallback off, every object compared with a local one and every job looked
# up on the node's record.  Needs root (the node), distcc and its pump.
# DAEMON=distccd runs them on the stock daemon.

setup_file() {
	NODE_TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export NODE_TREE
	. "$NODE_TREE/tests/lib/node.sh"
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	PUMP_DIR=$("$NODE_TREE/tests/compat/build_pump" 2>&3) || PUMP_DIR=
	export PUMP_DIR
	node_start --jobs 4
}

teardown_file() {
	. "$NODE_TREE/tests/lib/node.sh"
	node_end
}

setup() {
	. "$NODE_TREE/tests/lib/node.sh"
	cd "$BATS_TEST_TMPDIR"
	node_mark
}

teardown() {
	pump_stop
}

# each FUNCTION: once per protocol and compiler, in an empty directory.
each() {
	bad=
	for proto in ${PROTOS:-1 2 3}; do
		if [ "$proto" = 3 ] && [ -z "$PUMP_DIR" ]; then
			continue # "pump speaks protocol 3" has failed
		fi
		[ "$proto" != 3 ] || pump_start
		for cc in gcc clang; do
			cxx=g++
			[ $cc = gcc ] || cxx=clang++
			# Never the same place twice: the include server
			# remembers what it has seen.
			mkdir "$BATS_TEST_TMPDIR/$proto $cc"
			cd "$BATS_TEST_TMPDIR/$proto $cc"
			node_mark
			# In the background, because -e is without effect on
			# the left of ||.
			(
				set -e
				"$1"
			) >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
			wait $! && continue
			echo "protocol $proto, $cc:"
			tail -n 20 "$BATS_TEST_TMPDIR/out"
			tail -n 2 "$NODE_LOG"
			[ "$proto" != 3 ] || pump_says
			bad=1
		done
	done
	cd /
	[ -z "$bad" ]
}
# jobs_are RESULT N: since the mark there were N jobs, all of this protocol.
jobs_are() {
	node_since "$2" >jobs.txt
	if [ "$(wc -l <jobs.txt)" != "$2" ] ||
	    [ "$(awk -F '\t' -v r="$1" -v p="$proto" \
		'$1 == r && $2 == p' jobs.txt | wc -l)" != "$2" ]; then
		echo "wanted $2 of protocol $proto, $1:"
		cat jobs.txt
		return 1
	fi
}

# remote COMPILER ARG...: a compile at the node, recorded for same().
remote() {
	mkdir -p records
	RECORD_DIR=$PWD/records RECORD_CC=$1 client "$proto" \
	    "$NODE_TREE/tests/lib/record_cc" "${@:2}" >out 2>err
}

# What the compiler said, without what pump says.
said() { grep -v '^__________' "$1" || :; }

# same N: N compiles, each on record, each object as a local one.
same() {
	jobs_are COMPILE_OK "$1"
	"$NODE_TREE/tests/lib/compare_objects" records "$proto" >compared || :
	grep -q "^compared $1 identical $1 " compared || {
		cat compared
		return 1
	}
}

# one COMPILER ARG...: one compile that works and gives the local object.
one() {
	node_mark
	remote "$@" || {
		cat err
		return 1
	}
	same 1
	rm -rf records
}

@test "pump speaks protocol 3" {
	[ -n "$PUMP_DIR" ]
}

c_source() {
	cat >hello.c <<-'END'
	#include <stdio.h>
	#include <string.h>
	static const char *words[] = { "one", "two", "three" };
	int main(int argc, char **argv)
	{
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			printf("%s %zu %d\n", words[i], strlen(words[i]), argc);
		return argv[0] == NULL;
	}
	END
}

case_c() {
	c_source
	for o in -O0 -O2 -Os; do
		one $cc $o -Wall -c hello.c -o hello.o
	done
	gcc hello.o -o hello
	[ "$(./hello | head -n 1)" = "one 3 1" ]
	one $cc -c hello.c
	one $cc -O2 -fPIC -pthread -std=gnu11 -c hello.c -o pic.o
}
@test "C" { each case_c; }

case_cxx() {
	cat >v.cc <<-'END'
	#include <map>
	#include <string>
	template <class T> T twice(T t) { return t + t; }
	std::map<std::string, int> table;
	int count(const std::string &s) { return twice(++table[s]); }
	END
	one "$cxx" -O2 -c v.cc -o v.o
	cp v.cc v.cpp
	one "$cxx" -O1 -std=c++17 -fno-rtti -c v.cpp
	cp v.cc v.C
	one $cc -c v.C -o v2.o
}
@test "C++" { each case_cxx; }

objc_source() {
	cat >"$1" <<-'END'
	#include "answer.h"
	__attribute__((objc_root_class))
	@interface Thing { int value; }
	- (int)value;
	@end
	@implementation Thing
	- (int)value { return value + ANSWER; }
	@end
	END
	echo '#define ANSWER 42' >answer.h
}
case_objc() {
	objc_source thing.m
	one $cc -O2 -Wno-attributes -c thing.m -o thing.o
}
@test "Objective-C" { each case_objc; }

case_objcxx() {
	objc_source thing.mm
	cat >>thing.mm <<-'END'
	namespace n { struct S { Thing *t; }; int f(S s) { return s.t != 0; } }
	END
	one "$cxx" -O2 -Wno-attributes -c thing.mm -o thing.o
}
@test "Objective-C++" { each case_objcxx; }

case_elsewhere() {
	mkdir -p include/deep src other
	echo '#define DEEP 7' >include/deep/deep.h
	echo '#include <deep/deep.h>' >other/side.h
	cat >src/use.c <<-'END'
	#include "side.h"
	#include "../other/side.h"
	int deep = DEEP;
	const char *where = __FILE__;
	END
	cd src
	one $cc -I../include -I"$PWD/../other" -c use.c -o ../use.o
	cd ..
	one $cc -Iinclude -Iother -c src/use.c -o use2.o
	one $cc -isystem include -iquote other -c "$PWD/src/use.c" -o use3.o
	echo 'int forced = DEEP;' >src/forced.c
	one $cc -include include/deep/deep.h -c src/forced.c
}
@test "a header elsewhere" { each case_elsewhere; }

case_symlinks() {
	mkdir real src
	echo '#define REAL 1' >real/r.h
	echo '#define FILE_LINK 2' >real/target.h
	ln -s real linked
	ln -s "$PWD/real" absolute
	ln -s ../real/target.h src/link.h
	cat >src/l.c <<-'END'
	#include "r.h"
	#include "link.h"
	int l = REAL + FILE_LINK;
	END
	one $cc -Ilinked -c src/l.c -o l.o
	one $cc -Iabsolute -g -c src/l.c -o l2.o
	ln -s l.c src/ll.c
	one $cc -Ilinked/../linked -c src/ll.c -o l3.o
}
@test "symlinked includes" { each case_symlinks; }

# A dependency file as words, one a line.
words_of() { tr -s ' \\\n' '\n' <"$1" | sed '/^$/d'; }

case_deps() {
	mkdir sub
	echo '#define X 1' >sub/x.h
	printf '#include <stddef.h>\n#include "sub/x.h"\nint d = X;\n' >d.c
	one $cc -MMD -MF remote.d -MT "the target" -c d.c -o d.o
	$cc -MMD -MF local.d -MT "the target" -c d.c -o d2.o
	words_of remote.d >remote.words
	words_of local.d >local.words
	cmp remote.words local.words
	one $cc -MD -MP -MF remote.d -c d.c -o sub/d.o
	words_of remote.d >remote.words
	$cc -MD -MP -MF local.d -MT sub/d.o -c d.c -o d2.o
	words_of local.d >local.words
	if [ "$proto" != 3 ]; then
		# The client takes -o away from its own preprocessor.
		sed -i 's,^sub/d\.o:,d.o:,' local.words
	fi
	diff remote.words local.words
	if [ "$proto" = 3 ]; then
		one $cc -MMD -c d.c -o sub/d.o
		grep -q '^sub/d.o:' sub/d.d
	fi
	one $cc -Wp,-MMD,wp.d -c d.c -o wp.o
	grep -q 'sub/x.h' wp.d
}
@test "-MMD -MF -MT" { each case_deps; }

case_names() {
	for name in "a b.c" "ünï.c" "quo'te.c" "am&p;(x)\$y.c" "plus+,%=.c" \
	    "日本.c" "dots.in.name.c"; do
		echo 'const char *file = __FILE__; int line = __LINE__;' \
		    >"$name"
		one $cc -c "$name" -o "${name%.c}.o"
		mkdir -p "d $name"
		mv "$name" "d $name/"
		one $cc -O2 -c "d $name/$name" -o "out $name.o"
	done
	mkdir "di r"
	# The include server finds no header whose name has a blank, a quote
	# or a letter that is not ASCII.
	header="h ü.h"
	[ "$proto" != 3 ] || header=h.h
	echo '#define H "ä"' >"di r/$header"
	echo "#include \"$header\"" >i.c
	echo 'const char *h = H;' >>i.c
	one $cc "-Idi r" "-DNAME=\"with space\"" -c i.c
}
@test "odd names: blanks, unicode, quotes" { each case_names; }

case_big() {
	python3 - <<-'END'
	line = '"' + "0123456789abcdef" * 6 + '"\n'
	with open("big.c", "w") as f:
	    for n in range(13):
	        f.write("const char s%d[] =\n" % n + line * 4200 + ";\n")
	END
	[ "$(wc -c <big.c)" -gt 5000000 ]
	one $cc -w -c big.c -o big.o
}
@test "a 5 MB source" { each case_big; }

case_error() {
	cat >bad.c <<-'END'
	#include <stddef.h>
	int f(void) { return undeclared + 1; }
	int g(void) { int *p = "x"; return *p }
	END
	status=0
	remote $cc -Wall -c bad.c -o bad.o || status=$?
	local=0
	LC_ALL=C.UTF-8 $cc -Wall -c bad.c -o bad.o 2>local.err || local=$?
	[ "$status" = "$local" ]
	[ ! -e bad.o ]
	jobs_are COMPILE_ERROR 1
	said err >remote.err
	if [ "$proto" != 3 ]; then
		# The source is not there for the lines with the caret.
		grep -E ': (error|warning|note):|: In function' remote.err \
		    >remote.first
		grep -E ': (error|warning|note):|: In function' local.err \
		    >local.first
		diff remote.first local.first
		[ -s remote.first ]
	else
		diff remote.err local.err
	fi
}
@test "a compile error" { each case_error; }

case_warning() {
	echo 'int f(void) { int unused; return 0; }' >warn.c
	one $cc -Wall -c warn.c
	grep -q 'warn.c:1:19: warning: unused variable' err
}
@test "a warning reaches the user" { each case_warning; }

case_twins() {
	mkdir a b
	echo 'int same = 1;' >a/twin.c
	echo 'int same = 2; int more;' >b/twin.c
	node_mark
	remote $cc -c a/twin.c -o a/twin.o &
	first=$!
	mkdir -p records # of the first
	RECORD_DIR=$PWD/records RECORD_CC=$cc client "$proto" \
	    "$NODE_TREE/tests/lib/record_cc" -c b/twin.c -o b/twin.o \
	    >out2 2>err2
	wait $first
	same 2
	! cmp -s a/twin.o b/twin.o
}
@test "two sources of the same name at once" { each case_twins; }

case_debug() {
	mkdir -p sub
	c_source
	cp hello.c sub/
	one $cc -g -O1 -c hello.c -o hello.o
	one $cc -g3 -c sub/hello.c -o sub/hello.o
	one $cc -gdwarf-4 -c sub/hello.c -o d4.o
	cd sub
	one $cc -ggdb -O2 -c hello.c
}
@test "-g" { each case_debug; }

case_asm() {
	c_source
	one $cc -O2 -S hello.c -o hello.s
	grep -q main hello.s
	one $cc -S hello.c
}
@test "-S" { each case_asm; }

case_many() {
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "int f$n(int x) { return x * $n; }" >f$n.c
	done
	printf 'all: %s\n%%.o: %%.c\n\t%s -O2 -c $< -o $@\n' \
	    "$(echo f*.c | sed 's/\.c/.o/g')" \
	    "$NODE_TREE/tests/lib/record_cc" >Makefile
	mkdir records
	node_mark
	RECORD_DIR=$PWD/records RECORD_CC=$cc client "$proto" \
	    make -s -j6 >out 2>err
	same 12
}
@test "twelve jobs at once" { each case_many; }

case_unknown() {
	printf '#!/bin/sh\nexec %s "$@"\n' $cc >strangecc
	chmod +x strangecc
	echo 'int x;' >x.c
	status=0
	PATH=$PWD:$PATH client "$proto" distcc strangecc -c x.c \
	    >out 2>err || status=$?
	cat err
	[ "$status" = 110 ]
	grep -q 'failed to exec' err
	[ ! -e x.o ]
}
@test "a compiler that the node has not got" { each case_unknown; }

@test "lsdistcc sees the node in every protocol" {
	for p in 1 2 3; do
		for cc in gcc clang x86_64-linux-gnu-gcc; do
			run lsdistcc -P$p -p$cc -r"$NODE_PORT" 127.0.0.1
			echo "$p $cc: $output"
			[[ $output == 127.0.0.1:$NODE_PORT* ]]
		done
	done
}

@test "the job summary line" {
	proto=1
	echo 'int x;' >summary.c
	client 1 distcc gcc -c summary.c
	node_since 1
	grep -E '\(dcc_job_summary\) client: 127\.0\.0\.1:[0-9]+ COMPILE_OK exit:0 sig:0 core:0 ret:0 time:[0-9]+ms [a-z0-9_-]*gcc summary\.c$' \
	    "$NODE_LOG"
}

# A source that keeps a compiler busy for far longer than the test, and the
# include server, which reads every line, for no time.
slow_source() {
	{
		echo '#define M0 if (a[x & 511] > x) x ^= a[x & 1023] * 7;'
		for n in $(seq 1 15); do
			echo "#define M$n M$((n - 1)) M$((n - 1))"
		done
		echo 'long f(long *a, long x) { M15 return x; }'
	} >"$1"
}

# Processes of the node that run a compiler: below NODE_PID.
compilers() {
	ps -e -o pid= -o ppid= -o comm= | awk -v root="$NODE_PID" '
		{ parent[$1] = $2; name[$1] = $3 }
		END {
			for (p in parent) {
				if (name[p] !~ /^(cc1|clang|as$)|gcc|g\+\+/)
					continue
				for (q = p; q > 1 && q != root; q = parent[q])
					;
				if (q == root)
					print p
			}
		}'
}

await() { # $1: seconds, then a command
	tries=$(($1 * 10))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}
some_compiler() { [ -n "$(compilers)" ]; }
no_compiler() { [ -z "$(compilers)" ]; }

case_gone() {
	slow_source slow.c
	await 10 no_compiler
	node_mark
	client "$proto" distcc $cc -O2 -c slow.c >out 2>err &
	running=$!
	await 20 some_compiler
	sleep 0.3
	some_compiler
	# The client itself, which pump's shell may have started.
	for p in $(ps -e -o pid= -o args= |
	    awk '/ -O2 -c slow\.c$/ && /distcc/ { print $1 }'); do
		kill -KILL "$p" 2>/dev/null || :
	done
	await 20 no_compiler
	wait $running || :
	jobs_are CLI_DISCONN 1
	echo 'int next;' >next.c
	one $cc -c next.c
}
@test "a client that goes takes its job with it" { each case_gone; }

@test "half-close kills the job" {
	slow_source slow.c
	gcc -E -P slow.c -o slow.i
	await 10 no_compiler
	"$NODE_TREE/tests/compat/raw_client" "$NODE_PORT" halfclose slow.i \
	    >reply &
	running=$!
	await 20 some_compiler
	await 20 no_compiler # one second of it before the half-close
	wait $running
	cat reply
	grep -qE '^(closed|STAT 00006b00)' reply
}

@test "a connection without a byte is nothing" {
	: >x.c
	for _ in 1 2 3 4 5; do
		"$NODE_TREE/tests/compat/raw_client" "$NODE_PORT" empty x.c
	done
	proto=2
	echo 'int x;' >x.c
	cc=gcc
	one gcc -c x.c
}

@test "a client whose preprocessor failed is nothing either" {
	: >x.c
	"$NODE_TREE/tests/compat/raw_client" "$NODE_PORT" nosource x.c
	proto=1
	echo 'int x;' >x.c
	sleep 0.5
	one gcc -c x.c
}

@test "a long silence before the source" {
	printf '# 1 "x.c"\nint x;\n' >x.i
	run "$NODE_TREE/tests/compat/raw_client" "$NODE_PORT" silence x.i
	echo "$output"
	[[ $output == *"STAT 00000000"* ]]
	[[ $output == *"DOTO "* ]]
}

@test "a request byte by byte" {
	printf '# 1 "x.c"\nint x;\n' >x.i
	run "$NODE_TREE/tests/compat/raw_client" "$NODE_PORT" bytewise x.i
	echo "$output"
	[[ $output == *"STAT 00000000"* ]]
}
