/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of what times; see coprocess.h. */
#include "coprocess.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void
bench_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
answer(const struct timing *t)
{
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %d\n", t->wall, t->cpu,
	    t->mark, t->status);
}

void
coprocess(void (*once)(struct timing *))
{
	char line[32];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		for (long n = strtol(line, NULL, 10); n > 0; n--) {
			struct timing t = { 0, 0, 0, 0 };

			once(&t);
			answer(&t);
		}
		(void)fflush(stdout);
	}
}
