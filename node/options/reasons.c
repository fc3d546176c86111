/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of refusals and what to do about each.  Constant data only. */
#include "options.h"
#include "reasons.h"

#define LOCAL "compile this file locally"

/* clang-format off */
static const struct {
	const char *word;
	const char *remedy;
} reasons[REASON_COUNT] = {
	[REASON_NONE] = { NULL, "" },
	[REASON_INPUT] = { "option.input",
	    "name exactly one source file" },
	[REASON_PHASE] = { "option.phase",
	    "only -c and -S are compiled here; " LOCAL },
	[REASON_LANGUAGE] = { "option.language",
	    "only C, C++, Objective-C and Objective-C++ are compiled here; "
	    LOCAL },
	[REASON_OUTPUT] = { "option.output",
	    "name a file with -o" },
	[REASON_ARGUMENT] = { "option.argument",
	    "give the option its argument" },
	[REASON_RESPONSE_FILE] = { "option.response-file",
	    "write the options out on the command line" },
	[REASON_PLUGIN] = { "option.plugin",
	    "leave the plugin out, or " LOCAL },
	[REASON_WRAPPER] = { "option.wrapper",
	    "leave the wrapper out, or " LOCAL },
	[REASON_PROGRAM] = { "option.program",
	    "leave the option out, or " LOCAL },
	[REASON_SPECS] = { "option.specs",
	    "write the options that the specs file adds, have the file put "
	    "into the node's --sysroot, or " LOCAL },
	[REASON_CONFIG] = { "option.config",
	    "write the options that the file holds, or " LOCAL },
	[REASON_ASSEMBLER] = { "option.assembler",
	    "leave the assembler's option out, or " LOCAL },
	[REASON_PREPROCESSOR] = { "option.preprocessor",
	    "give the option to the compiler itself, or " LOCAL },
	[REASON_INNER] = { "option.inner",
	    "leave the option out, or " LOCAL },
	[REASON_OFFLOAD] = { "option.offload", LOCAL },
	[REASON_MODULES] = { "option.modules",
	    "modules live in files that are not sent; " LOCAL },
	[REASON_NATIVE] = { "option.native",
	    "name the processor that is meant" },
	[REASON_PROFILE] = { "option.profile",
	    "profiles lie beside the object; " LOCAL },
	[REASON_FILE] = { "option.file",
	    "that file is not sent with a job; " LOCAL },
	[REASON_SIDE_OUTPUT] = { "option.side-output",
	    "only the object comes back; " LOCAL },
	[REASON_RECORD] = { "option.record",
	    "the object would name this node's files; " LOCAL },
	[REASON_COMPARE] = { "option.compare", LOCAL },
	[REASON_PATH] = { "option.path",
	    "leave the option out, or " LOCAL },
	[REASON_TARGET] = { "option.target",
	    "write -target TRIPLE, to which distcc adds none of its own, or "
	    LOCAL },
	[REASON_UNKNOWN] = { "option.unknown",
	    "tell the node's administrator, or " LOCAL },
	[REASON_LIMIT] = { "option.limit",
	    "shorten the command line, or " LOCAL },
};

const char *const options_reasons[] = {
	"option.input", "option.phase", "option.language", "option.output",
	"option.argument", "option.response-file", "option.plugin",
	"option.wrapper", "option.program", "option.specs", "option.config",
	"option.assembler", "option.preprocessor", "option.inner",
	"option.offload", "option.modules", "option.native", "option.profile",
	"option.file", "option.side-output", "option.record", "option.compare",
	"option.path", "option.target", "option.unknown", "option.limit", NULL
};
/* clang-format on */

const char *
option_reason_word(enum option_reason reason)
{
	return reasons[reason].word;
}

const char *
option_reason_remedy(enum option_reason reason)
{
	return reasons[reason].remedy;
}
