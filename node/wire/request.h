/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole request as the broker sees it: the heads (token headers and strings
 * of the wire, in wire order, without bulk bodies), parsed without trust in
 * the front that framed them.  Pure; allocates one array of files and one of
 * arguments, and for as long as it parses one of names, nothing else.
 */
#ifndef IMMURE_WIRE_REQUEST_H
#define IMMURE_WIRE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

enum request_error {
	REQUEST_OK = 0,
	REQUEST_E_FORM,  /* not what frame.h lets through: the front lies */
	REQUEST_E_CDIR,  /* CDIR not absolute, with empty . .. components or
			    control characters, or a received LINK or FILE, or
			    below one */
	REQUEST_E_NAME,  /* a NAME that is no such path once "//" is "/", or has
			    a component over 255 bytes */
	REQUEST_E_LINK,  /* a LINK target neither absolute nor "use mine", or
			    with control characters */
	REQUEST_E_TWICE, /* the same NAME twice, or below a received LINK or
			    FILE */
	REQUEST_E_COUNT
};

enum file_kind {
	FILE_BODY,   /* FILE: a body at body_off, body_len long (0 = empty) */
	FILE_LINK,   /* LINK to an absolute path on the client */
	FILE_SYSTEM, /* LINK that means: use your own directory of that name */
	FILE_FORCE,  /* …/forcing_technique_271828: its directory must exist */
};

struct request_file {
	const char *name; /* NUL-terminated, in the caller's heads buffer */
	const char *target; /* FILE_LINK only */
	uint64_t body_off;
	uint64_t body_len;
	enum file_kind kind;
};

struct request {
	unsigned proto;
	const char *cdir; /* NULL unless proto 3 */
	unsigned argc;
	const char **argv; /* owned; NULL-terminated; strings in heads */
	size_t nfiles;
	struct request_file *files; /* owned; proto 3 only */
	uint64_t source_len;        /* proto 1, 2: DOTI's wire length */
	uint64_t bodies_len;        /* all bodies */
};

/*
 * Parse @len bytes of heads at @heads.  The buffer is changed (strings are
 * NUL-terminated in place, over the token header that follows; it must have
 * one byte of room at heads[len]) and must outlive *r.  Announced bodies must
 * add up to @bodies_len exactly.  0 = REQUEST_OK: request_done(r) later;
 * > 0: enum request_error, *r is empty; -ENOMEM.
 */
int request_parse(struct request *r, uint8_t *heads, size_t len,
    uint64_t bodies_len);

void request_done(struct request *r);

/* The stable word for @e ("request.name", …), never NULL. */
const char *request_error_word(enum request_error e);

#endif
