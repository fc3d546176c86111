/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What times one thing at the driver's word: each line on standard input is a
 * number of times to do it, and each time is answered by a line
 *
 *     WALL CPU MARK STATUS
 *
 * nanoseconds: from start to end, of the processor where it is known, and to
 * the mark (what that is says each program); then a wait status, 0 for well.
 */
#ifndef IMMURE_TESTS_BENCH_COPROCESS_H
#define IMMURE_TESTS_BENCH_COPROCESS_H

#include <stdint.h>

struct timing {
	uint64_t wall, cpu, mark;
	int status;
};

uint64_t now_ns(void);
_Noreturn void bench_die(const char *what);
/* Until standard input ends.  @once fills what it knows. */
void coprocess(void (*once)(struct timing *));

#endif
