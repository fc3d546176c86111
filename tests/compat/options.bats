#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs gcc, g++, gobjc, gobjc++ and clang, no root and no node.
#
# What options_decide() makes of a command line gives the object that the
# client's own compile gives, byte for byte, before any jail comes into it.
# plain: `cc -E` then `cc -x cpp-output -c`; pump: the one-step compile, and
# the same dependencies.  One line of a table is one command line.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export T=$BATS_FILE_TMPDIR
	DECIDE=$(realpath "${B:-build}/tests/compat/decide")
	export DECIDE
	mkdir -p "$T/src" "$T/inc" "$T/job" "$T/base" "$T/out" "$T/cell"
	printf '%s\n' '#pragma once' '#define TWICE(a) ((a) + (a))' \
	    'static inline int half(int a) { return a / 2; }' >"$T/inc/h.h"
	cat >"$T/src/hello.c" <<-'EOF'
	#include <stdio.h>
	#include "h.h"
	#ifdef NOISY
	#include <string.h>
	#endif
	int hello(int argc, char **argv);
	int hello(int argc, char **argv)
	{
		char line[64];
		int unused = TWICE(argc);

		snprintf(line, sizeof(line), "%s %d", argv[0], half(argc));
		printf("%s %s:%d\n", line, __FILE__, __LINE__);
		return unused;
	}
	EOF
	cat >"$T/src/hello.cc" <<-'EOF'
	#include <string>
	#include <vector>
	#include "h.h"
	namespace { std::vector<std::string> v; }
	int add(const char *s) { v.push_back(s); return half((int)v.size()); }
	template <typename T> T twice(T a) { return TWICE(a); }
	int use(int a) { try { return twice(a); } catch (...) { return 0; } }
	EOF
	printf '%s\n' '#include "h.h"' '@interface Hello' \
	    '- (int) twice: (int) a;' '@end' '@implementation Hello' \
	    '- (int) twice: (int) a { return TWICE(a); }' '@end' \
	    >"$T/src/hello.m"
	printf '%s\n' '#define ONE 1' 'int one = ONE;' >"$T/src/bare.c"
	cp "$T/src/hello.m" "$T/src/hello.mm"
	cp "$T/src/hello.cc" "$T/src/odd name+.C"
	cp "$T/src/hello.c" "$T/src/a.tab.c"
	cp "$T/src/hello.c" "$T/src/noext"
}

