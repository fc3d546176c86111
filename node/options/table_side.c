/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that write more than the object.  Nothing else goes back to a
 * client, so: stripped with a note where the object stays the same (tried
 * with gcc 12 and clang 14, with -g); kept with a note where gcc records the
 * option in DW_AT_producer and its file lands beside the object, in the one
 * directory a job may write to, and dies with the job; refused otherwise.
 */
#include "option_rows.h"

#define LISTS "the client's preprocessor does it, the cell in a pump job"
#define GONE "its file is not returned"
#define RECORDED "the object records it, and its file is not returned"

/* clang-format off */
const struct option_row option_rows_side[] = {
	/* Dependencies: the client's own preprocessor makes them in a plain
	 * job, the cell makes one file in a pump job. */
	X("-MD", EXACT, BOTH, DEPS, NONE, LISTS),
	X("-MMD", EXACT, BOTH, DEPS, NONE, LISTS),
	X("-MF", JOS, BOTH, DEPS_FILE, NONE, LISTS),
	X("-MT", JOS, BOTH, DEPS_TARGET, NONE, LISTS),
	X("-MQ", JOS, BOTH, DEPS_TARGET, NONE, LISTS),
	P("-MP", EXACT, BOTH),
	P("-MG", EXACT, BOTH),
	P("-MV", EXACT, CLANG),
	P("-Mno-modules", EXACT, GCC),
	P("-fdepfile-entry=", JOINED, CLANG),
	R("-M", EXACT, BOTH, PHASE, "only lists dependencies"),
	R("-MM", EXACT, BOTH, PHASE, "only lists dependencies"),
	R("-MJ", JOS, CLANG, SIDE_OUTPUT, "writes a compilation database"),
	R("-gen-cdb-fragment-path", SEP, CLANG, SIDE_OUTPUT,
	    "writes a compilation database"),
	R("-dependency-file", SEP, CLANG, SIDE_OUTPUT, "writes a file"),
	R("-dependency-dot", SEP, CLANG, SIDE_OUTPUT, "writes a file"),

	/* Names for side files, never in the object (gcc opts.cc,
	 * gen_producer_string() leaves them out). */
	ROW("-dumpdir", SEP, GCC, STRIP, STRIP, NONE, "names side files"),
	ROW("-dumpbase", SEP, GCC, STRIP, STRIP, NONE, "names side files"),
	ROW("-dumpbase-ext", SEP, GCC, STRIP, STRIP, NONE, "names side files"),
	R("-auxbase", SEP, GCC, SIDE_OUTPUT, "names side files"),
	R("-auxbase-strip", SEP, GCC, SIDE_OUTPUT, "names side files"),
	R("-aux-info", SEP, GCC, SIDE_OUTPUT,
	    "writes a file and is recorded in the object"),
	R("-aux-info=", JOINED, GCC, SIDE_OUTPUT,
	    "writes a file and is recorded in the object"),

	X("-d", JOINED, GCC, DUMP_LETTERS, NONE, GONE),
	R("-dumpmachine", EXACT, BOTH, PHASE, "compiles nothing"),
	R("-dumpversion", EXACT, BOTH, PHASE, "compiles nothing"),
	R("-dumpfullversion", EXACT, BOTH, PHASE, "compiles nothing"),
	R("-dumpspecs", EXACT, BOTH, PHASE, "compiles nothing"),
	N("-fdump-", JOINED, BOTH, GONE),
	R("-fdump-go-spec", JOINED, GCC, SIDE_OUTPUT, "writes declarations"),
	R("-fdump-ada-spec", JOINED, GCC, SIDE_OUTPUT, "writes declarations"),

	X("-save-temps", EXACT, BOTH, SAVE_TEMPS, SIDE_OUTPUT,
	    "clang compiles differently for it"),
	X("-save-temps=", JOINED, BOTH, SAVE_TEMPS, SIDE_OUTPUT,
	    "clang compiles differently for it"),
	L("-fstack-usage", EXACT, GCC, RECORDED),
	L("-fcallgraph-info", JOINED, GCC, RECORDED),
	L("-fsave-optimization-record", EXACT, GCC, RECORDED),
	N("-fstack-usage", EXACT, CLANG, GONE),
	N("-fsave-optimization-record", JOINED, CLANG, GONE),
	N("-foptimization-record-", JOINED, CLANG, GONE),
	N("-ftime-trace", JOINED, CLANG, GONE),
	K("-ftime-trace-granularity=", JOINED, CLANG, "a number"),
	N("-fproc-stat-report", JOINED, CLANG, GONE),
	N("-serialize-diagnostics", SEP, CLANG, GONE),
	N("--serialize-diagnostics", SEP, CLANG, GONE),
	N("-index-store-path", SEP, CLANG, GONE),
	N("-fcrash-diagnostics-dir=", JOINED, CLANG, GONE),
	N("-gen-reproducer", JOINED, CLANG, GONE),
	N("-save-stats", JOINED, CLANG, GONE),
	N("--save-stats", JOINED, CLANG, GONE),
	X("-fopt-info", JOINED, GCC, FILE_VALUE, SIDE_OUTPUT,
	    "writes a file and is recorded in the object"),
	R("-fdiagnostics-format=json-file", EXACT, BOTH, SIDE_OUTPUT,
	    "writes the diagnostics into a file"),
	R("-fdiagnostics-format=sarif-file", EXACT, BOTH, SIDE_OUTPUT,
	    "writes the diagnostics into a file"),
	R("-fdiagnostics-add-output=", JOINED, BOTH, SIDE_OUTPUT,
	    "writes the diagnostics into a file"),
	R("-fdiagnostics-set-output=", JOINED, BOTH, SIDE_OUTPUT,
	    "writes the diagnostics into a file"),
	R("-fdiagnostics-log-file", JOINED, CLANG, SIDE_OUTPUT,
	    "writes the diagnostics into a file"),
	R("-fgo-c-header=", JOINED, GCC, SIDE_OUTPUT, "writes a file"),
	R("-fdoc", JOINED, GCC, SIDE_OUTPUT, "writes a file"),
	R("-Hf", JOS, GCC, SIDE_OUTPUT, "writes a file"),
	R("-Hd", JOS, GCC, SIDE_OUTPUT, "writes a file"),
	R("-Xf", JOS, GCC, SIDE_OUTPUT, "writes a file"),
	R("-J", JOS, GCC, SIDE_OUTPUT, "writes Fortran modules"),

	/* Debug information in a file of its own: the object keeps it all. */
	N("-gsplit-dwarf", EXACT, BOTH,
	    "no .dwo is returned: the debug information stays in the object"),
	N("-gsplit-dwarf=", JOINED, CLANG,
	    "no .dwo is returned: the debug information stays in the object"),
	R("-split-dwarf", JOINED, CLANG, SIDE_OUTPUT, "writes a file"),
	R("-dwo", JOINED, CLANG, SIDE_OUTPUT, "writes a file"),

	/* Profiles: gcc writes the place of the .gcda into the object. */
	R("-fprofile-arcs", EXACT, BOTH, PROFILE, "writes a .gcno"),
	R("-ftest-coverage", EXACT, BOTH, PROFILE, "writes a .gcno"),
	R("-coverage", EXACT, BOTH, PROFILE, "writes a .gcno"),
	R("--coverage", EXACT, BOTH, PROFILE, "writes a .gcno"),
	R("-fprofile-generate", JOINED, BOTH, PROFILE,
	    "puts the place of its file into the object"),
	R("-fcs-profile-generate", JOINED, CLANG, PROFILE,
	    "puts the place of its file into the object"),
	R("-fprofile-dir=", JOINED, BOTH, PROFILE, "names a profile"),
	R("-fprofile-note=", JOINED, GCC, PROFILE, "names a profile"),
	R("-fprofile-info-section", JOINED, GCC, PROFILE,
	    "is about profiles"),
	R("-fcreate-profile", EXACT, GCC, PROFILE, "writes a profile"),
	R("-fprofile-use", JOINED, BOTH, PROFILE, "reads a profile"),
	R("-fprofile-instr-use", JOINED, CLANG, PROFILE, "reads a profile"),
	R("-fprofile-sample-use", JOINED, CLANG, PROFILE, "reads a profile"),
	R("-fauto-profile", JOINED, BOTH, PROFILE, "reads a profile"),
	R("-fbranch-probabilities", EXACT, GCC, PROFILE, "reads a profile"),
	K("-fprofile-instr-generate=", JOINED, CLANG,
	    "a string in the object, as the client wrote it"),

	R("-arcmt-", JOINED, CLANG, PHASE, "rewrites sources"),
	R("-arcmt-migrate-report-output", SEP, CLANG, PHASE,
	    "rewrites sources"),
	R("-objcmt-", JOINED, CLANG, PHASE, "rewrites sources"),
};
/* clang-format on */

const size_t option_rows_side_n =
    sizeof(option_rows_side) / sizeof(option_rows_side[0]);
