/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request as a client sends it (wire-protocol §1.2, §1.3).  Pure. */
#ifndef IMMURE_JOB_ASK_H
#define IMMURE_JOB_ASK_H

#include <stddef.h>
#include <stdint.h>

struct job_ask {
	unsigned proto; /* 1, 2, 3 */
	const char *const *argv;
	unsigned argc;
	const char *cdir; /* protocol 3: where the client works */
	const char *file; /* protocol 3: the source's absolute path */
	const char *source; /* preprocessed in protocols 1 and 2 */
};

/* The bytes to send, *len of them; the caller frees.  NULL: no memory. */
uint8_t *job_ask_compose(const struct job_ask *a, size_t *len);

#endif
