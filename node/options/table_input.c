/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options about what is read: search paths, files named by an option, macros,
 * modules.  In a plain job the preprocessor has run on the client and they
 * have no effect; in a pump job they speak of the client's own tree, which is
 * all that the cell's root shows.
 */
#include "option_rows.h"

#define READS "reads a file that is not sent"
#define MODULE "reads or writes modules"

/* clang-format off */
const struct option_row option_rows_input[] = {
	P("-D", JOS, BOTH),
	P("-U", JOS, BOTH),
	P("-A", JOS, BOTH),
	P("-I", JOS, BOTH),
	P("-I-", EXACT, BOTH),
	P("-F", JOS, BOTH),
	P("-iquote", JOS, BOTH),
	P("-isystem", JOS, BOTH),
	P("-isystem-after", JOS, CLANG),
	P("-idirafter", JOS, BOTH),
	P("-iprefix", JOS, BOTH),
	P("-iwithprefix", JOS, BOTH),
	P("-iwithprefixbefore", JOS, BOTH),
	P("-iwithsysroot", JOS, CLANG),
	P("-iframework", JOS, BOTH),
	P("-iframeworkwithsysroot", JOS, CLANG),
	P("-cxx-isystem", JOS, CLANG),
	P("-stdlib++-isystem", JOS, CLANG),
	P("--system-header-prefix", SEP, CLANG),
	P("--system-header-prefix=", JOINED, CLANG),
	P("--no-system-header-prefix=", JOINED, CLANG),
	P("-isysroot", JOS, BOTH),
	P("--sysroot", SEP, BOTH),
	P("--sysroot=", JOINED, BOTH),
	P("--no-sysroot-suffix", EXACT, GCC),
	P("-imultilib", JOS, BOTH),
	P("-imultiarch", SEP, GCC),
	P("-include", JOS, BOTH),
	P("-imacros", JOS, BOTH),
	P("--embed-dir=", JOINED, BOTH),
	P("-nostdinc", EXACT, BOTH),
	P("-nostdinc++", EXACT, BOTH),
	P("-nostdlibinc", EXACT, CLANG),
	P("-nobuiltininc", EXACT, CLANG),
	P("-undef", EXACT, BOTH),
	P("-H", EXACT, BOTH),

	R("-include-pch", SEP, CLANG, FILE, READS),
	R("-ivfsoverlay", JOS, CLANG, FILE, READS),
	R("-fbuild-session-file=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-blacklist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-ignorelist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-system-blacklist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-system-ignorelist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-coverage-allowlist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-coverage-ignorelist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-coverage-whitelist=", JOINED, CLANG, FILE, READS),
	R("-fsanitize-coverage-blacklist=", JOINED, CLANG, FILE, READS),
	R("-fprofile-list=", JOINED, CLANG, FILE, READS),
	R("-fprofile-remapping-file=", JOINED, CLANG, FILE, READS),
	R("-fmemory-profile-use=", JOINED, CLANG, FILE, READS),
	R("-fxray-always-instrument=", JOS, CLANG, FILE, READS),
	R("-fxray-never-instrument=", JOS, CLANG, FILE, READS),
	R("-fxray-attr-list=", JOS, CLANG, FILE, READS),
	R("-frandomize-layout-seed-file=", JOINED, CLANG, FILE, READS),
	R("-fthinlto-index=", JOINED, CLANG, FILE, READS),
	R("-fbasic-block-sections=list=", JOINED, CLANG, FILE, READS),
	R("-fsymbol-partition=", JOINED, CLANG, FILE, READS),
	R("-frewrite-map-file=", JOINED, CLANG, FILE, READS),
	R("-filelist", SEP, CLANG, FILE, READS),
	R("-fintrinsic-modules-path", JOS, GCC, FILE, READS),
	R("-fpch-preprocess", EXACT, GCC, FILE, "reads precompiled headers"),

	R("-fmodule", JOINED, BOTH, MODULES, MODULE),
	R("-fdeps-", JOINED, GCC, MODULES, "writes what modules need"),
	R("-fcxx-modules", EXACT, CLANG, MODULES, MODULE),
	R("-fimplicit-module", JOINED, CLANG, MODULES, MODULE),
	R("-fprebuilt-module-path=", JOINED, CLANG, MODULES, MODULE),
	R("-fprebuilt-implicit-modules", EXACT, CLANG, MODULES, MODULE),
	R("-fmodules-user-build-path", SEP, CLANG, MODULES, MODULE),
	R("-fbuiltin-module-map", EXACT, CLANG, MODULES, MODULE),
	R("-fautolink-", JOINED, CLANG, MODULES, MODULE),
	R("-module-", JOINED, CLANG, MODULES, MODULE),
	R("-module-dependency-dir", SEP, CLANG, MODULES, MODULE),
	R("-emit-module", JOINED, CLANG, MODULES, MODULE),

	/* gcc records no search path, but all of the rest, in DW_AT_producer:
	 * what is kept here must stay as the client wrote it. */
	K("-fpreprocessed", EXACT, BOTH, "says what the input is"),
	K("-fdirectives-only", EXACT, BOTH, "gcc handles it on a .i too"),
	K("-traditional-cpp", EXACT, BOTH, "kept for the object's record"),
	K("-finput-charset=", JOINED, BOTH, "a name, not a file"),
	K("-fexec-charset=", JOINED, BOTH, "a name, not a file"),
	K("-fwide-exec-charset=", JOINED, BOTH, "a name, not a file"),

	R("-working-directory", JOS, CLANG, PATH, "moves the compiler"),
	R("-working-directory=", JOINED, CLANG, PATH, "moves the compiler"),
};
/* clang-format on */

const size_t option_rows_input_n =
    sizeof(option_rows_input) / sizeof(option_rows_input[0]);
