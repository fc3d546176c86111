/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <string.h>

#define ENDS_WITHIN(field) (memchr((field), '\0', sizeof(field)) != NULL)

bool
record_check(const struct imsg_audit_job *a)
{
	if (a->result >= RESULT_COUNT || a->argv_len > sizeof(a->argv) ||
	    (a->cost.known & ~COST_ALL) != 0)
		return false;
	if (a->argv_len > 0 && a->argv[a->argv_len - 1] != '\0')
		return false;
	return ENDS_WITHIN(a->reason) && ENDS_WITHIN(a->compiler) &&
	       ENDS_WITHIN(a->ran) && ENDS_WITHIN(a->source);
}

bool
event_check(const struct imsg_audit_event *e)
{
	if (e->level > 7 || e->role >= ROLE_COUNT)
		return false;
	return ENDS_WITHIN(e->word) && ENDS_WITHIN(e->text);
}

bool
record_has_peer(const struct peer *p)
{
	static const struct peer none;

	return memcmp(p, &none, sizeof(none)) != 0;
}
