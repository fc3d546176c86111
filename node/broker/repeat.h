/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that send again and again what was refused: the answer comes later
 * each time.  Only the same request counts, since a build whose every file is
 * refused (an option in CFLAGS) must not be slowed by us.  Pure.
 */
#ifndef IMMURE_BROKER_REPEAT_H
#define IMMURE_BROKER_REPEAT_H

#include "../common/peer.h"
#include <stdint.h>

#define REPEAT_KEPT 1024U /* the last of all clients */
#define REPEAT_DIGEST 16U
/* A build that is started a few times over is not a loop. */
#define REPEAT_FREE 4U
#define REPEAT_FIRST_MS 500U
#define REPEAT_MAX_MS 8000U
#define REPEAT_FORGET_US (60U * 1000U * 1000U)

struct repeat {
	struct peer peer;
	uint8_t digest[REPEAT_DIGEST]; /* of the request */
	unsigned count;		       /* 0 = free */
	uint64_t last_us;
};

struct repeats { /* all zero to begin with */
	struct repeat v[REPEAT_KEPT];
};

/* One more refusal, at @now_us: how long to keep the answer back, in ms. */
uint32_t repeat_delay_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us);

#endif
