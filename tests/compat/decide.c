/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print the decision on a command line, for tests that run the real compilers
 * with it before there is a jail, and for the man page.
 *
 *   decide gcc|clang PROTO OBJECT DEPS -- argv…
 *     exit 0: notes on stderr; lines "input NAME", "source NAME", "deps 0|1",
 *     "word …" for each word, with the cell's names replaced by OBJECT, DEPS
 *     exit 3: line "refused WORD TEXT"
 *   decide --each gcc|clang PROTO
 *     lines of words, a tab between, on stdin: the command line behind the
 *     compiler's name.  For each the verdict ("accepted" or the reason), then
 *     action, name in the table and reason of the first option, then the words
 *     of the decided line but the last two (-o and the cell's object)
 *   decide --table: the table of options, tab separated
 *   decide --reasons: the words and what to do
 */
#include "node/cell/cell_paths.h"
#include "node/options/option_row.h"
#include "node/options/options.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const matches[] = { "exact", "joined", "separate",
	"joined or separate" };
static const char *const acts[ACT_COUNT] = {
	[ACT_KEEP] = "keep",
	[ACT_KEEP_NOTE] = "keep, note",
	[ACT_STRIP] = "strip",
	[ACT_STRIP_NOTE] = "strip, note",
	[ACT_REFUSE] = "refuse",
	[ACT_FILE_VALUE] = "refuse when it names a file",
	[ACT_OUTPUT] = "replace",
	[ACT_LANGUAGE] = "replace or refuse by value",
	[ACT_PHASE] = "keep",
	[ACT_DEPS] = "strip; pump: keep",
	[ACT_DEPS_FILE] = "strip; pump: replace",
	[ACT_DEPS_TARGET] = "strip; pump: keep",
	[ACT_ASSEMBLER] = "refuse unless listed",
	[ACT_ASSEMBLER_WORD] = "refuse unless listed",
	[ACT_CC1] = "refuse unless listed",
	[ACT_LLVM] = "refuse unless listed",
	[ACT_SAVE_TEMPS] = "replace, note; clang: refuse",
	[ACT_DUMP_LETTERS] = "keep or strip by letter",
};

static void
print_row(const struct option_row *row)
{
	const char *word = option_reason_word((enum option_reason)row->reason);

	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->name, matches[row->match],
	    row->families == FAMILY_GCC ? "gcc"
	    : row->families == FAMILY_CLANG ? "clang" : "both",
	    acts[row->plain], acts[row->pump], word == NULL ? "" : word,
	    row->why);
}

static int
print_table(void)
{
	size_t i, k;

	puts("option\tform\tcompiler\tplain\tpump\treason\twhy");
	for (i = 0; i < OPTION_BLOCKS; i++)
		for (k = 0; k < *option_blocks[i].n; k++)
			print_row(&option_blocks[i].rows[k]);
	return 0;
}

static int
print_reasons(void)
{
	int i;

	for (i = REASON_NONE + 1; i < REASON_COUNT; i++)
		printf("%s\t%s\n", option_reason_word((enum option_reason)i),
		    option_reason_remedy((enum option_reason)i));
	return 0;
}

static const char *
outside(const char *word, const char *object, const char *deps)
{
	if (strcmp(word, CELL_OBJECT) == 0)
		return object;
	if (strcmp(word, CELL_DEPS) == 0)
		return deps;
	return word;
}

static int
decide(char **argv, int argc)
{
	struct options_decision d;
	struct options_request req = {
		.proto = argv[2][0] == '3' ? 3 : 1,
		.argc = (unsigned)argc - 6,
		.argv = (const char *const *)(argv + 6),
		.family = strcmp(argv[1], "gcc") == 0 ? FAMILY_GCC
						      : FAMILY_CLANG,
		.argv0 = argv[6],
		.extra = "",
	};
	unsigned i;

	if (options_decide(&d, &req) != 0)
		return 1;
	if (d.reason != NULL) {
		printf("refused %s %s\n", d.reason, d.text);
		options_done(&d);
		return 3;
	}
	printf("input %s\nsource %s\ndeps %d\n", d.input, d.source,
	    d.want_deps);
	fputs(d.notes, stderr);
	for (i = 0; i < d.argc; i++)
		printf("word %s\n", outside(d.argv[i], argv[3], argv[4]));
	options_done(&d);
	return 0;
}

/* The first option's. */
static void
remember(void *ctx, const struct options_step *step)
{
	char *line = ctx;

	if (line[0] == '\0')
		snprintf(line, 512, "%s\t%s\t%s",
		    options_action_word(step->action), step->name, step->text);
}

static int
decide_line(struct options_request *req, char *line)
{
	static const char *argv[1024] = { "cc" };
	struct options_decision d;
	char first[512] = "";
	char *word;

	for (req->argc = 1; req->argc < 1023 &&
	     (word = strsep(&line, "\t\n")) != NULL && word[0] != '\0';)
		argv[req->argc++] = word;
	req->argv = argv;
	req->step_ctx = first;
	if (options_decide(&d, req) != 0)
		return 1;
	printf("%s\t%s", d.reason == NULL ? "accepted" : d.reason, first);
	for (unsigned i = 1; d.reason == NULL && i + 2 < d.argc; i++)
		printf("\t%s", outside(d.argv[i], "o", "deps"));
	putchar('\n');
	options_done(&d);
	return 0;
}

static int
decide_each(char **argv)
{
	struct options_request req = {
		.proto = argv[3][0] == '3' ? 3 : 1,
		.family = strcmp(argv[2], "gcc") == 0 ? FAMILY_GCC
						      : FAMILY_CLANG,
		.argv0 = "cc",
		.step = remember,
	};
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		if (decide_line(&req, line) != 0)
			return 1;
	free(line);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--table") == 0)
		return print_table();
	if (argc == 2 && strcmp(argv[1], "--reasons") == 0)
		return print_reasons();
	if (argc == 4 && strcmp(argv[1], "--each") == 0)
		return decide_each(argv);
	if (argc < 7 || strcmp(argv[5], "--") != 0) {
		fputs("usage: decide gcc|clang PROTO OBJECT DEPS -- argv...\n"
		      "       decide --each gcc|clang PROTO\n"
		      "       decide --table | --reasons\n", stderr);
		return 2;
	}
	return decide(argv, argc);
}
