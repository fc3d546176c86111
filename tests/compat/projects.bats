#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Build systems as people run them, with the stock client in front of the
# compiler and fallback off: CMake, meson, autotools, an APKBUILD, ccache; and
# fifty clients at once.  After each build as many jobs are on the node's
# record as there are objects, so none was compiled here, and each object is
# the one that a build without distcc makes at the same place.  Needs root,
# cmake, meson, ninja, ccache, and Debian's sources (apt, or the cache).

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
	# With a blank, as people have them.
	mkdir "$BATS_TEST_TMPDIR/at work"
	cd "$BATS_TEST_TMPDIR/at work"
	# Neither what this machine's user prefers nor -g: in plain mode the
	# debugger's words hold the preprocessor's.
	unset MAKEFLAGS CPPFLAGS LDFLAGS
	export CFLAGS=-O2 CXXFLAGS=-O2
}

teardown() {
	pump_stop
}

# source_of PACKAGE: Debian's source of it, in the directory tree.
source_of() {
	cp -a "$("$NODE_TREE/tests/compat/debian_source" "$1")" tree
}

objects() { find . -name '*.o' | sort; }

# keep: this is what a build without distcc made.
keep() {
	mkdir ../kept
	objects | tar -T - -cf - | tar -C ../kept -xf -
	find . -name '*.o' -delete
}

# built PROTO: all that lies here was made by the node, and is what was kept.
built() {
	n=$(objects | wc -l)
	[ "$n" -gt 0 ]
	[ "$n" = "$(cd ../kept && objects | wc -l)" ]
	sleep 0.3 # for a record too many
	node_since "$n" >../jobs
	awk -F '\t' -v p="$1" '$1 == "COMPILE_OK" && $2 == p' ../jobs >../good
	if [ "$(wc -l <../jobs)" != "$n" ] || ! cmp ../jobs ../good; then
		echo "$n objects, protocol $1, on record:"
		cat ../jobs
		pump_says
		return 1
	fi
	objects | while read -r o; do
		cmp "$o" "../kept/$o" || exit 1
	done
}

# each_proto FUNCTION PROTO...: FUNCTION builds here with client "$proto".
each_proto() {
	what=$1
	shift
	for proto; do
		echo "protocol $proto"
		[ "$proto" != 3 ] || pump_start
		"$what"
		pump_stop
	done
}

# Directories for PATH where the compilers are distcc.
masquerade() {
	mkdir -p "$1"
	for name in cc c++ gcc g++; do
		ln -sf "$(command -v distcc)" "$1/$name"
	done
}

remote_cmake_launcher() {
	rm -rf b
	client "$proto" cmake -S . -B b -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_C_COMPILER_LAUNCHER=distcc \
	    -DCMAKE_CXX_COMPILER_LAUNCHER=distcc
	node_mark
	client "$proto" cmake --build b -j 4
	built "$proto"
	[ "$(b/say)" = "hello there 178" ]
}
@test "CMake, CMAKE_C_COMPILER_LAUNCHER" {
	"$NODE_TREE/tests/compat/make_project" tree
	cd tree
	cmake -S . -B b -DCMAKE_BUILD_TYPE=Release
	cmake --build b -j 4
	keep
	each_proto remote_cmake_launcher 1 2 3
}

remote_cmake_masquerade() {
	rm -rf b
	PATH=$PWD/../masquerade:$PATH client "$proto" \
	    cmake -S . -B b -G Ninja -DBUILD_SHARED_LIBS=OFF
	node_mark
	PATH=$PWD/../masquerade:$PATH client "$proto" cmake --build b -j 4
	built "$proto"
}
@test "CMake and ninja, masquerade: tinyxml2" {
	source_of tinyxml2
	masquerade masquerade
	cd tree
	cmake -S . -B b -G Ninja -DBUILD_SHARED_LIBS=OFF
	cmake --build b -j 4
	keep
	each_proto remote_cmake_masquerade 2 3
}

remote_meson() {
	rm -rf b
	CC="distcc gcc" CXX="distcc g++" client "$proto" \
	    meson setup b -Dbuildtype=release
	node_mark
	client "$proto" ninja -C b -j 4
	built "$proto"
	[ "$(b/say)" = "hello there 178" ]
}
@test "meson, CC=\"distcc gcc\"" {
	"$NODE_TREE/tests/compat/make_project" tree
	cd tree
	CC=gcc CXX=g++ meson setup b -Dbuildtype=release
	ninja -C b
	keep
	each_proto remote_meson 1 2 3
}

remote_autotools() {
	client "$proto" ./configure -q --disable-nls CC="distcc gcc"
	node_mark
	client "$proto" make -s -j4
	built "$proto"
	make -s distclean
}
@test "autotools, ./configure CC=\"distcc gcc\": popt" {
	source_of popt
	cd tree
	./configure -q --disable-nls
	make -s -j4
	keep
	make -s distclean
	each_proto remote_autotools 1 3
}

