/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found out, for people. */
#include "probe.h"

#include <node/auditor/escape.h>
#include <string.h>

static const char *const level_words[] = { [NOTE_STOPS] = "stops",
	[NOTE_WARNS] = "warning", [NOTE_TELLS] = "note" };

static void
print_notes(const struct notes *n)
{
	for (unsigned i = 0; i < n->n; i++)
		(void)printf("  %-10s %s\n", level_words[n->at[i].level],
		    n->at[i].text);
}

static double
ms(uint64_t us)
{
	return (double)us / 1000.0;
}

void
print_client(const struct probe *p, const struct host_list *l)
{
	(void)printf("client\n  %-10s %zu of %s\n", "hosts", l->n,
	    l->source[0] != '\0' ? l->source : "no list");
	print_notes(&p->notes);
}

static void
print_addresses(const struct host_result *r)
{
	for (unsigned i = 0; i < r->naddresses; i++) {
		const struct address_result *a = &r->addresses[i];

		if (a->why[0] != '\0')
			(void)printf("  %-10s %s: %s\n", "address", a->text,
			    a->why);
		else
			(void)printf("  %-10s %s, connected in %.1f ms\n",
			    "address", a->text, ms(a->us));
	}
}

static void
print_mode(const struct host_result *r, enum probe_mode m)
{
	const struct try_result *t = &r->modes[m].first;
	const struct try_result *again = &r->modes[m].second;
	char machine[24];

	if (t->state == TRY_NOT)
		return;
	(void)printf("  %-10s ", mode_names[m]);
	if (t->state == TRY_FAILED) {
		(void)printf("%s: %s\n", r->modes[m].compiler, t->why);
		return;
	}
	(void)printf("ok: %s, %s object, first job %.0f ms",
	    r->modes[m].compiler, object_machine(&t->object, machine),
	    ms(t->us));
	if (again->state == TRY_OK)
		(void)printf(", second %.0f ms", ms(again->us));
	else if (again->state == TRY_FAILED)
		(void)printf("; second: %s", again->why);
	(void)putchar('\n');
}

static const char *
comment(const struct object_facts *o)
{
	return o->comment[0] != '\0' ? o->comment : "it does not say";
}

static void
print_compiler(const struct compiler_result *c)
{
	const struct compiler *here = c->compiler;
	const struct object_facts *there = &c->result.object;
	char machine[24], own[24];

	(void)printf("  %-10s %s: ", "compiler", here->name);
	if (c->result.state == TRY_FAILED)
		(void)printf("%s\n", c->result.why);
	else if (!here->here)
		(void)printf("%s, %s (none here)\n", comment(there),
		    object_machine(there, machine));
	else if (!object_same_machine(&here->object, there))
		(void)printf("another machine: %s there, %s here\n",
		    object_machine(there, machine),
		    object_machine(&here->object, own));
	else if (strcmp(here->object.comment, there->comment) == 0)
		(void)printf("same version: %s, %s\n", comment(there),
		    object_machine(there, machine));
	else
		(void)printf("another version (there: %s, here: %s): objects "
			     "may differ\n", comment(there),
		    comment(&here->object));
}

void
print_host(const struct host_result *r)
{
	char shown[ESCAPE_ROOM(HOST_NAME_MAX_BYTES)];

	(void)escape(shown, sizeof(shown), r->word, strlen(r->word),
	    ESCAPE_TEXT);
	(void)printf("\n%s\n", shown);
	print_notes(&r->notes);
	print_addresses(r);
	if (r->daemon[0] != '\0')
		(void)printf("  %-10s %s\n", "daemon", r->daemon);
	for (enum probe_mode m = 0; m < MODE_COUNT; m++)
		print_mode(r, m);
	for (unsigned i = 0; i < r->ncompilers; i++)
		print_compiler(&r->compilers[i]);
	(void)printf("  %s: %s\n", r->usable ? "ok" : "not usable",
	    r->verdict);
}
