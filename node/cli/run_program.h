/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of this machine, run for its output, within a time. */
#ifndef IMMURE_RUN_PROGRAM_H
#define IMMURE_RUN_PROGRAM_H

#include <stddef.h>

enum run_stderr { RUN_STDERR_OURS, RUN_STDERR_NONE, RUN_STDERR_TOO };

struct run {
	const char *const *argv; /* argv[0] is looked for in PATH */
	enum run_stderr err;	 /* RUN_STDERR_TOO: with the output */
	unsigned timeout_ms;
	size_t max; /* bytes of output; more ends it */
};

struct ran {
	int status; /* wait status */
	size_t len;
	char *out; /* owned; NUL-terminated */
};

/*
 * Run it, stdin empty, in a process group of its own, until it and all who
 * have its stdout end.  0 and *ret; -ETIMEDOUT, -E2BIG, other -errno: the group
 * was killed, and there is nothing to free.  That the program does not exist is
 * exit status 127.
 */
int run_program(const struct run *r, struct ran *ret);

#endif
