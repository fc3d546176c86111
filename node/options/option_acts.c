/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of one option, by the act of its row.  Each function either
 * puts words into the decided command line, leaves them out, or refuses.
 */
#include "option_scan.h"
#include <string.h>

static int
refuse_item(struct scan *s, const struct item *item)
{
	enum option_reason reason = (enum option_reason)item->row->reason;

	return scan_refuse(s, reason, item->words[0], item->row->why);
}

/* The same where it is the value that is at fault. */
static int
refuse_value(struct scan *s, const struct item *item)
{
	enum option_reason reason = (enum option_reason)item->row->reason;

	return scan_refuse(s, reason, item->words[item->nwords - 1],
	    item->row->why);
}

static int
act_keep(struct scan *s, const struct item *item)
{
	scan_emit_item(s, item);
	return 0;
}

static int
act_keep_note(struct scan *s, const struct item *item)
{
	scan_note(s, item->words[0], item->row->why);
	scan_emit_item(s, item);
	return 0;
}

static int
act_strip(struct scan *s, const struct item *item)
{
	(void)s;
	(void)item;
	return 0;
}

static int
act_strip_note(struct scan *s, const struct item *item)
{
	scan_note(s, item->words[0], item->row->why);
	return 0;
}

/* "-fopt-info" goes to stderr, "-fopt-info=file" does not. */
static int
act_file_value(struct scan *s, const struct item *item)
{
	if (strchr(item->value, '=') != NULL)
		return refuse_item(s, item);
	return act_keep(s, item);
}

static int
act_output(struct scan *s, const struct item *item)
{
	if (item->value[0] == '\0' || strcmp(item->value, "-") == 0)
		return scan_refuse(s, REASON_OUTPUT, item->words[0],
		    "does not name a file");
	/* It may come back as a word of its own behind -MQ, and the compilers
	 * expand any word that begins so (gcc's expandargv()). */
	if (item->value[0] == '@')
		return scan_refuse(s, REASON_RESPONSE_FILE, item->words[0],
		    "would be read as a file of options");
	s->output = item->value;
	return 0;
}

static int
act_language(struct scan *s, const struct item *item)
{
	const struct language *lang = NULL;

	if (strcmp(item->value, "none") != 0) {
		lang = language_by_name(item->value);
		if (lang == NULL)
			return refuse_value(s, item);
	}
	s->lang = lang;
	if (lang == NULL || scan_pump(s)) {
		scan_emit_item(s, item);
		return 0;
	}
	/* The source has been through the preprocessor: "-x c" would do it
	 * again, with this node's headers (wire-protocol.md section 1.8). */
	scan_emit(s, "-x");
	scan_emit(s, lang->output);
	return 0;
}

static int
act_phase(struct scan *s, const struct item *item)
{
	s->phase = true;
	if (strcmp(item->row->name, "-S") == 0)
		s->assembly = true;
	return act_keep(s, item);
}

static int
act_deps(struct scan *s, const struct item *item)
{
	if (!scan_pump(s))
		return 0;
	s->d->want_deps = 1;
	return act_keep(s, item);
}

static int
act_deps_file(struct scan *s, const struct item *item)
{
	(void)item;
	s->deps_file = true;
	return 0;
}

static int
act_deps_target(struct scan *s, const struct item *item)
{
	s->deps_target = true;
	return scan_pump(s) ? act_keep(s, item) : 0;
}

static int
act_assembler(struct scan *s, const struct item *item)
{
	if (!option_assembler_list_ok(item->value, &s->assembler_next))
		return refuse_value(s, item);
	return act_keep(s, item);
}

static int
act_assembler_word(struct scan *s, const struct item *item)
{
	if (!option_assembler_ok(item->value, &s->assembler_next))
		return refuse_value(s, item);
	return act_keep(s, item);
}

static int
act_cc1(struct scan *s, const struct item *item)
{
	if (!option_cc1_ok(item->value, &s->cc1_next))
		return refuse_value(s, item);
	return act_keep(s, item);
}