# shellcheck disable=SC2016  # $ is a character of a file's name here
# SOURCE|WORDS; % stands for "-c SOURCE -o OUTPUT".
common='
src/bare.c|%
src/bare.c|-g -undef -nostdinc -P %
src/hello.c|-Iinc -O2 %
src/hello.c|-g -O2 -Iinc %
src/hello.c|-g3 -O0 -I inc -DNOISY -D X=1 -UY %
src/hello.c|-g -O3 -Iinc -Wall -Wextra -std=gnu11 -fPIC -pipe %
src/hello.c|-g -O2 -Iinc -ffile-prefix-map=@PWD@=. -fstack-protector-strong -Wformat -Werror=format-security -D_FORTIFY_SOURCE=2 %
src/hello.c|-g -O2 -Iinc -fdebug-prefix-map=@PWD@=/usr/src/x %
src/hello.c|-gdwarf-4 -O2 -Iinc -gz %
src/hello.c|-g -Iinc -S %
src/hello.c|-g -O2 -Iinc -MD -MF out/hello.d %
src/hello.c|-g -O2 -Iinc -MMD -MP -MT x/hello.lo -MF out/hello.d %
src/hello.c|-g -O2 -Iinc -MMD -MQ $(x)/hello.o %
src/hello.c|-g -iquote inc -isystem inc -idirafter inc %
src/hello.c|-g -include inc/h.h -imacros inc/h.h -Iinc %
src/hello.c|--include-directory=inc --optimize=2 --debug %
src/hello.c|-g -x c -Iinc %
src/hello.c|-g -xc -Iinc %
src/noext|-g -x c -Iinc %
src/hello.c|-g -x c++ -Iinc %
src/hello.c|-g -x objective-c -Iinc %
src/hello.c|-g -x objective-c++ -Iinc %
src/a.tab.c|-g -O2 -Iinc -frandom-seed=hello.c %
src/hello.c|-g -O2 -Iinc -ffunction-sections -fdata-sections -fvisibility=hidden -fno-omit-frame-pointer %
src/hello.c|-g -O2 -Iinc -march=x86-64 -mtune=generic -fcf-protection=full %
src/hello.c|-g -O1 -Iinc -fsanitize=address,undefined %
src/hello.c|-g -Iinc -Wa,--noexecstack %
src/hello.c|-g -Iinc -Wl,-z,relro -L. -lfoo -pthread %
src/hello.c|-g -Iinc -Wp,-D_GLIBCXX_ASSERTIONS -nostdinc++ %
src/hello.c|-g -Iinc -v -H %
src/hello.cc|-Iinc %
src/hello.cc|-g -O2 -Iinc -std=c++17 -fno-rtti %
src/hello.cc|-g -O2 -Iinc -x c++ -D_GLIBCXX_ASSERTIONS %
src/hello.cc|-g -O2 -Iinc -S %
src/odd name+.C|-g -O2 -Iinc -MMD -MF out/hello.d %
src/hello.m|-g -O1 -Iinc %
src/hello.m|-g -O1 -Iinc -x objective-c %
src/hello.mm|-g -O1 -Iinc %
src/hello.mm|-g -O1 -Iinc -x objective-c++ %
'
gcc='
src/hello.c|-g -O2 -Iinc -fstack-usage %
src/hello.c|-g -O2 -Iinc -fcallgraph-info=su,da %
src/hello.c|-g -O2 -Iinc -fsave-optimization-record %
src/hello.c|-g -O2 -Iinc -save-temps %
src/hello.c|-g -O2 -Iinc -save-temps=obj -fstack-usage %
src/hello.c|-g -O2 -Iinc -fdump-tree-optimized -fdump-rtl-expand=x %
src/hello.c|-g -O2 -Iinc -dumpbase foo -fdump-ipa-all %
src/hello.c|-g -O2 -Iinc -da -dA %
src/hello.c|-g -Iinc -dA -dp -S %
src/hello.c|-g -O2 -Iinc -fopt-info-all %
src/hello.c|-g -O2 -Iinc -grecord-gcc-switches -frecord-gcc-switches %
src/hello.c|-g -O2 -Iinc -fdirectives-only %
src/hello.c|-g3 -O2 -Iinc -fdirectives-only -DNOISY %
src/bare.c|-g -O2 -no-integrated-cpp -traditional-cpp %
src/hello.c|-g -O2 -Iinc -fuse-ld=bfd -fdiagnostics-format=json %
src/hello.c|-g -O2 -Iinc -flto -ffat-lto-objects -frandom-seed=1 %
src/hello.c|-g -O2 -Iinc -ftime-report -fmem-report -Q %
src/hello.c|-g -O2 -Iinc --std=c11 --machine-tune=generic --warn-all %
'
clang='
src/hello.c|-g -O2 -Iinc -target x86_64-pc-linux-gnu %
src/hello.c|-g -O2 -Iinc --target=x86_64-linux-gnu %
src/hello.c|-g -O2 -Iinc -fstack-usage -ftime-trace -fsave-optimization-record %
src/hello.c|-g -O2 -Iinc -serialize-diagnostics out/x.dia %
src/hello.c|-g -O2 -Iinc -Xclang -disable-O0-optnone -mllvm -inline-threshold=99 %
src/hello.c|-g -O2 -Iinc -emit-llvm %
src/hello.c|-g -O2 -Iinc -flto=thin %
src/hello.c|-g -O2 -Iinc -fdebug-compilation-dir=. -fcoverage-compilation-dir=. %
src/hello.c|-g -O2 -Iinc -Xclang -fdebug-compilation-dir -Xclang . %
src/hello.c|-g -O2 -Iinc -fintegrated-as -Qunused-arguments -Weverything %
src/hello.cc|-g -O2 -Iinc -stdlib=libstdc++ -fstrict-enums %
'

