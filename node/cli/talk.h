/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request, one reply, one deadline for both. */
#ifndef IMMURE_TALK_H
#define IMMURE_TALK_H

#include "job_reply.h"

#include <stddef.h>
#include <stdint.h>

enum talk_end {
	TALK_REPLY,    /* t->reply is filled */
	TALK_SILENT,   /* not one byte until the deadline */
	TALK_SLOW,     /* a part of a reply until the deadline */
	TALK_CLOSED,   /* closed without a byte: what distccd does to refuse */
	TALK_CUT,      /* closed in the middle of a reply */
	TALK_STRANGER, /* it does not speak distcc */
	TALK_VERSION,  /* it answers in another protocol than it was asked */
	TALK_BAD,      /* it begins like a reply and is none */
	TALK_BIG,      /* more than any reply to us can be */
	TALK_BROKEN,   /* t->error: this machine's fault */
};

struct talk {
	enum talk_end end;
	int error;
	uint64_t us;	        /* from the first byte sent to the last one had */
	struct job_reply reply; /* parts in buf */
	uint8_t *buf;	        /* owned */
	size_t len;
};

/* Send @len bytes of a request of protocol @proto to @fd (not blocking), take
 * the reply.  talk_done() later, whatever came of it. */
void talk(struct talk *t, int fd, const uint8_t *request, size_t len,
    unsigned proto, uint64_t deadline_us);
void talk_done(struct talk *t);

/* For people, and free of foreign bytes: how it ended; TALK_REPLY too. */
void talk_text(const struct talk *t, unsigned proto, char *out, size_t room);

#endif
