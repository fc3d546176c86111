/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node's reply (wire-protocol §1.4) as a client reads it.  The bytes are
 * foreign: whoever listens on that port sent them.  Pure.
 */
#ifndef IMMURE_JOB_REPLY_H
#define IMMURE_JOB_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* A part over this is refused when it is announced: no answer to a question
 * of ours is so long (limit of the text of toolchains: 256 KiB). */
#define JOB_REPLY_PART_MAX (1024U * 1024U)

enum job_reply_state {
	JOB_REPLY_MORE,	    /* good so far */
	JOB_REPLY_WHOLE,    /* *r is filled */
	JOB_REPLY_STRANGER, /* not distcc at all: the first token is not DONE */
	JOB_REPLY_VERSION,  /* r->proto is another than was asked for */
	JOB_REPLY_BAD,	    /* a later token is not the one that must come */
	JOB_REPLY_BIG,	    /* a part over JOB_REPLY_PART_MAX */
};

struct job_reply_part {
	const uint8_t *at; /* borrowed from the buffer */
	size_t len;	   /* wire form */
};

struct job_reply {
	uint32_t proto;
	uint32_t status; /* wait status, as sent */
	struct job_reply_part serr, sout, object, deps;
};

/* Look at the @len bytes that have come for a request of protocol @proto. */
enum job_reply_state job_reply_read(
    struct job_reply *r, const uint8_t *buf, size_t len, unsigned proto);

/*
 * @part as it was before it was packed for the wire: *len bytes and a NUL
 * behind them, owned by the caller.  NULL: not LZO, over @max bytes unpacked,
 * or no memory (errno tells: EBADMSG, EMSGSIZE, ENOMEM).
 */
uint8_t *job_reply_unpack(const struct job_reply_part *part, unsigned proto,
    size_t max, size_t *len);

/* What else answers so: "an HTTP server", …, or "something else". */
const char *job_reply_stranger(const uint8_t *buf, size_t len);

#endif
