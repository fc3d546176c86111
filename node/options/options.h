/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decide on a command line: what a cell shall run for it, or why not.  A lint
 * (the jail is the boundary), but a strict one.  Pure: no system call but
 * malloc.
 */
#ifndef IMMURE_OPTIONS_H
#define IMMURE_OPTIONS_H

#include "../toolchain/table.h"
#include "step.h"
#include <stddef.h>

struct options_request {
	unsigned proto;           /* 1, 2: plain; 3: pump */
	unsigned argc;
	const char *const *argv;  /* as sent, argv[0] included */
	enum toolchain_family family;
	const char *argv0;        /* what to call the program */
	const char *extra;        /* one option to put first, or "" */
	const struct toolchain_specs *specs; /* files that -specs= may name */
	size_t nspecs;
	/* NULL, or told of each option in its turn; then the walk goes on
	 * behind one that is refused, whose verdict stands. */
	void (*step)(void *ctx, const struct options_step *step);
	void *step_ctx;
};

struct options_decision {
	/* Verdict: reason is NULL when the job may run.  Else the stable word
	 * ("option.plugin", "option.input", …), a constant, and text says
	 * which word of the command line, why, and what to do. */
	const char *reason;
	char text[512];

	/* When it may run: */
	const char **argv; /* owned; NULL-terminated; starts with argv0.
		Plain: the input is the word `input`, -o CELL_OBJECT.
		Pump: the input stays as sent; -o CELL_OBJECT and, if deps are
		wanted, -MF CELL_DEPS and a target (-MQ) are added. */
	unsigned argc;
	const char *source; /* the positional input as sent */
	const char *language; /* its language, as -x calls it: a constant */
	const char *phase;    /* "-c", "-S": a constant */
	char input[256];    /* plain: file name to unpack the source as, in
			       CELL_WORK ("hello.i"); pump: "" */
	int want_deps;      /* pump: -MD or -MMD was among the options */
	char notes[2048];   /* lines for the client's stderr about what was
			       neutralised; "" = none */

	char *arena; /* owned: words that were made here */
};

/* 0: *d is filled (options_done later), whatever the verdict; -ENOMEM. */
int options_decide(struct options_decision *d,
    const struct options_request *req);

void options_done(struct options_decision *d);

/* Every reason word there is, NULL-terminated, for man page and tests. */
extern const char *const options_reasons[];

#endif
