/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that load code, name programs, or speak to the programs behind the
 * driver.  The jail has neither the files nor a way to run them; refusing here
 * gives the reason instead of a strange error.
 */
#include "option_rows.h"

#define LOADS "loads code into the compiler"
#define FINDS "changes which programs or headers the compiler uses"
#define NAMES "a specs file names programs to run"
#define OTHER "starts a compiler for another device"

/* What would run code is refused for both compilers, also where only one of
 * them knows it. */

/* clang-format off */
const struct option_row option_rows_program[] = {
	R("-fplugin=", JOINED, BOTH, PLUGIN, LOADS),
	R("-fplugin-arg-", JOINED, BOTH, PLUGIN, "speaks to a plugin"),
	R("-plugin", JOINED, BOTH, PLUGIN, LOADS),
	R("-add-plugin", JOINED, BOTH, PLUGIN, LOADS),
	R("-load", JOINED, BOTH, PLUGIN, LOADS),
	R("--plugin", JOINED, BOTH, PLUGIN, LOADS),
	R("--fplugin", JOINED, BOTH, PLUGIN, LOADS),
	R("-fpass-plugin=", JOINED, BOTH, PLUGIN, LOADS),
	R("-iplugindir=", JOINED, GCC, PLUGIN, "says where plugins are"),
	R("-wrapper", JOS, BOTH, WRAPPER, "runs a program of its own"),
	X("-specs", SEP, BOTH, SPECS, SPECS, NAMES),
	X("-specs=", JOINED, BOTH, SPECS, SPECS, NAMES),
	X("--specs", JOS, BOTH, SPECS, SPECS, NAMES),
	R("-B", JOS, BOTH, PROGRAM, "says where programs are looked for"),
	R("--gcc-toolchain=", JOINED, CLANG, PROGRAM, FINDS),
	R("--gcc-toolchain", EXACT, CLANG, PROGRAM, FINDS),
	R("-gcc-toolchain", SEP, CLANG, PROGRAM, FINDS),
	R("--gcc-install-dir=", JOINED, CLANG, PROGRAM, FINDS),
	R("--gcc-triple=", JOINED, CLANG, PROGRAM, FINDS),
	R("-resource-dir", SEP, CLANG, PROGRAM, FINDS),
	R("-resource-dir=", JOINED, CLANG, PROGRAM, FINDS),
	R("--driver-mode=", JOINED, CLANG, PROGRAM,
	    "makes another program of the driver"),
	R("-ccc-", JOINED, CLANG, PROGRAM, "is for testing the driver"),
	R("-ccc-gcc-name", SEP, CLANG, PROGRAM, FINDS),
	R("-ccc-install-dir", SEP, CLANG, PROGRAM, FINDS),
	R("-cc1", JOINED, CLANG, PROGRAM, "is not the driver"),
	R("--config", JOS, BOTH, CONFIG, "reads options from a file"),
	R("-config", JOINED, BOTH, CONFIG, "reads options from a file"),
	R("--no-default-config", EXACT, CLANG, CONFIG,
	    "is about files of options"),
	R("-fmodule-mapper=", JOINED, GCC, MODULES,
	    "starts a program or opens a connection"),
	R("-time=", JOINED, GCC, SIDE_OUTPUT, "writes a file"),
	R("-time", EXACT, GCC, SIDE_OUTPUT, "writes the time of each program"),
	R("-frepo", EXACT, GCC, COMPARE, "compiles again at link time"),
	R("-fcompare-debug", JOINED, GCC, COMPARE, "compiles twice"),

	/* Raw access to the programs behind the driver. */
	X("-Wa,", JOINED, BOTH, ASSEMBLER, ASSEMBLER,
	    "is not an assembler option known to be harmless"),
	X("-Xassembler", SEP, BOTH, ASSEMBLER_WORD, ASSEMBLER,
	    "is not an assembler option known to be harmless"),
	X("-Xclang", SEP, CLANG, CC1, INNER,
	    "is not an option of clang -cc1 known to be harmless"),
	X("-Xclang=", JOINED, CLANG, CC1, INNER,
	    "is not an option of clang -cc1 known to be harmless"),
	X("-mllvm", SEP, CLANG, LLVM, INNER,
	    "is not an option of LLVM known to be harmless"),
	X("-mllvm=", JOINED, CLANG, LLVM, INNER,
	    "is not an option of LLVM known to be harmless"),
	R("-mmlir", SEP, CLANG, INNER, "speaks to MLIR"),
	/* distcc 3.4 strips "-DX" behind it and leaves it dangling, so that it
	 * would swallow the word that follows (wire-protocol.md section 0). */
	R("-Xpreprocessor", SEP, BOTH, PREPROCESSOR,
	    "reaches past the compiler"),
	ROW("-Wp,", JOINED, BOTH, STRIP, REFUSE, PREPROCESSOR,
	    "reaches past the compiler"),
	R("-Xarch_", JOINED, CLANG, INNER, "hides another option"),
	R("-Xarch_host", SEP, CLANG, INNER, "hides another option"),
	R("-Xarch_device", SEP, CLANG, INNER, "hides another option"),
	R("-Xanalyzer", SEP, CLANG, INNER, "speaks to the analyzer"),
	R("-Xcuda-fatbinary", SEP, CLANG, OFFLOAD, OTHER),
	R("-Xcuda-ptxas", SEP, CLANG, OFFLOAD, OTHER),
	R("-Xopenmp-target", JOINED, CLANG, OFFLOAD, OTHER),

	R("-foffload=", JOINED, BOTH, OFFLOAD, OTHER),
	K("-foffload=disable", EXACT, GCC, "no offload compiler"),
	R("-foffload-options=", JOINED, GCC, OFFLOAD, OTHER),
	R("-fopenmp-targets=", JOINED, CLANG, OFFLOAD, OTHER),
	R("-fembed-offload-object=", JOINED, CLANG, OFFLOAD,
	    "puts a file into the object"),
	R("--offload", JOINED, CLANG, OFFLOAD, OTHER),
	R("--cuda-", JOINED, CLANG, OFFLOAD, OTHER),
	R("--hip-", JOINED, CLANG, OFFLOAD, OTHER),
	R("--rocm-", JOINED, CLANG, OFFLOAD, OTHER),
	R("--libomptarget-", JOINED, CLANG, OFFLOAD, OTHER),
	R("--ptxas-path=", JOINED, CLANG, OFFLOAD, OTHER),
};
/* clang-format on */

const size_t option_rows_program_n =
    sizeof(option_rows_program) / sizeof(option_rows_program[0]);
