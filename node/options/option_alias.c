/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source of the facts: gcc's option_map (opts-common.c) and the Alias()
 * properties in common.opt and c.opt, each tried with `gcc -###`; clang has
 * most of the same names.  Where clang lacks one it refuses the word itself.
 */
#include "option_alias.h"
#include "../toolchain/table.h"
#include <stdbool.h>
#include <string.h>

enum form {
	FLAG,        /* --name            -> short */
	VALUE,       /* --name=V, --name V -> row short, value V */
	TEXT,        /* --name=V, --name V -> shortV */
	TEXT_JOINED, /* --name=V          -> shortV */
	PREFIX       /* --nameREST        -> shortREST */
};

/* clang-format off */
static const struct {
	const char *name;
	enum form form;
	const char *head;
} aliases[] = {
	{ "--output", VALUE, "-o" },
	{ "--language", VALUE, "-x" },
	{ "--prefix", VALUE, "-B" },
	{ "--define-macro", VALUE, "-D" },
	{ "--undefine-macro", VALUE, "-U" },
	{ "--assert", VALUE, "-A" },
	{ "--include", VALUE, "-include" },
	{ "--imacros", VALUE, "-imacros" },
	{ "--include-directory", VALUE, "-I" },
	{ "--include-directory-after", VALUE, "-idirafter" },
	{ "--include-prefix", VALUE, "-iprefix" },
	{ "--include-with-prefix", VALUE, "-iwithprefix" },
	{ "--include-with-prefix-after", VALUE, "-iwithprefix" },
	{ "--include-with-prefix-before", VALUE, "-iwithprefixbefore" },
	{ "--library-directory", VALUE, "-L" },
	{ "--for-linker", VALUE, "-Xlinker" },
	{ "--force-link", VALUE, "-u" },
	{ "--entry", VALUE, "-e" },
	{ "--dumpdir", VALUE, "-dumpdir" },
	{ "--dumpbase", VALUE, "-dumpbase" },
	{ "--dumpbase-ext", VALUE, "-dumpbase-ext" },
	{ "--save-temps", TEXT_JOINED, "-save-temps=" },
	{ "--for-assembler", TEXT, "-Wa," },
	{ "--dump", TEXT, "-d" },
	{ "--std", TEXT, "-std=" },
	{ "--machine", TEXT, "-m" },
	{ "--debug", TEXT_JOINED, "-g" },
	{ "--optimize", TEXT_JOINED, "-O" },
	{ "--time", TEXT_JOINED, "-time=" },
	{ "--save-temps", FLAG, "-save-temps" },
	{ "--debug", FLAG, "-g" },
	{ "--optimize", FLAG, "-O" },
	{ "--time", FLAG, "-time" },
	{ "--compile", FLAG, "-c" },
	{ "--assemble", FLAG, "-S" },
	{ "--preprocess", FLAG, "-E" },
	{ "--dependencies", FLAG, "-M" },
	{ "--user-dependencies", FLAG, "-MM" },
	{ "--write-dependencies", FLAG, "-MD" },
	{ "--write-user-dependencies", FLAG, "-MMD" },
	{ "--print-missing-file-dependencies", FLAG, "-MG" },
	{ "--no-standard-includes", FLAG, "-nostdinc" },
	{ "--include-barrier", FLAG, "-I-" },
	{ "--trace-includes", FLAG, "-H" },
	{ "--no-integrated-cpp", FLAG, "-no-integrated-cpp" },
	{ "--no-line-commands", FLAG, "-P" },
	{ "--no-warnings", FLAG, "-w" },
	{ "--all-warnings", FLAG, "-Wall" },
	{ "--extra-warnings", FLAG, "-Wextra" },
	{ "--ansi", FLAG, "-ansi" },
	{ "--comments", FLAG, "-C" },
	{ "--comments-in-macros", FLAG, "-CC" },
	{ "--pass-exit-codes", FLAG, "-pass-exit-codes" },
	{ "--pedantic", FLAG, "-pedantic" },
	{ "--pedantic-errors", FLAG, "-pedantic-errors" },
	{ "--pic", FLAG, "-pic" },
	{ "--pie", FLAG, "-pie" },
	{ "--pipe", FLAG, "-pipe" },
	{ "--profile", FLAG, "-p" },
	{ "--shared", FLAG, "-shared" },
	{ "--static", FLAG, "-static" },
	{ "--traditional", FLAG, "-traditional" },
	{ "--traditional-cpp", FLAG, "-traditional-cpp" },
	{ "--trigraphs", FLAG, "-trigraphs" },
	{ "--verbose", FLAG, "-v" },
	{ "--machine-", PREFIX, "-m" },
	{ "--warn-", PREFIX, "-W" },
	/* Of clang alone, joined; behind the longer names. */
	{ "--include", PREFIX, "-include" },
	{ "--imacros", PREFIX, "-imacros" },
};
/* clang-format on */

/* Whether @word, whose first @len bytes are a name, has form @form. */
static bool
has_form(enum form form, const char *word, size_t len)
{
	switch (form) {
	case FLAG:
		return word[len] == '\0';
	case VALUE:
	case TEXT:
		return word[len] == '\0' || word[len] == '=';
	case TEXT_JOINED:
		return word[len] == '=';
	case PREFIX:
		return true;
	}
	return false;
}

static void
set(struct option_alias *alias, enum alias_kind kind, const char *head,
    const char *tail)
{
	alias->kind = kind;
	alias->head = head;
	alias->tail = tail;
	alias->words = 1;
	alias->lacks = 0;
}

static void
take(struct option_alias *alias, size_t i, const char *word, const char *next)
{
	size_t len = strlen(aliases[i].name);
	enum form form = aliases[i].form;

	set(alias, form == VALUE ? ALIAS_VALUE : ALIAS_TEXT, aliases[i].head,
	    word + len);
	if (form == FLAG || form == PREFIX)
		return;
	if (word[len] == '=') {
		alias->tail = word + len + 1;
		return;
	}
	alias->words = 2;
	alias->lacks = next == NULL;
	alias->tail = next == NULL ? "" : next;
}

void
option_alias(struct option_alias *alias, const char *word, const char *next,
    unsigned family)
{
	size_t i, len;

	set(alias, ALIAS_NONE, "", "");
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (aliases[i].name[2] != word[2])
			continue;
		len = strlen(aliases[i].name);
		if (strncmp(word, aliases[i].name, len) == 0 &&
		    has_form(aliases[i].form, word, len)) {
			take(alias, i, word, next);
			return;
		}
	}
	/* What is left: gcc's option_map makes "-f" of every "--"; clang knows
	 * a number of options with either one dash or two. */
	if (family == FAMILY_GCC)
		set(alias, ALIAS_TEXT, "-f", word + 2);
	else
		set(alias, ALIAS_TEXT, "-", word + 2);
}
