/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock of all roles: deadlines and times of the record. */
#ifndef IMMURE_CLOCK_H
#define IMMURE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds of CLOCK_MONOTONIC; cannot fail (clock_gettime(2)). */
static inline uint64_t
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000U + (uint64_t)ts.tv_nsec / 1000U;
}

#endif
