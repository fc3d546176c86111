/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that send again and again what was refused: the answer comes later
 * each time.  What counts is the same request, of a client and of its site
 * (peer.h), since a build whose every file is refused (an option in CFLAGS)
 * must not be slowed by us.  Lest a comment in the source make it another one,
 * refusals of the same command line, as configure's conftest.c has them, come
 * no faster than so many a second after a good many, and neither do those of a
 * client at all.  Pure.
 */
#ifndef IMMURE_BROKER_REPEAT_H
#define IMMURE_BROKER_REPEAT_H

#include "../common/peer.h"
#include <stdint.h>

#define REPEAT_KEPT 1024U /* the last of all clients */
#define REPEAT_DIGEST 16U
/* A build that is started a few times over is not a loop; of a site's clients
 * several may do so. */
#define REPEAT_FREE 4U
#define REPEAT_SITE_FREE 16U
#define REPEAT_FIRST_MS 500U
#define REPEAT_MAX_MS 8000U
#define REPEAT_FORGET_US (60U * 1000U * 1000U)
/* After so many at once, one each so many microseconds. */
#define REPEAT_COMMAND_FREE 64U
#define REPEAT_COMMAND_US (50U * 1000U)
#define REPEAT_CLIENT_FREE 1024U
#define REPEAT_CLIENT_US (10U * 1000U)

enum repeat_kind { /* what an entry counts */
	REPEAT_REQUEST,
	REPEAT_SITE,    /* the same request of all clients of a site */
	REPEAT_COMMAND, /* the same command line */
	REPEAT_CLIENT,  /* whatever */
};

struct repeat {
	struct peer peer;
	enum repeat_kind kind;
	uint8_t digest[REPEAT_DIGEST];
	unsigned count; /* 0 = free */
	uint64_t last_us;
	uint64_t due_us; /* REPEAT_COMMAND, _CLIENT: when the next one is */
};

struct repeats { /* all zero to begin with */
	struct repeat v[REPEAT_KEPT];
};

/* One more of that request, at @now_us: how long to keep the answer back, in
 * ms. */
uint32_t repeat_delay_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us);

/* One more of that command line: how long for that, by the same clock. */
uint32_t repeat_command_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us);

#endif
