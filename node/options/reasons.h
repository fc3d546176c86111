/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stable words of a refused command line.  They are the same in the reply,
 * the log, the metrics and the man page (design.md section 4), so a word is
 * never renamed: add one and leave the old.
 */
#ifndef IMMURE_OPTIONS_REASONS_H
#define IMMURE_OPTIONS_REASONS_H

enum option_reason {
	REASON_NONE = 0,
	REASON_INPUT,
	REASON_PHASE,
	REASON_LANGUAGE,
	REASON_OUTPUT,
	REASON_ARGUMENT,
	REASON_RESPONSE_FILE,
	REASON_PLUGIN,
	REASON_WRAPPER,
	REASON_PROGRAM,
	REASON_SPECS,
	REASON_CONFIG,
	REASON_ASSEMBLER,
	REASON_PREPROCESSOR,
	REASON_INNER,
	REASON_OFFLOAD,
	REASON_MODULES,
	REASON_NATIVE,
	REASON_PROFILE,
	REASON_FILE,
	REASON_SIDE_OUTPUT,
	REASON_RECORD,
	REASON_COMPARE,
	REASON_PATH,
	REASON_TARGET,
	REASON_UNKNOWN,
	REASON_LIMIT,
	REASON_COUNT
};

/* The stable word ("option.plugin"), a constant; NULL for REASON_NONE. */
const char *option_reason_word(enum option_reason reason);

/* What the person who sees the refusal can do, a constant, no full stop. */
const char *option_reason_remedy(enum option_reason reason);

#endif
