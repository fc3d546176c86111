/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision on a command line.  Words are walked from left to right with
 * the arity that the compiler itself gives each option, so that the one
 * positional input is found by its place and never by its looks (distccd
 * replaces the seed in "-frandom-seed=hello.c -c hello.c").
 *
 * Every word is the client's and may be anything without a NUL.  Room for the
 * result is made once, from the sizes of the words; nothing here recurses.  An
 * option that no table knows goes through unless it holds a path.  That is a
 * lint: what an option could reach is decided by the jail.
 */
#include "options.h"
#include "../cell/cell_paths.h"
#include "../common/limits.h"
#include "option_alias.h"
#include "option_scan.h"
#include "option_text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Words that a decision adds at most: extra, -MMD, -MF and its value, -MQ, -o
 * and its value, the NULL.  (A "-x" written joined is two words: see measure().) */
#define WORDS_ADDED 8
/* What a text made of a word may be longer than it: heads of option_alias.c
 * and suffixes of language.c. */
#define TEXT_ADDED 32
/* … and that of a specs file. */
#define SPECS_ADDED (sizeof("-specs=" TABLE_SPECS_DIR "/") + \
	sizeof(((struct toolchain_specs *)0)->name))

void
scan_emit(struct scan *s, const char *word)
{
	if (s->d->argc + 1 < s->argv_size)
		s->d->argv[s->d->argc++] = word;
	else
		s->full = true; /* cannot be: see measure() */
}

void
scan_emit_item(struct scan *s, const struct item *item)
{
	unsigned i;

	for (i = 0; i < item->nwords; i++)
		scan_emit(s, item->words[i]);
}

/* The first @a bytes of @head and the whole of @tail, in the arena. */
static const char *
scan_join_part(struct scan *s, const char *head, size_t a, const char *tail)
{
	size_t b = strlen(tail) + 1;
	char *text = s->d->arena + s->arena_len;

	if (a + b > s->arena_size - s->arena_len) {
		s->full = true; /* cannot be: see measure() */
		return "";
	}
	memcpy(text, head, a);
	memcpy(text + a, tail, b);
	s->arena_len += a + b;
	return text;
}

const char *
scan_join(struct scan *s, const char *head, const char *tail)
{
	return scan_join_part(s, head, strlen(head), tail);
}

int
scan_refuse(struct scan *s, enum option_reason reason, const char *word,
    const char *why)
{
	struct options_decision *d = s->d;

	s->reason = option_reason_word(reason);
	s->text[0] = '\0';
	if (word != NULL) {
		option_text_word(s->text, sizeof(s->text), word);
		option_text_add(s->text, sizeof(s->text), " ");
	}
	option_text_add(s->text, sizeof(s->text), why);
	option_text_add(s->text, sizeof(s->text), "; ");
	option_text_add(s->text, sizeof(s->text),
	    option_reason_remedy(reason));
	if (d->reason == NULL) { /* the first one stands */
		d->reason = s->reason;
		option_text_add(d->text, sizeof(d->text), s->text);
	}
	return 1;
}

void
scan_note(struct scan *s, const char *word, const char *why)
{
	static const char more[] = "immured: note: and more of the kind\n";
	char *notes = s->d->notes;
	size_t size = sizeof(s->d->notes);
	char line[640] = "immured: note: ";

	option_text_word(line, sizeof(line), word);
	option_text_add(line, sizeof(line), ": ");
	option_text_add(line, sizeof(line), why);
	option_text_add(line, sizeof(line), "\n");
	if (s->notes_full || strstr(notes, line) != NULL)
		return;
	if (strlen(notes) + strlen(line) + sizeof(more) > size) {
		s->notes_full = true;
		option_text_add(notes, size, more);
		return;
	}
	option_text_add(notes, size, line);
}

/* The positional input. */
static int
take_input(struct scan *s, const char *word)
{
	const struct language *lang = s->lang;
	struct options_decision *d = s->d;

	if (d->source != NULL)
		return scan_refuse(s, REASON_INPUT, word,
		    "is a second input file");
	if (word[0] == '\0' || strcmp(word, "-") == 0)
		return scan_refuse(s, REASON_INPUT, word, "is not a file");
	if (lang == NULL)
		lang = language_by_suffix(word);
	if (lang == NULL)
		return scan_refuse(s, REASON_LANGUAGE, word,
		    "does not look like a source of a known language");
	d->source = word;
	d->language = lang->name;
	if (scan_pump(s)) {
		scan_emit(s, word);
		return 0;
	}
	if (language_input_name(d->input, sizeof(d->input), word, lang) != 0)
		return scan_refuse(s, REASON_INPUT, word,
		    "has a name that is empty or too long");
	scan_emit(s, scan_join(s, d->input, ""));
	return 0;
}

