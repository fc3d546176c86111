/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that say what the job is: phase, language, output; what depends on
 * the node; and those that carry a path and are kept as the client wrote them.
 */
#include "option_rows.h"

#define NOTHING "compiles nothing"
#define NODE "depends on the processor of the node"
#define MAPS "rewrites names; opens nothing"
#define CMDLINE "writes the node's command line into the object"

#define TWO_TARGETS "is not the only target: the last one would count"

/* clang-format off */
const struct option_row option_rows_job[] = {
	X("-c", EXACT, BOTH, PHASE, NONE, "compile"),
	X("-S", EXACT, BOTH, PHASE, NONE, "compile to assembly"),
	X("-o", JOS, BOTH, OUTPUT, OUTPUT, "replaced by a name of our own"),
	X("-x", JOS, BOTH, LANGUAGE, LANGUAGE,
	    "names a language that is not compiled here"),

	R("-E", EXACT, BOTH, PHASE, "only preprocesses"),
	R("-fwpa", JOINED, GCC, PHASE, "is for gcc's link-time optimizer"),
	R("-fltrans", JOINED, GCC, PHASE, "is for gcc's link-time optimizer"),
	R("-fresolution=", JOINED, GCC, PHASE,
	    "is for gcc's link-time optimizer"),
	R("-fsyntax-only", EXACT, BOTH, PHASE, "makes no object"),
	R("-###", EXACT, BOTH, PHASE, NOTHING),
	R("--help", JOINED, BOTH, PHASE, NOTHING),
	R("-help", EXACT, CLANG, PHASE, NOTHING),
	R("-fhelp", JOINED, GCC, PHASE, NOTHING),
	R("-gnat", JOINED, GCC, LANGUAGE, "is Ada's"),
	R("-gnatO", JOS, GCC, LANGUAGE, "is Ada's"),
	R("-fversion", EXACT, GCC, PHASE, NOTHING),
	R("-ftarget-help", EXACT, GCC, PHASE, NOTHING),
	R("--version", EXACT, BOTH, PHASE, NOTHING),
	R("--target-help", EXACT, BOTH, PHASE, NOTHING),
	R("-print-", JOINED, BOTH, PHASE, NOTHING),
	R("--print-", JOINED, BOTH, PHASE, NOTHING),
	R("--autocomplete=", JOINED, CLANG, PHASE, NOTHING),
	R("--completion=", JOINED, GCC, PHASE, NOTHING),
	R("-emit-ast", EXACT, CLANG, PHASE, "makes no object"),
	R("-emit-pch", EXACT, CLANG, PHASE, "makes no object"),
	R("-emit-interface-stubs", EXACT, CLANG, PHASE, "makes no object"),
	R("-emit-merged-ifs", EXACT, CLANG, PHASE, "makes no object"),
	R("-extract-api", EXACT, CLANG, PHASE, "makes no object"),
	R("--extract-api", EXACT, CLANG, PHASE, "makes no object"),
	K("-emit-llvm", EXACT, CLANG, "bitcode is the object"),
	R("--analyze", JOINED, CLANG, PHASE, "makes no object"),
	R("--analyzer-output", SEP, CLANG, PHASE, "makes no object"),
	R("-rewrite-", JOINED, CLANG, PHASE, "makes no object"),
	R("--precompile", EXACT, CLANG, PHASE, "makes no object"),
	R("--migrate", EXACT, CLANG, PHASE, "makes no object"),
	R("-verify-pch", EXACT, CLANG, PHASE, "makes no object"),
	R("--output-pch=", JOINED, GCC, PHASE, "makes no object"),
	R("--emit-static-lib", EXACT, CLANG, PHASE, "makes no object"),
	R("--", EXACT, BOTH, INPUT, "makes a file name of every other word"),

	R("-march=native", JOINED, BOTH, NATIVE, NODE),
	R("-mtune=native", JOINED, BOTH, NATIVE, NODE),
	R("-mcpu=native", JOINED, BOTH, NATIVE, NODE),

	/* clang writes its whole command line; gcc leaves -o and the like out
	 * (opts.cc, gen_producer_string()), so there it is kept. */
	R("-frecord-gcc-switches", EXACT, CLANG, RECORD, CMDLINE),
	R("-grecord-gcc-switches", EXACT, CLANG, RECORD, CMDLINE),
	R("-frecord-command-line", EXACT, CLANG, RECORD, CMDLINE),
	R("-grecord-command-line", EXACT, CLANG, RECORD, CMDLINE),
	R("-fembed-bitcode=all", EXACT, CLANG, RECORD, CMDLINE),
	R("-fembed-bitcode", EXACT, CLANG, RECORD, CMDLINE),

	K("-fdebug-prefix-map=", JOINED, BOTH, MAPS),
	K("-ffile-prefix-map=", JOINED, BOTH, MAPS),
	K("-fmacro-prefix-map=", JOINED, BOTH, MAPS),
	K("-fprofile-prefix-map=", JOINED, BOTH, MAPS),
	K("-fprofile-prefix-path=", JOINED, GCC, MAPS),
	K("-fcoverage-prefix-map=", JOINED, CLANG, MAPS),
	K("-fdebug-compilation-dir=", JOINED, CLANG, MAPS),
	K("-fdebug-compilation-dir", SEP, CLANG, MAPS),
	K("-fcoverage-compilation-dir=", JOINED, CLANG, MAPS),
	K("-ffile-compilation-dir=", JOINED, CLANG, MAPS),
	K("-frandom-seed=", JOINED, BOTH, "a string"),
	K("-fprofile-filter-files=", JOINED, GCC, "a pattern"),
	K("-fprofile-exclude-files=", JOINED, GCC, "a pattern"),
	K("-finstrument-functions-exclude-file-list=", JOINED, GCC,
	    "a pattern"),
	K("-fsanitize-undefined-strip-path-components=", JOINED, CLANG,
	    "a number"),
	K("-fcf-runtime-abi=", JOINED, CLANG, "a string"),
	K("-fconstant-string-class=", JOINED, BOTH, "a name"),
	K("-Rpass", JOINED, CLANG, "a pattern; remarks go to stderr"),
	K("-fdwarf-directory-asm", EXACT, CLANG, "form of the assembly"),
	K("--param", SEP, BOTH, "a number"),
	K("--param=", JOINED, BOTH, "a number"),
	K("-ftrapv-handler", SEP, CLANG, "a symbol"),
	K("-meabi", SEP, CLANG, "a name"),
	K("-mthread-model", SEP, CLANG, "a name"),
	K("-fxray-modes=", JOS, CLANG, "a name"),
	K("-fxray-instrumentation-bundle=", JOS, CLANG, "a name"),
	K("-fxray-instruction-threshold=", JOS, CLANG, "a number"),
	K("-fxray-instruction-threshold", SEP, CLANG, "a number"),
	X("-target", SEP, CLANG, TARGET, TARGET, TWO_TARGETS),
	X("--target=", JOINED, CLANG, TARGET, TARGET, TWO_TARGETS),
	K("-arch", SEP, CLANG, "a name"),
	K("-V", JOS, CLANG, "ignored by clang"),
	K("-b", JOS, CLANG, "ignored by clang"),
	K("-G", JOS, BOTH, "a number"),
	K("--encoding", SEP, CLANG, "ignored by clang"),
};
/* clang-format on */

const size_t option_rows_job_n =
    sizeof(option_rows_job) / sizeof(option_rows_job[0]);
