/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that walk a command line share; not for others. */
#ifndef IMMURE_OPTIONS_SCAN_H
#define IMMURE_OPTIONS_SCAN_H

#include "language.h"
#include "option_row.h"
#include "options.h"
#include <stdbool.h>

struct scan {
	const struct options_request *req; /* borrowed */
	struct options_decision *d;        /* borrowed; filled as we go */
	size_t arena_len, arena_size;      /* of d->arena */
	size_t argv_size;                  /* of d->argv, in words */
	const struct language *lang;       /* of the last -x; NULL: by suffix */
	const char *target;                /* of -target; NULL: none */
	const char *output;                /* of the last -o; NULL: none */
	enum option_next assembler_next, cc1_next;
	bool phase;      /* -c or -S */
	bool assembly;   /* -S, which wins where both are given */
	bool deps_file;  /* -MF */
	bool deps_target; /* -MT or -MQ */
	bool notes_full;
	bool full; /* of argv or the arena; never, by measure() */
	const char *reason; /* of the option at hand; NULL: not refused */
	char text[512];     /* … and what to say then */
};

/* One option: a row, its value, and the one or two words it was written as. */
struct item {
	const struct option_row *row; /* NULL: in no table */
	const char *value;            /* NULL: none */
	const char *const *words;
	unsigned nwords;
	const char *as; /* short text of a long option; NULL: none */
	bool is_input;
};

/* The act of a row: 0 = go on, 1 = refused and the decision says so. */
typedef int (*option_act)(struct scan *s, const struct item *item);
extern const option_act option_acts[ACT_COUNT];

static inline bool
scan_pump(const struct scan *s)
{
	return s->req->proto == 3;
}

/* Append to the decided command line, in room made ahead (options.c). */
void scan_emit(struct scan *s, const char *word);
void scan_emit_item(struct scan *s, const struct item *item);

/* @head and @tail as one word in the arena, whose room was made ahead. */
const char *scan_join(struct scan *s, const char *head, const char *tail);

/* Refuse for @word (NULL: the line as a whole), which is or does @why.
 * Returns 1. */
int scan_refuse(struct scan *s, enum option_reason reason, const char *word,
    const char *why);

/* Tell req->step of @item, whose words begin at d->argv[@first]. */
void scan_tell(const struct scan *s, const struct item *item, unsigned first);

/* A line for the client's stderr, once for each word. */
void scan_note(struct scan *s, const char *word, const char *why);

#endif