# There is no abuild here.  What it does with these files is this: source
# abuild.conf, source the APKBUILD, change to $builddir and call build().
abuild_build() {
	sh -ec '. "$1"; . "$2"; cd "$builddir"; build' abuild "$1" "$2"
}
@test "an aports build: abuild.conf, APKBUILD" {
	for package in lzip libtommath; do
		cp -a "$("$NODE_TREE/tests/compat/debian_source" $package)" \
		    $package
	done
	cat >local.conf <<-'END'
	export CFLAGS="-Os -fstack-clash-protection -Wformat -Werror=format-security"
	export CXXFLAGS="$CFLAGS -D_GLIBCXX_ASSERTIONS=1"
	export CPPFLAGS="$CFLAGS"
	export LDFLAGS="-Wl,--as-needed,-O1,--sort-common"
	export JOBS=4
	export MAKEFLAGS=-j$JOBS
	END
	{
		cat local.conf
		echo 'export CC="distcc gcc"'
		echo 'export CXX="distcc g++"'
	} >abuild.conf
	cat >lzip.APKBUILD <<-'END'
	pkgname=lzip
	builddir="$PWD/lzip"
	build() {
		./configure --prefix=/usr CXX="$CXX" CXXFLAGS="$CXXFLAGS" \
			LDFLAGS="$LDFLAGS"
		make
	}
	END
	cat >libtommath.APKBUILD <<-'END'
	pkgname=libtommath
	builddir="$PWD/libtommath"
	build() {
		make V=0 CC="$CC" libtommath.a
	}
	END
	for package in lzip libtommath; do
		CC=gcc CXX=g++ abuild_build ./local.conf ./$package.APKBUILD
		(
			cd $package
			keep
			rm -f lzip ./*.a
		)
		node_mark
		client 2 sh -ec '. "$1"; . "$2"; cd "$builddir"; build' \
		    abuild ./abuild.conf ./$package.APKBUILD
		(
			cd $package
			built 2
		)
		rm -rf kept
	done
}

# cache COUNTER...: the sum of those of ccache's.
cache() {
	ccache --print-stats | awk -v want=" $* " \
	    'index(want, " " $1 " ") { n += $2 } END { print n + 0 }'
}
remote_ccache() {
	rm -rf b
	CCACHE_DIR=$BATS_TEST_TMPDIR/ccache-$proto
	export CCACHE_DIR CCACHE_PREFIX=distcc
	cmake -S . -B b -DCMAKE_C_COMPILER_LAUNCHER=ccache \
	    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
	node_mark
	client "$proto" cmake --build b -j 4
	built "$proto"
	[ "$(cache cache_miss)" = 11 ]
	cmake --build b --target clean
	node_mark
	client "$proto" cmake --build b -j 4
	sleep 0.5
	[ "$(node_jobs | wc -l)" = "$NODE_MARK" ]
	[ "$(cache direct_cache_hit preprocessed_cache_hit)" = 11 ]
	objects | while read -r o; do
		cmp "$o" "../kept/$o" || exit 1
	done
	unset CCACHE_PREFIX
}
@test "ccache in front, CCACHE_PREFIX=distcc: the second time no job" {
	"$NODE_TREE/tests/compat/make_project" tree
	cd tree
	cmake -S . -B b
	cmake --build b -j 4
	keep
	each_proto remote_ccache 1 2 3
}

# Processes of the node that are compilers proper, and the memory of all of
# its processes in KiB, shared pages once (for the report).  The former by one
# look: they do not live long.
watch_node() {
	most=0
	peak=0
	while [ ! -e stop ]; do
		all=$(node_processes)
		# shellcheck disable=SC2086 # pids
		now=$(ps -o comm= -p "$(echo $all | tr ' ' ,)" |
		    grep -cE '^(cc1|clang)') || :
		[ "$now" -le "$most" ] || most=$now
		sum=$(for p in $all; do
			cat "/proc/$p/smaps_rollup" 2>/dev/null
		done | awk '$1 == "Pss:" { s += $2 } END { print s + 0 }')
		[ "$sum" -le "$peak" ] || peak=$sum
	done
	echo "$most $peak"
}

# fifty PROTO: fifty clients who know nothing of each other, gcc and clang.
fifty() {
	rm -f stop out.*
	node_mark
	watch_node >watched 3>&- &
	watcher=$!
	pids=
	for n in $(seq 50); do
		cc=gcc
		[ $((n % 2)) = 0 ] || cc=clang
		client "$1" distcc $cc -O1 -c many.c -o "out.$n.o" \
		    >"out.$n" 2>&1 3>&- &
		pids="$pids $!"
	done
	bad=0
	for p in $pids; do
		wait "$p" || bad=$((bad + 1))
	done
	touch stop
	wait $watcher
	cat out.? out.??
	[ $bad = 0 ]
	node_since 50 >jobs.txt
	[ "$(grep -c "^COMPILE_OK	$1	" jobs.txt)" = 50 ]
	for n in $(seq 50); do
		cc=gcc
		[ $((n % 2)) = 0 ] || cc=clang
		cmp "out.$n.o" "local.$cc.o"
	done
	read -r most peak <watched
	echo "# protocol $1: at most $most compilers at a time, node at most $((peak / 1024)) MiB" >&3
	# --jobs 4; a client that goes waits, it does not take a fifth.
	[ "$most" -le 4 ]
	# Four compilers of some 40 MiB, and what a node needs without jobs.
	[ "$peak" -lt $((400 * 1024)) ]
}
@test "fifty clients at once, plain and lzo, gcc and clang" {
	for n in $(seq 40); do
		echo "int f$n(int *a, int x) { for (int i = 0; i < x; i++)" \
		    "a[i] = a[i] * $n + x / (i + 1); return a[x]; }"
	done >many.c
	for cc in gcc clang; do
		$cc -O1 -c many.c -o local.$cc.o
	done
	for proto in 1 2; do
		# On a busy machine all may be over between two looks.
		for _ in 1 2 3; do
			fifty $proto
			[ "$most" = 0 ] || break
		done
		[ "$most" -ge 1 ]
	done
}
