/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of a selftest's processes are marked: what they tell was done on
 * purpose, and is to alarm nobody.  Pure. */
#ifndef IMMURE_SELFTEST_MARK_H
#define IMMURE_SELFTEST_MARK_H

#include "imsg.h"
#include <string.h>

/* @e->text ends within its field, before and after. */
static inline void
selftest_mark(struct imsg_audit_event *e)
{
	static const char mark[] = "selftest: ";
	const size_t n = sizeof(mark) - 1;

	if (strncmp(e->text, mark, n) == 0)
		return;
	memmove(e->text + n, e->text, sizeof(e->text) - n - 1);
	memcpy(e->text, mark, n);
	e->text[sizeof(e->text) - 1] = '\0';
}

#endif
