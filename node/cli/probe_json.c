/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found out, as JSON; the fields are in immure(1). */
#include "probe.h"

#include <jansson.h>
#include <node/auditor/escape.h>
#include <string.h>

static const char *const levels[] = { [NOTE_STOPS] = "stops",
	[NOTE_WARNS] = "warning", [NOTE_TELLS] = "note" };
static const char *const states[] = { [TRY_NOT] = "not tried",
	[TRY_OK] = "ok", [TRY_FAILED] = "failed" };

/* A string, or null where it is empty. */
static json_t *
text(const char *s)
{
	json_t *j = s[0] != '\0' ? json_string(s) : NULL;

	return j != NULL ? j : json_null();
}

static json_t *
ms(const struct try_result *t)
{
	return t->state == TRY_OK ? json_real((double)t->us / 1000.0) :
				    json_null();
}

static json_t *
facts(const struct object_facts *o, bool known)
{
	char machine[24];

	if (!known)
		return json_null();
	return json_pack("{s:s s:o}", "machine", object_machine(o, machine),
	    "version", text(o->comment));
}

json_t *
json_notes(const struct notes *n)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < n->n; i++)
		json_array_append_new(a, json_pack("{s:s s:s s:o}", "level",
		    levels[n->at[i].level], "word", n->at[i].word, "text",
		    text(n->at[i].text)));
	return a;
}

static json_t *
json_modes(const struct host_result *r)
{
	json_t *a = json_array();

	for (enum probe_mode m = 0; m < MODE_COUNT; m++)
		json_array_append_new(a, json_pack(
		    "{s:s s:s s:s? s:o s:o s:o}", "mode", mode_names[m],
		    "state", states[r->modes[m].first.state], "compiler",
		    r->modes[m].compiler, "first_ms", ms(&r->modes[m].first),
		    "second_ms", ms(&r->modes[m].second), "reason",
		    text(r->modes[m].first.why)));
	return a;
}

static bool
same(const struct object_facts *a, const struct object_facts *b)
{
	return object_same_machine(a, b) && strcmp(a->comment, b->comment) == 0;
}

static json_t *
json_compilers(const struct host_result *r)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < r->ncompilers; i++) {
		const struct compiler *here = r->compilers[i].compiler;
		const struct try_result *t = &r->compilers[i].result;
		bool both = here->here && t->state == TRY_OK;

		json_array_append_new(a, json_pack(
		    "{s:s s:s s:o s:o s:o s:o}", "name", here->name, "state",
		    states[t->state], "reason", text(t->why), "here",
		    facts(&here->object, here->here), "there",
		    facts(&t->object, t->state == TRY_OK), "same",
		    both ? json_boolean(same(&here->object, &t->object)) :
			   json_null()));
	}
	return a;
}

static json_t *
json_addresses(const struct host_result *r)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < r->naddresses; i++)
		json_array_append_new(a, json_pack("{s:s s:f s:o}", "address",
		    r->addresses[i].text, "connect_ms",
		    (double)r->addresses[i].us / 1000.0, "reason",
		    text(r->addresses[i].why)));
	return a;
}

json_t *
json_host(const struct host_result *r)
{
	char shown[ESCAPE_ROOM(HOST_NAME_MAX_BYTES)];

	(void)escape(shown, sizeof(shown), r->word, strlen(r->word),
	    ESCAPE_TEXT);
	return json_pack(
	    "{s:s s:b s:s s:b s:o s:o s:I s:o s:o s:o s:o}", "entry", shown,
	    "usable", (int)r->usable, "verdict", r->verdict, "immured",
	    (int)r->immured, "daemon", text(r->daemon), "version",
	    text(r->version), "jobs", (json_int_t)r->jobs, "notes",
	    json_notes(&r->notes), "addresses", json_addresses(r), "modes",
	    json_modes(r), "compilers", json_compilers(r));
}
