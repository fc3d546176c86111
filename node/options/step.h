/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of one option, told as the decision is made: for people who ask
 * (immure explain).  The broker does not ask.
 */
#ifndef IMMURE_OPTIONS_STEP_H
#define IMMURE_OPTIONS_STEP_H

#include <stdbool.h>

enum options_action {
	OPTIONS_KEPT,
	OPTIONS_PASSED, /* kept: in no table, and holds no path */
	OPTIONS_LEFT_OUT,
	OPTIONS_REPLACED, /* by other words, here or at the line's end */
	OPTIONS_SOURCE,   /* the input */
	OPTIONS_REFUSED
};

struct options_step { /* everything is borrowed, for the call */
	const char *const *words; /* as sent */
	unsigned nwords;
	const char *name;  /* as the table knows it: the short form of a long
			      one; the word itself where there is none */
	const char *value; /* the option's; NULL: none, or part of the name */
	bool separate;     /* name and value are two words to the table */
	enum options_action action;
	const char *reason; /* OPTIONS_REFUSED: the stable word; else NULL */
	const char *text;   /* refused: for people; else why, or "" */
	const char *const *runs; /* words put into the command line */
	unsigned nruns;
};

/* "kept", "left out", …: a constant. */
const char *options_action_word(enum options_action action);

#endif