# The words of a line, with the output $1, into the array words.
words_of() {
	local line=$2
	line=${line//@PWD@/$T}
	read -r -a words <<<"${line%'%'}"
	case " $line " in
	*' -S '*) words+=("$source" -o "$1") ;;
	*) words+=(-c "$source" -o "$1") ;;
	esac
}

# The language of ${words[@]} after the preprocessor, and its suffix.
language_of() {
	local word last='' lang=''
	for word in "${words[@]}"; do
		case $last:$word in
		-x:*) lang=$word ;;
		*:-xc) lang=c ;;
		esac
		last=$word
	done
	[ -n "$lang" ] || case $source in
	*.c) lang=c ;;
	*.cc | *.C) lang=c++ ;;
	*.m) lang=objective-c ;;
	*.mm) lang=objective-c++ ;;
	esac
	case $lang in
	c) echo cpp-output i ;;
	c++) echo c++-cpp-output ii ;;
	objective-c) echo objective-c-cpp-output mi ;;
	objective-c++) echo objective-c++-cpp-output mii ;;
	esac
}

# Two steps: the client's own, then (in job/) what identity is measured by.
two_steps() {
	local cc=$1 lang suffix i word
	local cpp=() step=()
	read -r lang suffix < <(language_of)
	stem=${source##*/}
	stem=${stem%.*}
	input=$stem.$suffix
	for ((i = 0; i < ${#words[@]}; i++)); do
		word=${words[i]}
		case $word in
		-o | -MF | -MT | -MQ) i=$((i + 1)) ;;
		-MD | -MMD | -MP) ;;
		# The client never sends these, and gcc -g records them.
		-undef | -nostdinc | -nostdinc++) cpp+=("$word") ;;
		-save-temps*) step+=("$word") ;;
		-c | -S) step+=("$word") ;;
		-x) cpp+=("$word" "${words[i + 1]}"); i=$((i + 1)) ;;
		-xc) cpp+=("$word") ;;
		"$source") cpp+=("$word") ;;
		*) cpp+=("$word"); step+=("$word") ;;
		esac
	done
	"$cc" "${cpp[@]}" -E -o "job/$input" >/dev/null 2>&1 || return 1
	(cd job && "$cc" "${step[@]}" -x "$lang" "$input" -o ../base/o \
	    >/dev/null 2>&1)
}

# The decided command line into the array decided; $name: what to unpack as.
decide() { # family proto cc
	local line
	decided=()
	name=
	"$DECIDE" "$1" "$2" "$T/cell/o" "$T/cell/d" -- "$3" "${words[@]}" \
	    >"$T/decision" 2>"$T/notes" || { cat "$T/decision"; return 1; }
	while IFS= read -r line; do
		case $line in
		'word '*) decided+=("${line#word }") ;;
		'input '*) name=${line#input } ;;
		esac
	done <"$T/decision"
}

plain_case() { # family cc line
	words_of out/hello.o "$3"
	two_steps "$2" || { echo "void: local compile failed"; return 1; }
	decide "$1" 1 "$2" || return 1
	[ "$name" = "$input" ] || { echo "input $name, not $input"; return 1; }
	(cd job && "${decided[@]}" >../decided.log 2>&1) ||
	    { cat decided.log; return 1; }
	cmp base/o cell/o
}

pump_case() { # family cc line
	words_of out/hello.o "$3"
	"$2" "${words[@]}" >/dev/null 2>&1 ||
	    { echo "void: local compile failed"; return 1; }
	decide "$1" 3 "$2" || return 1
	"${decided[@]}" >decided.log 2>&1 || { cat decided.log; return 1; }
	cmp out/hello.o cell/o || return 1
	if grep -q 'deps 1' decision; then
		cmp out/hello.d cell/d
	fi
}

