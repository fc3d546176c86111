/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shorthand for the files of the table; included by those only. */
#ifndef IMMURE_OPTIONS_ROWS_H
#define IMMURE_OPTIONS_ROWS_H

#include "option_row.h"

#define GCC FAMILY_GCC
#define CLANG FAMILY_CLANG
#define BOTH (FAMILY_GCC | FAMILY_CLANG)

#define ROW(name, match, fam, plain, pump, reason, why) \
	{ name, MATCH_##match, fam, ACT_##plain, ACT_##pump, \
	  REASON_##reason, why }

/* refused */
#define R(name, match, fam, reason, why) \
	ROW(name, match, fam, REFUSE, REFUSE, reason, why)
/* kept as it is */
#define K(name, match, fam, why) \
	ROW(name, match, fam, KEEP, KEEP, NONE, why)
/* for the preprocessor, which has run already in a plain job */
#define P(name, match, fam) \
	ROW(name, match, fam, STRIP, KEEP, NONE, "the preprocessor's")
/* stripped with a note */
#define N(name, match, fam, why) \
	ROW(name, match, fam, STRIP_NOTE, STRIP_NOTE, NONE, why)
/* kept with a note */
#define L(name, match, fam, why) \
	ROW(name, match, fam, KEEP_NOTE, KEEP_NOTE, NONE, why)
/* decided by a function */
#define X(name, match, fam, act, reason, why) \
	ROW(name, match, fam, act, act, reason, why)

#endif
