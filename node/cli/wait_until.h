/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for a descriptor until a point in time, whatever the peer does. */
#ifndef IMMURE_WAIT_UNTIL_H
#define IMMURE_WAIT_UNTIL_H

#include <errno.h>
#include <node/common/clock.h>
#include <poll.h>
#include <stdint.h>

/* Wait for @events of @fd: the events that are there, -ETIMEDOUT, -errno. */
static inline int
wait_until(int fd, short events, uint64_t deadline_us)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now;
	int r;

	do {
		now = now_us();
		if (now >= deadline_us)
			return -ETIMEDOUT;
		/* Rounded up: a wait of 0 ms would spin. */
		r = poll(&p, 1, (int)((deadline_us - now + 999) / 1000));
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? -errno : p.revents;
}

#endif
