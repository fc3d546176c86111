/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which compiler of the table a job gets, or why none.  A client's word only
 * selects: it is compared, never opened (security-rules 5, 12).  Pure.
 */
#ifndef IMMURE_CHOOSE_H
#define IMMURE_CHOOSE_H

#include "alias.h"
#include "table.h"

enum choice {
	CHOICE_READY = 0,
	CHOICE_UNKNOWN,  /* toolchain.unknown: no compiler of that name */
	CHOICE_REFUSED,  /* toolchain.refused: found, but not usable */
	CHOICE_UNLISTED, /* toolchain.not-listed: not in the list of names */
	CHOICE_TARGET,   /* toolchain.target: none here compiles for that */
	CHOICE_PATH,     /* toolchain.path: another directory's */
	CHOICE_COUNT
};

/* "toolchain.unknown", …; NULL for CHOICE_READY. */
const char *choice_word(enum choice c);

struct chosen {
	const struct toolchain_name *name; /* NULL: there is none */
	const struct alias *alias;         /* that led there, or NULL */
	char target[64]; /* CHOICE_TARGET: what was asked for */
};

/*
 * What argv[0] @word of client @p selects; *ret is always filled.
 *
 * A path counts by its last component when its directory is /usr/bin, /bin or
 * that compiler's own on this node, or the table says that any will do.  A
 * name with a triple is only ever served by a compiler for that triple; an
 * alias may lead to one whose target is alike (target.h).
 */
enum choice choose(const struct table *t, const struct aliases *a,
    const struct peer *p, const char *word, struct chosen *ret);

/* Does alias @a lead to a compiler of @t that may stand for its name?  As
 * choose(), with the name of the alias for the word. */
enum choice choose_alias(const struct table *t, const struct alias *a,
    struct chosen *ret);

/* What the compiler of @c, which is there, compiles for when no option says. */
void chosen_target(const struct table *t, const struct chosen *c,
    char ret[64]);

#endif