/*
 * A long option that the table does not list itself, by its short name.  A row
 * found by merely leaving out a dash counts only where it refuses: clang's
 * "--u…" is not its "-u".
 */
static void
resolve_long(struct scan *s, struct item *item, const char *next)
{
	unsigned family = s->req->family;
	struct option_alias alias;
	const char *text;

	option_alias(&alias, item->words[0], next, family);
	item->nwords = alias.words;
	if (alias.kind == ALIAS_VALUE) {
		item->row = option_find_name(alias.head, family);
		item->value = alias.tail;
	} else {
		text = scan_join(s, alias.head, alias.tail);
		item->as = text;
		item->row = option_find(text, family, &item->value);
	}
	if (item->row != NULL && strcmp(alias.head, "-") == 0 &&
	    (item->row->plain != ACT_REFUSE || item->row->pump != ACT_REFUSE))
		item->row = NULL;
	if (item->row == NULL) {
		item->value = NULL;
		item->as = strcmp(alias.head, "-") == 0 ? NULL : item->as;
	}
	if (alias.lacks)
		item->nwords = 3; /* more words than there are */
}

/* The option that begins with word @i; nwords may pass the end of the line. */
static void
resolve(struct scan *s, unsigned i, struct item *item)
{
	const struct options_request *req = s->req;
	const char *word = req->argv[i];
	const char *next = i + 1 < req->argc ? req->argv[i + 1] : NULL;
	const struct option_row *row;

	item->row = option_find(word, req->family, &item->value);
	if (item->row == NULL && word[1] == '-')
		resolve_long(s, item, next);
	row = item->row;
	if (row == NULL || item->value != NULL || item->nwords != 1)
		return;
	if (row->match == MATCH_SEP || row->match == MATCH_JOS) {
		item->value = next;
		item->nwords = 2;
	}
}

/*
 * Would @word run code, were it an option?  Then it is refused even where it
 * stands as a value, since another version of a compiler may count the words
 * of an option in another way than the table.
 */
static bool
runs_code(const struct scan *s, const char *word)
{
	const struct option_row *row;
	const char *value;

	if (word[0] != '-' || word[1] == '\0')
		return false;
	row = option_find(word, s->req->family, &value);
	if (row == NULL ||
	    (row->plain != ACT_REFUSE && row->plain != ACT_SPECS))
		return false;
	return row->reason == REASON_PLUGIN || row->reason == REASON_WRAPPER ||
	    row->reason == REASON_SPECS || row->reason == REASON_CONFIG ||
	    row->reason == REASON_MODULES;
}

/* Word @i and what belongs to it: item->nwords in all. */
static int
take_word(struct scan *s, unsigned i, struct item *item)
{
	const char *word = s->req->argv[i];
	unsigned act;

	*item = (struct item){ .words = &s->req->argv[i], .nwords = 1 };
	item->is_input = word[0] != '-' || word[1] == '\0';
	if (item->is_input)
		return take_input(s, word);
	resolve(s, i, item);
	if (item->nwords > s->req->argc - i) {
		item->nwords = 1;
		item->value = NULL;
		return scan_refuse(s, REASON_ARGUMENT, word,
		    "lacks its argument");
	}
	if (item->nwords == 2 && runs_code(s, item->words[1]))
		return scan_refuse(s, REASON_PLUGIN, item->words[1],
		    "would run code if the compiler took it for an option");
	if (item->row == NULL) {
		if (strchr(word, '/') != NULL)
			return scan_refuse(s, REASON_UNKNOWN, word,
			    "is not known here and holds a path");
		scan_emit_item(s, item);
		return 0;
	}
	act = scan_pump(s) ? item->row->pump : item->row->plain;
	return option_acts[act](s, item);
}

/* All words in turn; behind a refused one only for somebody who is told. */
static void
take_words(struct scan *s)
{
	const struct options_request *req = s->req;
	unsigned i, first;
	struct item item;

	for (i = 1; i < req->argc; i += item.nwords) {
		first = s->d->argc;
		s->reason = NULL;
		if (take_word(s, i, &item) != 0 && req->step == NULL)
			return;
		if (req->step != NULL)
			scan_tell(s, &item, first);
	}
}