static int
act_llvm(struct scan *s, const struct item *item)
{
	if (!option_llvm_ok(item->value))
		return refuse_value(s, item);
	return act_keep(s, item);
}

/*
 * gcc compiles in other steps with it, so it is kept, but with the files
 * beside the object: the current directory is not for the job to write to.
 */
static int
act_save_temps(struct scan *s, const struct item *item)
{
	const char *value = item->value;

	if (s->req->family != FAMILY_GCC)
		return refuse_item(s, item);
	if (value != NULL && strcmp(value, "cwd") != 0 &&
	    strcmp(value, "obj") != 0)
		return act_keep(s, item); /* gcc says what is wrong with it */
	scan_note(s, item->words[0], "the temporary files are not returned");
	scan_emit(s, "-save-temps=obj");
	return 0;
}

/* gcc -d: some letters speak to the preprocessor, some change the text of the
 * assembly, the others dump (gcc(1), Developer Options). */
static int
act_dump_letters(struct scan *s, const struct item *item)
{
	size_t len = strlen(item->value);

	if (strspn(item->value, "AHPpx") == len)
		return act_keep(s, item);
	if (strspn(item->value, "DIMNU") == len)
		return scan_pump(s) ? act_keep(s, item) : 0;
	return act_strip_note(s, item);
}

/* A specs file that the administrator has given (--sysroot) lies in the images
 * of gcc; the client's own never comes here. */
static int
act_specs(struct scan *s, const struct item *item)
{
	const struct options_request *req = s->req;
	const char *name = item->value;

	if (name[0] == '=') /* --specs=FILE */
		name++;
	for (size_t i = 0; i < req->nspecs; i++) {
		const struct toolchain_specs *f = &req->specs[i];

		if (req->family != FAMILY_GCC ||
		    (strcmp(name, f->name) != 0 && strcmp(name, f->host) != 0))
			continue;
		scan_emit(s, scan_join(s, "-specs=" TABLE_SPECS_DIR "/",
		    f->name));
		return 0;
	}
	return refuse_item(s, item);
}

/*
 * distcc (src/compile.c, dcc_add_clang_target()) adds "-target" and its own
 * triple to whatever has no such word, "--target=" or not: the object would be
 * for the client's machine, when it was asked for another.
 */
static int
act_target(struct scan *s, const struct item *item)
{
	/* It is a part of the names of programs and directories that clang looks
	 * for: "-target ../x" would look elsewhere. */
	if (strchr(item->value, '/') != NULL)
		return scan_refuse(s, REASON_PATH, item->words[0],
		    "holds a path, which no target does");
	if (s->target != NULL && strcmp(s->target, item->value) != 0)
		return refuse_item(s, item);
	s->target = item->value;
	return act_keep(s, item);
}

const option_act option_acts[ACT_COUNT] = {
	[ACT_KEEP] = act_keep,
	[ACT_KEEP_NOTE] = act_keep_note,
	[ACT_STRIP] = act_strip,
	[ACT_STRIP_NOTE] = act_strip_note,
	[ACT_REFUSE] = refuse_item,
	[ACT_FILE_VALUE] = act_file_value,
	[ACT_OUTPUT] = act_output,
	[ACT_LANGUAGE] = act_language,
	[ACT_PHASE] = act_phase,
	[ACT_DEPS] = act_deps,
	[ACT_DEPS_FILE] = act_deps_file,
	[ACT_DEPS_TARGET] = act_deps_target,
	[ACT_ASSEMBLER] = act_assembler,
	[ACT_ASSEMBLER_WORD] = act_assembler_word,
	[ACT_CC1] = act_cc1,
	[ACT_LLVM] = act_llvm,
	[ACT_SAVE_TEMPS] = act_save_temps,
	[ACT_DUMP_LETTERS] = act_dump_letters,
	[ACT_SPECS] = act_specs,
	[ACT_TARGET] = act_target,
};
