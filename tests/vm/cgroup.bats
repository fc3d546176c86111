#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Bombs in a guest, where there are controllers (tests/vm/bombs, which also has
# the same by rlimits alone; its lines are explained in tests/vm/bombs-guest).
# Needs root, qemu-system-x86_64 and what tests/vm/build needs; one boot.
# Bounds, not times: an emulator is slow.

setup_file() {
	[ "$(id -u)" = 0 ] || skip "the guest's files must be root's"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export LINES_OF=$BATS_FILE_TMPDIR/lines
	STEPS="memory-bomb fork-bomb burn-all seen reload filter filter-again oom stop"
	export STEPS
	BOMBS=$LINES_OF tests/vm/bombs >"$BATS_FILE_TMPDIR/table" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/table" "$LINES_OF"
		return 1
	}
	sed 's/^/# /' "$BATS_FILE_TMPDIR/table" >&3
}

# line MODE ACT: the numbers of that bomb, as named in bombs-guest
line() {
	read -r word seconds mib processes share right wrong neighbour <<-END
	$(sed -n "s/^bomb $1 $2 //p" "$LINES_OF")
	END
	echo "$1 $2: $word, $seconds s, $mib MiB, $processes processes," \
	    "beside it $share %, $right right, $wrong wrong, $neighbour"
	[ -n "$neighbour" ]
}

of() { # kind of line: the rest of it
	sed -n "s/^$1 //p" "$LINES_OF"
}

unharmed() {
	[ "$neighbour" = 0 ] && [ "$right" -ge 1 ] && [ "$wrong" = 0 ]
}

@test "a memory bomb ends as limit.memory, at that, and alone" {
	line groups memory-bomb
	[ "$word" = limit.memory ]
	unharmed
	# 256 MiB, a compiler of each of the others, and what the kernel took
	[ "$mib" -le 448 ]
	of 'record groups memory-bomb' | grep -q '"group":{'
	peak=$(of 'record groups memory-bomb' |
	    sed -n 's/.*"memory_peak_kib":\([0-9]*\).*/\1/p')
	# the peak is counted in batches for each CPU
	[ "$peak" -ge 245760 ]
	[ "$peak" -le 264192 ]
}

@test "a fork bomb ends as limit.processes, at that, and alone" {
	line groups fork-bomb
	[ "$word" = limit.processes ]
	unharmed
	# 62, and what others start meanwhile
	[ "$processes" -le 120 ]
}

@test "a CPU bomb ends as limit.cpu, and the job beside keeps its share" {
	line groups burn-all
	[ "$word" = limit.cpu ]
	unharmed
	# two CPUs, three slots and this script: 50 of 100, or more; without
	# groups it was one of 18 processes
	[ "$share" -ge 30 ]
	of 'record groups burn-all' | grep -q '"pressure":{"cpu":{"some_us":[1-9]'
}

@test "the kernel counted and said it: memory.events, pids.events" {
	of 'seen memory.events' | grep -qE 'oom_kill [1-9]'
	of 'seen dmesg' | grep -qE 'oom_memcg=.*/cell-'
	of 'seen dmesg' | grep -qE 'memory.oom.group'
	# not one of the first four of a slot, which try just that (check cells)
	of 'seen dmesg' |
	    grep -qE 'fork rejected by pids .*/slot-[0-9]/cell-([5-9]|[1-9][0-9])'
	[ "$(of left)" = 3 ]
}

@test "the roles weigh more than all cells, and an executor more than a cell" {
	read -r roles cells executor _ <<-END
	$(of weight)
	END
	[ "$roles" -ge $((cells * 10)) ]
	[ "$executor" = 1000 ]
}

@test "limit-job-memory of a reload holds for the next job" {
	[ "$(of max)" = 536870912 ]
}

@test "a job that ends for all jobs' memory is told apart: cell.oom" {
	[ "$(of oom)" = 'cell.oom 3' ]
}

filters() { # what, number
	echo "$1: $(of "filter $1"), and not $2?"
	[ "$(of "filter $1")" = "$2" ]
}

@test "packet filter: rules are for the groups of each start" {
	for start in first next; do
		filters $start-diff 0
		filters $start-check 0
	done
	filters first-accepted 0
	filters next-groups 0
}

@test "packet filter: a client compiles, a stranger is not even heard" {
	filters client 0
	filters object 0
	# it had to be ended: coreutils' timeout, or busybox'
	[[ $(of 'filter stranger') =~ ^(124|143)$ ]]
	[ "$(of 'filter strangers')" -ge 1 ]
}

@test "packet filter: nobody of the node's calls out, anew neither" {
	filters taken-open 0
	# EHOSTUNREACH
	filters taken-closed 113
	filters taken-again 113
	[ "$(of filter | grep -c '^user-.* 3$')" = 3 ]
	[ "$(of 'filter said' | grep -c 'No route to host')" = 3 ]
}

@test "nothing is left when the node has ended" {
	[ "$(of stop)" = none ]
}
