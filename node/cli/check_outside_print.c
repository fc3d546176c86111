/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a node and what the kernel confines them to. */
#include "check_outside.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Without the mode, which has a column of its own. */
static int
name_length(const struct check_kind *k)
{
	const char *at = k->look.label;
	char mode[LSM_LABEL_MAX];

	if (k->lsm == LSM_APPARMOR) {
		lsm_label_mode(at, mode);
		if (strlen(at) > strlen(mode) + 3)
			return (int)(strlen(at) - strlen(mode) - 3);
	}
	return (int)strlen(at);
}

static void
print_kind(const struct check_outside *o, const struct check_kind *k)
{
	char mode[32];

	check_kind_mode(o, k, mode, sizeof(mode));
	(void)printf("%-17s %-13s %.*s", k->name, mode, name_length(k),
	    k->look.label);
	if (k->count > 1)
		(void)printf(" (%u)", k->count);
	if (k->look.verdict == LSM_OTHER)
		(void)printf(", not %s", k->look.expected);
	(void)putchar('\n');
}

void
check_outside_print(const struct check_outside *o)
{
	if (o->nkinds == 0)
		return;
	(void)printf("\nthe processes of the node, pid %d\n", (int)o->node);
	for (unsigned i = 0; i < o->nkinds; i++)
		print_kind(o, &o->kinds[i]);
}

json_t *
check_outside_json(const struct check_outside *o)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < o->nkinds; i++) {
		const struct check_kind *k = &o->kinds[i];
		char mode[32];

		check_kind_mode(o, k, mode, sizeof(mode));
		(void)json_array_append_new(all, json_pack(
		    "{ss si ss ss ss sb}", "name", k->name, "count",
		    (int)k->count, "label", k->look.label, "mode", mode,
		    "expected", k->look.expected, "as_expected",
		    k->look.verdict == LSM_IN_FORCE));
	}
	return all;
}
