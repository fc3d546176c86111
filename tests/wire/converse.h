/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection: a request out, well-behaved or not, and the reply in. */
#ifndef IMMURE_TESTS_CONVERSE_H
#define IMMURE_TESTS_CONVERSE_H

#include "compose.h"

struct manners {
	long truncate;	/* send no more than so many bytes; -1: all */
	long byte_ms;	/* pause after each byte */
	long token_ms;	/* pause after each token */
	long linger_ms; /* wait before the close that ends a truncated one */
	int half_close; /* SHUT_WR after the last byte */
	int hang_up;	/* close after the last byte, read no reply */
	int timeout_s;	/* for the whole reply */
};

enum reply_part { REPLY_SERR, REPLY_SOUT, REPLY_DOTO, REPLY_DOTD, REPLY_PARTS };

struct reply {
	uint32_t proto, status;
	struct bytes part[REPLY_PARTS]; /* as on the wire */
	int has_deps;
};

enum outcome {
	REPLY_WHOLE,
	REPLY_CLOSED, /* end of file or reset before the whole reply */
	REPLY_TIMEOUT,
	REPLY_GARBLED, /* not the tokens that must come */
	REPLY_NONE     /* not asked for: hang_up */
};

/* Connected socket, or it dies. */
int connect_to(const char *host, const char *port);

/* *seconds: from the last byte sent to the last byte of the reply.  Closes
 * @fd; *got: bytes of the reply that came.  reply_done() later. */
enum outcome converse(int fd, const struct message *m,
    const struct manners *how, struct reply *r, size_t *got, double *seconds);
void reply_done(struct reply *r);

#endif