all_cases() { # family mode cc lines
	local line source count=0 bad=0
	cd "$T" || return 1
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		source=${line%%|*}
		rm -f job/* base/* out/* cell/*
		cc=$3
		case $source in
		*.cc | *.C | *.mm) cc=${3/%gcc/g++}; cc=${cc/%clang/clang++} ;;
		esac
		if ! "$2_case" "$1" "$cc" "${line#*|}"; then
			echo "DIFFERS: $cc ${line#*|} ($source)"
			bad=$((bad + 1))
		fi
		count=$((count + 1))
	done <<<"$4"
	echo "$count command lines, $bad differ"
	[ "$count" -ge 40 ] && [ "$bad" -eq 0 ]
}

@test "gcc, plain: decided lines give the objects of the two-step compile" {
	all_cases gcc plain gcc "$common$gcc"
}

@test "gcc, pump: decided lines give the objects of the one-step compile" {
	# A preprocessor's option behind -Wp, has been split by the client.
	all_cases gcc pump gcc "$(grep -v -e '-Wp,' <<<"$common$gcc")"
}

@test "clang, plain: decided lines give the objects of the two-step compile" {
	all_cases clang plain clang "$common$clang"
}

@test "clang, pump: decided lines give the objects of the one-step compile" {
	all_cases clang pump clang "$(grep -v -e '-Wp,' <<<"$common$clang")"
}

@test "-gsplit-dwarf: the object is the one without it" {
	cd "$T"
	source=src/hello.c
	for family in gcc clang; do
		rm -f cell/* out/*
		"$family" -g -Iinc -c src/hello.c -o out/hello.o
		words=(-g -gsplit-dwarf -Iinc -c src/hello.c -o out/hello.o)
		decide "$family" 3 "$family"
		"${decided[@]}"
		cmp out/hello.o cell/o
		grep -q 'no .dwo is returned' notes
	done
}

@test "a C source by the name of the C++ compiler is C++" {
	cd "$T"
	source=src/hello.c
	for cc in g++ clang++; do
		rm -f cell/* out/* job/*
		"$cc" -g -Iinc -E src/hello.c -o job/hello.i
		(cd job && "$cc" -g -x c++-cpp-output -c hello.i -o ../out/o)
		words=(-g -Iinc -c src/hello.c -o out/hello.o)
		decide "$([ "$cc" = g++ ] && echo gcc || echo clang)" 1 "$cc"
		[ "$name" = hello.i ]
		(cd job && "${decided[@]}")
		cmp out/o cell/o
	done
}

@test "the harness sees a difference" {
	cd "$T"
	source=src/hello.c
	words=(-g -Iinc -c src/hello.c -o out/hello.o)
	gcc "${words[@]}"
	decide gcc 3 gcc
	"${decided[@]}" -O1
	run cmp out/hello.o cell/o
	[ "$status" -ne 0 ]
}

# The arity in the table is the compiler's: a separate option swallows the word
# that follows it, an exact one does not, or a position would be wrong.
@test "every option takes its argument as the table says" {
	cd "$T"
	bad=0
	count=0
	while IFS=$'\t' read -r option form who _; do
		case $form in exact | separate) ;; *) continue ;; esac
		case $option in --help* | -E | -###) continue ;; esac
		for cc in gcc clang; do
			[ "$who" = both ] || [ "$who" = "$cc" ] || continue
			text=$("$cc" -### -c "$option" zzz_word src/hello.c 2>&1 \
			    </dev/null) || true
			case $text in
			*'unrecognized'*"$option"* | *'unknown argument'*) continue ;;
			*'unsupported option'*) continue ;;
			esac
			case $text in
			*'zzz_word: No such'* | *"directory: 'zzz_word'"* | \
			*'zzz_word: linker input'*) takes=exact ;;
			*) takes=separate ;;
			esac
			count=$((count + 1))
			[ "$takes" = "$form" ] && continue
			case $option in # they end the driver before it looks
			--version | --target-help | --print* | -dump* | -help | -- | --autocomplete*)
				continue ;;
			esac
			echo "$cc $option: $takes in the compiler, $form here"
			bad=$((bad + 1))
		done
	done < <("$DECIDE" --table | tail -n +2)
	echo "$count options tried, $bad wrong"
	[ "$count" -gt 60 ] && [ "$bad" -eq 0 ]
}
