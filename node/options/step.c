/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of one option, out of what the walk has just done.  Pure. */
#include "step.h"
#include "option_scan.h"
#include <string.h>

const char *
options_action_word(enum options_action action)
{
	static const char *const words[] = {
		[OPTIONS_KEPT] = "kept",
		[OPTIONS_PASSED] = "passed",
		[OPTIONS_LEFT_OUT] = "left out",
		[OPTIONS_REPLACED] = "replaced",
		[OPTIONS_SOURCE] = "source",
		[OPTIONS_REFUSED] = "refused",
	};

	return words[action];
}

/* Did the option come through word for word? */
static bool
is_same(const struct item *item, const struct options_step *step)
{
	if (step->nruns != item->nwords)
		return false;
	for (unsigned i = 0; i < step->nruns; i++)
		if (strcmp(step->runs[i], item->words[i]) != 0)
			return false;
	return true;
}

static enum options_action
action_of(const struct scan *s, const struct item *item,
    const struct options_step *step)
{
	unsigned act;

	if (s->reason != NULL)
		return OPTIONS_REFUSED;
	if (item->is_input)
		return OPTIONS_SOURCE;
	if (item->row == NULL)
		return OPTIONS_PASSED;
	act = scan_pump(s) ? item->row->pump : item->row->plain;
	if (act == ACT_OUTPUT || (act == ACT_DEPS_FILE && scan_pump(s)))
		return OPTIONS_REPLACED; /* by finish() */
	if (step->nruns == 0)
		return OPTIONS_LEFT_OUT;
	return is_same(item, step) ? OPTIONS_KEPT : OPTIONS_REPLACED;
}

/* A row that may be refused says why in that case alone. */
static const char *
text_of(const struct scan *s, const struct option_row *row,
    enum options_action action)
{
	if (action == OPTIONS_REFUSED)
		return s->text;
	if (action == OPTIONS_PASSED)
		return "not in the table, holds no path";
	if (row == NULL)
		return "";
	if (row->reason == REASON_LANGUAGE && action == OPTIONS_REPLACED)
		return "the source has been preprocessed";
	return row->reason == REASON_NONE || row->reason == REASON_OUTPUT ?
	    row->why : "";
}

void
scan_tell(const struct scan *s, const struct item *item, unsigned first)
{
	const struct option_row *row = item->row;
	struct options_step step = {
		.words = item->words,
		.nwords = item->nwords,
		.name = row != NULL ? row->name : item->words[0],
		.value = item->value,
		.separate = row != NULL && row->match != MATCH_JOINED,
		.reason = s->reason,
		.nruns = s->d->argc - first,
	};

	if (step.nruns > 0)
		step.runs = s->d->argv + first;
	if (row == NULL && item->as != NULL)
		step.name = item->as;
	step.action = action_of(s, item, &step);
	step.text = text_of(s, row, step.action);
	s->req->step(s->req->step_ctx, &step);
}
