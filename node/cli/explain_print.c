/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict for people: a line an option, then the line as a whole.  Words
 * may be anything, so they are printed escaped.
 */
#include "explain.h"

#include <node/auditor/escape.h>
#include <stdio.h>
#include <string.h>

/* @word behind @before, escaped; at most 240 bytes of it. */
static void
put_word(const char *before, const char *word)
{
	char text[256];
	size_t len = strlen(word);
	size_t n = escape(text, sizeof(text), word, len > 240 ? 240 : len,
	    ESCAPE_WORD);

	(void)printf("%s%s%s", before, text,
	    len > 240 || (n >= sizeof(text) - 10 && n < len) ? "..." : "");
}

/* The option as the table has it: its short name and its value. */
static int
normal(const struct options_step *step, char *out, size_t room)
{
	char name[128], value[128] = "";
	bool blank = step->separate && step->value != NULL;

	escape(name, sizeof(name), step->name, strlen(step->name),
	    ESCAPE_WORD);
	if (step->value != NULL && step->value[0] != '\0')
		escape(value, sizeof(value), step->value, strlen(step->value),
		    ESCAPE_WORD);
	return snprintf(out, room, "%s%s%s", name, blank ? " " : "", value);
}

void
explain_print_step(void *ctx, const struct options_step *step)
{
	char option[320];

	(void)ctx;
	(void)normal(step, option, sizeof(option));
	(void)printf("%-9s %s", options_action_word(step->action), option);
	if (strncmp(step->words[0], "--", 2) == 0 &&
	    strncmp(step->name, "--", 2) != 0)
		put_word(", written ", step->words[0]);
	if (step->action == OPTIONS_REPLACED ||
	    (step->action == OPTIONS_SOURCE &&
	        strcmp(step->runs[0], step->words[0]) != 0))
		for (unsigned i = 0; i < step->nruns; i++)
			put_word(i == 0 ? " -> " : " ", step->runs[i]);
	if (step->action == OPTIONS_REFUSED)
		(void)printf(": %s: %s", step->reason, step->text);
	else if (step->text[0] != '\0')
		(void)printf(": %s", step->text);
	(void)putchar('\n');
}

static void
print_run(const struct options_decision *d)
{
	(void)printf("runs     ");
	for (unsigned i = 0; i < d->argc; i++)
		put_word(" ", d->argv[i]);
	(void)putchar('\n');
}

int
explain_print(const struct explain *e)
{
	const struct options_decision *d = &e->d;
	const char *mode = e->req.proto == 3 ? "pump" : "plain";
	const char *family = e->req.family == FAMILY_GCC ? "gcc" : "clang";

	if (d->reason != NULL) {
		(void)printf("\nrefused: %s: %s (%s, %s)\n", d->reason,
		    d->text, family, mode);
	} else {
		(void)printf("\naccepted: %s, %s (%s, %s)\n", d->language,
		    d->phase, family, mode);
		print_run(d);
		(void)fputs(d->notes, stdout);
	}
	return ferror(stdout) ? -1 : 0;
}