/*
 * The target of a rule that the client left to the compiler: its -o, or the
 * input's name with ".o", quoted, which is what both compilers take.
 */
static void
add_target(struct scan *s)
{
	const char *target = s->output;
	const char *base;
	size_t len;

	if (target == NULL) {
		len = language_stem(s->d->source, &base);
		target = scan_join_part(s, base, len, ".o");
	}
	/* Joined, so that no name can become a word with a meaning. */
	scan_emit(s, scan_join(s, "-MQ", target));
}

/* What is added behind the client's words. */
static int
finish(struct scan *s)
{
	if (s->d->source == NULL)
		return scan_refuse(s, REASON_INPUT, NULL,
		    "the command line names no source file");
	if (!s->phase)
		return scan_refuse(s, REASON_PHASE, NULL,
		    "the command line has neither -c nor -S");
	/* A client that has DEPENDENCIES_OUTPUT set asks by -MT alone
	 * (wire-protocol.md section 2.5); gcc lists no system headers then. */
	if (scan_pump(s) && s->deps_target && !s->d->want_deps) {
		scan_emit(s, "-MMD");
		s->d->want_deps = 1;
	}
	if (scan_pump(s) && (s->d->want_deps || s->deps_file)) {
		scan_emit(s, "-MF");
		scan_emit(s, CELL_DEPS);
	}
	if (s->d->want_deps && !s->deps_target)
		add_target(s);
	scan_emit(s, "-o");
	scan_emit(s, CELL_OBJECT);
	return 0;
}

static int
refuse_file_of_options(struct scan *s, const char *const *word)
{
	const struct item item = { .words = word, .nwords = 1 };

	scan_refuse(s, REASON_RESPONSE_FILE, word[0], "is a file of options");
	if (s->req->step != NULL)
		scan_tell(s, &item, 0);
	return 1;
}

/* What must hold of every word, and the room that the result needs. */
static int
measure(struct scan *s)
{
	const struct options_request *req = s->req;
	size_t total = 0, len;
	unsigned i;

	if (req->argc == 0 || req->argc > LIMIT_ARGC)
		return scan_refuse(s, REASON_LIMIT, NULL,
		    "the command line has no or too many words");
	for (i = 1; i < req->argc; i++) {
		/* gcc and clang expand these wherever they stand, also behind
		 * an option that takes an argument. */
		if (req->argv[i][0] == '@')
			return refuse_file_of_options(s, &req->argv[i]);
		len = strlen(req->argv[i]);
		if (len > LIMIT_ARG_BYTES || total > LIMIT_ARGV_BYTES)
			return scan_refuse(s, REASON_LIMIT, NULL,
			    "the command line is too long");
		total += len + TEXT_ADDED +
		    (req->nspecs > 0 ? SPECS_ADDED : 0);
	}
	s->argv_size = (size_t)req->argc * 2 + WORDS_ADDED;
	/* Each word is joined once at most, but for the name of the output:
	 * from the input or from -o, and once more behind -MQ. */
	s->arena_size = total * 3 + TEXT_ADDED;
	return 0;
}

static void
walk(struct scan *s)
{
	const struct options_request *req = s->req;

	scan_emit(s, req->argv0);
	if (req->extra != NULL && req->extra[0] != '\0')
		scan_emit(s, req->extra);
	take_words(s);
	if (s->d->reason != NULL || finish(s) != 0)
		return;
	s->d->phase = s->assembly ? "-S" : "-c";
	if (s->full)
		scan_refuse(s, REASON_LIMIT, NULL,
		    "the command line does not fit");
	s->d->argv[s->d->argc] = NULL;
}

int
options_decide(struct options_decision *d, const struct options_request *req)
{
	struct scan s = { .req = req, .d = d };

	memset(d, 0, sizeof(*d));
	if (measure(&s) != 0)
		return 0;
	d->argv = calloc(s.argv_size, sizeof(*d->argv));
	d->arena = malloc(s.arena_size);
	if (d->argv == NULL || d->arena == NULL) {
		options_done(d);
		return -ENOMEM;
	}
	walk(&s);
	return 0;
}

void
options_done(struct options_decision *d)
{
	free(d->argv);
	free(d->arena);
	d->argv = NULL;
	d->arena = NULL;
	d->argc = 0;
}
