/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict as JSON; the fields are in immure(1). */
#include "explain.h"

#include <node/auditor/escape.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A string that is UTF-8 whatever @s is; null where it is NULL. */
static json_t *
string(const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);
	char *text;
	json_t *j;

	if (s == NULL)
		return json_null();
	text = malloc(ESCAPE_ROOM(len));
	if (text == NULL)
		return NULL;
	escape(text, ESCAPE_ROOM(len), s, len, ESCAPE_TEXT);
	j = json_string(text);
	free(text);
	return j;
}

static json_t *
strings(const char *const *words, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++)
		(void)json_array_append_new(list, string(words[i]));
	return list;
}

void
explain_json_step(void *ctx, const struct options_step *step)
{
	struct explain *e = ctx;

	(void)json_array_append_new(e->steps, json_pack(
	    "{s:o, s:o, s:o, s:s, s:s?, s:s, s:o}", "words",
	    strings(step->words, step->nwords), "option", string(step->name),
	    "value", string(step->value), "action",
	    options_action_word(step->action), "reason", step->reason, "text",
	    step->text, "runs", strings(step->runs, step->nruns)));
}

/* The client's notes, a line each. */
static json_t *
notes(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		(void)json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == '\n');
	}
	return list;
}

int
explain_json(struct explain *e)
{
	const struct options_decision *d = &e->d;
	bool ok = d->reason == NULL;
	json_t *all = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:O, s:o, s:o, "
	    "s:s?, s:s?, s:o, s:b, s:o}",
	    "family", e->req.family == FAMILY_GCC ? "gcc" : "clang",
	    "mode", e->req.proto == 3 ? "pump" : "plain",
	    "verdict", ok ? "accepted" : "refused",
	    "reason", d->reason, "text", ok ? NULL : d->text,
	    "options", e->steps,
	    "source", string(d->source),
	    "input", string(ok && d->input[0] != '\0' ? d->input : NULL),
	    "language", d->language, "phase", d->phase,
	    "run", ok ? strings(d->argv, d->argc) : json_null(),
	    "dependencies", ok && d->want_deps != 0,
	    "notes", notes(ok ? d->notes : ""));
	int r = all == NULL ? -1 : json_dumpf(all, stdout, JSON_INDENT(2));

	(void)putchar('\n');
	json_decref(all);
	return r;
}
