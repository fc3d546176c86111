/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the monitor alone (roles have an empty environment): its clock
 * runs faster, so that a role that is ended many hundred times in a minute is
 * not waited for longer each time.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FASTER 8

__attribute__((visibility("default"))) int
clock_gettime(clockid_t clock, struct timespec *t)
{
	long long ns;
	int r = (int)syscall(SYS_clock_gettime, clock, t);

	if (r == 0 && clock == CLOCK_MONOTONIC) {
		ns = (t->tv_sec * 1000000000LL + t->tv_nsec) * FASTER;
		t->tv_sec = ns / 1000000000LL;
		t->tv_nsec = ns % 1000000000LL;
	}
	return r;
}
