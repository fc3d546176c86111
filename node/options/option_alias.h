/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The long forms: "--include-directory=x", "--machine-arch=native" and the
 * like are turned into the short ones of the table before anything is decided
 * (wire-protocol.md section 4.1), so that no option has a second name here.
 */
#ifndef IMMURE_OPTIONS_ALIAS_H
#define IMMURE_OPTIONS_ALIAS_H

#include <stddef.h>

enum alias_kind {
	ALIAS_NONE,
	ALIAS_TEXT, /* the option is the text head + tail */
	ALIAS_VALUE /* the option is the row called head, with value tail */
};

struct option_alias {
	enum alias_kind kind;
	const char *head; /* constant */
	const char *tail; /* borrowed from the command line; never NULL */
	unsigned words;   /* 1, or 2 when the value is the next word */
	int lacks;        /* a value is wanted and there is no next word */
};

/* What long @word means; @next is the word behind it or NULL. */
void option_alias(struct option_alias *alias, const char *word,
    const char *next, unsigned family);

#endif
