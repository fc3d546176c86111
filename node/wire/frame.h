/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Incremental framing of a distcc request (wire-protocol §1.1-1.3), pure: no
 * system call, no allocation.  The front feeds bytes as they come; framing
 * says which of them belong to the heads (every token header and every string,
 * bulk bodies left out) and which to the bodies (bulk bodies, one after the
 * other), and refuses what the grammar or a limit forbids before a byte of it
 * is stored.
 */
#ifndef IMMURE_WIRE_FRAME_H
#define IMMURE_WIRE_FRAME_H

#include "../common/limit_rows.h"
#include <stddef.h>
#include <stdint.h>

enum frame_state { /* for the deadline that applies */
	FRAME_FIRST_BYTE, /* nothing has come yet */
	FRAME_TOKEN,      /* inside the request */
	FRAME_WAIT_SOURCE,/* after the last ARGV, no byte of DOTI yet (v1, v2) */
	FRAME_COMPLETE,   /* the last byte is in */
	FRAME_FAILED
};

enum frame_error {
	FRAME_OK = 0,
	FRAME_E_TOKEN,   /* not the token that must come, or bad hex */
	FRAME_E_VERSION, /* DIST 0 or > 3 */
	FRAME_E_ARGC,    /* ARGC 0 */
	FRAME_E_WORDS,   /* ARGC over limits.words */
	FRAME_E_STRING,  /* a string that is empty where it must not be, or has
			    a NUL in it */
	FRAME_E_LONG,    /* … over limits.word / limits.path */
	FRAME_E_FILES,   /* NFIL over limits.files */
	FRAME_E_HEADS,   /* over limits.heads / limits.command */
	FRAME_E_BODIES,  /* over limits.bodies */
	FRAME_E_COUNT
};

struct frame { /* opaque to its users but for being a value; frame.c */
	struct limits limits; /* in force when it began */
	uint32_t state;  /* enum frame_state */
	uint32_t error;  /* enum frame_error */
	uint32_t expect; /* frame.c: what token comes next */
	uint32_t proto;
	uint32_t argc_left;
	uint32_t files_left;
	uint32_t tok_have; /* bytes of the token header at hand */
	uint32_t in_body;  /* left counts bytes of a body, not of a string */
	uint8_t tok[12];
	uint64_t left;   /* bytes of the string or body still to come */
	uint64_t heads;  /* bytes of heads so far */
	uint64_t argv_bytes;
	uint64_t bodies; /* bytes of bodies announced so far */
	uint64_t at;     /* where the last token began */
};

/* What frame_next() has found at the front of the input. */
struct frame_piece {
	size_t len;       /* bytes of the input it covers; 0 = more is needed */
	int is_body;      /* 0: append them to the heads, 1: to the bodies */
	uint64_t reserve; /* > 0: reserve so many bytes of budget before the
			     next call: a body of that length was announced */
};

/* @limits hold for the whole of it, whatever becomes of them meanwhile. */
void frame_init(struct frame *f, const struct limits *limits);

/*
 * Look at @n bytes at @p.  FRAME_OK: *piece tells what to do with the first
 * piece->len of them; call again with the rest until len is 0 or the state is
 * FRAME_COMPLETE.  Bytes behind a complete request are left alone: stock
 * distccd logs them and goes on (§1.5).  Anything else: the request is refused,
 * f->state is FRAME_FAILED, and so will every further call be.
 */
enum frame_error frame_next(struct frame *f, const uint8_t *p, size_t n,
    struct frame_piece *piece);

enum frame_state frame_state(const struct frame *f);

/* How many bytes of the request have been taken, and were good. */
uint64_t frame_at(const struct frame *f);

/* The token that must come in place @expect (f->expect), for people. */
const char *frame_expects(uint32_t expect);

/* What is wrong, for people; never NULL. */
const char *frame_error_text(uint32_t error);

#endif
