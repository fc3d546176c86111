/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options: one row an option, with what becomes of it in a plain
 * and in a pump job.  Pure data; option_find.c looks things up in it.
 */
#ifndef IMMURE_OPTIONS_ROW_H
#define IMMURE_OPTIONS_ROW_H

#include "../toolchain/table.h"
#include "reasons.h"
#include <stddef.h>
#include <stdint.h>

enum option_match {
	MATCH_EXACT,  /* the word itself */
	MATCH_JOINED, /* the word begins with it; the rest is the value */
	MATCH_SEP,    /* the word itself; the next word is the value */
	MATCH_JOS     /* joined, or separate when nothing is joined */
};

enum option_action {
	ACT_KEEP,
	ACT_KEEP_NOTE,  /* kept, since the object records it or depends on it;
			   its file dies with the job, and a note says so */
	ACT_STRIP,      /* of no effect here */
	ACT_STRIP_NOTE, /* as above; its file would not come back */
	ACT_REFUSE,
	ACT_FILE_VALUE, /* refused when the value holds '=' (names a file) */
	/* Those with a function of their own in option_scan.c: */
	ACT_OUTPUT,
	ACT_LANGUAGE,
	ACT_PHASE,
	ACT_DEPS,
	ACT_DEPS_FILE,
	ACT_DEPS_TARGET,
	ACT_ASSEMBLER,
	ACT_ASSEMBLER_WORD,
	ACT_CC1,
	ACT_LLVM,
	ACT_SAVE_TEMPS,
	ACT_DUMP_LETTERS,
	ACT_SPECS,
	ACT_TARGET,
	ACT_COUNT
};

struct option_row {
	const char *name;
	uint8_t match;    /* enum option_match */
	uint8_t families; /* mask of enum toolchain_family */
	uint8_t plain;    /* enum option_action, protocols 1 and 2 */
	uint8_t pump;     /* enum option_action, protocol 3 */
	uint8_t reason;   /* enum option_reason, where it may be refused */
	const char *why;  /* "loads code into the compiler" */
};

struct option_block {
	const struct option_row *rows;
	const size_t *n;
};

#define OPTION_BLOCKS 5
extern const struct option_block option_blocks[OPTION_BLOCKS];

/* What the table's files define, one subject each. */
extern const struct option_row option_rows_program[];
extern const size_t option_rows_program_n;
extern const struct option_row option_rows_input[];
extern const size_t option_rows_input_n;
extern const struct option_row option_rows_side[];
extern const size_t option_rows_side_n;
extern const struct option_row option_rows_job[];
extern const size_t option_rows_job_n;
extern const struct option_row option_rows_link[];
extern const size_t option_rows_link_n;

/*
 * The row for @word by longest match, as gcc's find_opt() and clang's option
 * parser do it; NULL: none.  *value: what is joined, or NULL.
 */
const struct option_row *option_find(const char *word, unsigned family,
    const char **value);

/* The row called @name itself, whatever its kind; NULL: none. */
const struct option_row *option_find_name(const char *name, unsigned family);

/* What is given to another program by a word of its own. */
enum option_next {
	NEXT_ANY = 0, /* nothing is pending */
	NEXT_VALUE,   /* the next word is a value without meaning to us */
	NEXT_LLVM     /* clang -Xclang -mllvm: the next word is for LLVM */
};

/* 1: @word may go to the assembler / cc1 / LLVM; 0: it may not. */
int option_assembler_ok(const char *word, enum option_next *next);
int option_assembler_list_ok(const char *list, enum option_next *next);
int option_cc1_ok(const char *word, enum option_next *next);
int option_llvm_ok(const char *word);

#endif
