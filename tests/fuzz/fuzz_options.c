/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input: one byte protocol, one byte family, then the words of a command
 * line, a NUL behind each.  A verdict is one of the listed reasons with a text
 * for people, or a command line that runs our program name, writes to the one
 * place where a cell may write, and has none of the options that run programs.
 * The same request gets the same verdict.
 */
#include "fuzz.h"
#include "node/cell/cell_paths.h"
#include "node/common/limits.h"
#include "node/options/options.h"

#include <string.h>

#define WORDS_MAX 512
#define ARGV0	  "/usr/bin/x86_64-linux-gnu-gcc-12"

static int
is_listed(const char *reason)
{
	size_t i;

	for (i = 0; options_reasons[i] != NULL; i++) {
		if (strcmp(options_reasons[i], reason) == 0)
			return 1;
	}
	return 0;
}

static int
has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* What would run a program of the client's choice, by its first letters. */
static int
is_deadly(const char *word)
{
	static const char *const deadly[] = { "-fplugin=", "-wrapper",
		"-specs=", "--specs", "-fmodule-mapper", "--config", "-load",
		"-fpass-plugin=", "--plugin" };
	size_t i;

	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		if (has_prefix(word, deadly[i]))
			return 1;
	}
	return 0;
}

/* Is the word behind @option its value, whatever it looks like? */
static int
takes_value(const char *option)
{
	static const char *const options[] = { "-D", "-U", "-A", "-MT", "-MQ",
		"-I", "-include", "-imacros", "-iquote", "-isystem",
		"-idirafter", "-isysroot", "-iprefix", "-iwithprefix",
		"-iwithprefixbefore", "-cxx-isystem", "-target", "--sysroot",
		"-Xlinker", "-T", "-l", "-L", "-u", "-z", "-e" };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i], option) == 0)
			return 1;
	}
	return 0;
}

static void
check_argv(const struct options_decision *d, const struct options_request *q)
{
	unsigned i, objects = 0;

	MUST(d->argc >= 1 && d->argv[d->argc] == NULL);
	MUST(strcmp(d->argv[0], q->argv0) == 0);
	for (i = 1; i < d->argc; i++) {
		MUST(d->argv[i] != NULL);
		objects += strcmp(d->argv[i], CELL_OBJECT) == 0 &&
			   strcmp(d->argv[i - 1], "-o") == 0;
		/* The drivers expand such a word wherever it stands. */
		MUST(d->argv[i][0] != '@');
		MUST(!is_deadly(d->argv[i]) || takes_value(d->argv[i - 1]));
	}
	MUST(objects >= 1);
}

static void
check_allowed(const struct options_decision *d, const struct options_request *q)
{
	check_argv(d, q);
	MUST(d->source != NULL);
	MUST(memchr(d->notes, '\0', sizeof(d->notes)) != NULL);
	MUST(memchr(d->input, '\0', sizeof(d->input)) != NULL);
	if (q->proto == 3) {
		MUST(d->input[0] == '\0');
		return;
	}
	MUST(d->input[0] != '\0' && d->want_deps == 0);
	MUST(strchr(d->input, '/') == NULL && d->input[0] != '-');
	MUST(strcmp(d->input, ".") != 0 && strcmp(d->input, "..") != 0);
	MUST(strcmp(d->input, ".immure") != 0); /* CELL_OUT is beside it */
}

struct told {
	const struct options_request *q;
	unsigned words;     /* told of so far, argv[0] included */
	const char *reason; /* of the first refusal */
};

/* Each word belongs to one option, in the order in which they were sent. */
static void
tell(void *ctx, const struct options_step *step)
{
	struct told *t = ctx;
	unsigned i;

	MUST(step->nwords >= 1 && step->name != NULL && step->text != NULL);
	MUST(options_action_word(step->action) != NULL);
	MUST((step->action == OPTIONS_REFUSED) == (step->reason != NULL));
	if (t->reason == NULL)
		t->reason = step->reason;
	t->words += step->nwords;
	MUST(t->words <= t->q->argc);
	for (i = 0; i < step->nruns; i++)
		MUST(step->runs[i] != NULL);
}

/* Who is told of every step gets the same verdict. */
static void
decide_told(const struct options_request *q,
    struct options_decision *again)
{
	struct options_request told_q = *q;
	struct told t = { .q = q, .words = 1 };

	told_q.step = tell;
	told_q.step_ctx = &t;
	MUST(options_decide(again, &told_q) == 0);
	if (again->reason == NULL)
		MUST(t.words == q->argc && t.reason == NULL);
	else if (t.reason != NULL)
		MUST(strcmp(t.reason, again->reason) == 0);
}

static void
decide(const struct options_request *q)
{
	struct options_decision d, again;

	MUST(options_decide(&d, q) == 0);
	decide_told(q, &again);
	MUST((d.reason == NULL) == (again.reason == NULL));
	MUST(memchr(d.text, '\0', sizeof(d.text)) != NULL);
	if (d.reason != NULL) {
		MUST(is_listed(d.reason));
		MUST(strcmp(d.reason, again.reason) == 0);
		MUST(d.text[0] != '\0');
	} else {
		check_allowed(&d, q);
		MUST(d.argc == again.argc);
	}
	options_done(&d);
	options_done(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *argv[WORDS_MAX + 1];
	struct options_request q = { .argv = argv, .argv0 = ARGV0 };
	const char *at, *end;
	char *text;

	if (size < 3)
		return 0;
	q.proto = data[0] % 3 + 1;
	q.family = data[1] % 2 != 0 ? FAMILY_CLANG : FAMILY_GCC;
	q.extra = data[1] & 2 ? "-std=c99" : "";
	size -= 2;
	text = malloc(size + 1);
	MUST(text != NULL);
	memcpy(text, data + 2, size);
	text[size] = '\0';
	end = text + size;
	for (at = text; at < end && q.argc < WORDS_MAX; at += strlen(at) + 1)
		argv[q.argc++] = at;
	argv[q.argc] = NULL;
	decide(&q);
	free(text);
	return 0;
}
