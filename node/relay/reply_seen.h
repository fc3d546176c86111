/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a reply (wire-protocol §1.4) has gone by, pure: no system call,
 * no allocation, nothing is kept but the token at hand.  The relay passes the
 * bytes on whatever they are; this only tells its exit status.
 */
#ifndef IMMURE_REPLY_SEEN_H
#define IMMURE_REPLY_SEEN_H

#include <stddef.h>
#include <stdint.h>

enum reply_seen_state {
	REPLY_NONE = 0, /* no byte yet */
	REPLY_PART,     /* some of it */
	REPLY_WHOLE,    /* to its last byte; what follows is not looked at */
	REPLY_BROKEN    /* not a reply */
};

struct reply_seen {
	uint32_t state;  /* enum reply_seen_state */
	uint32_t expect; /* index of the token that comes next */
	uint32_t version, status;
	uint64_t body_left;
	uint32_t have; /* bytes of the token at hand */
	uint8_t token[12];
};

/* All zero is the start: struct reply_seen s = { 0 }. */
void reply_seen_add(struct reply_seen *s, const uint8_t *p, size_t n);

#endif
