/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linker's options: no linker runs for -c, and they open nothing.  They
 * are here for their arguments, which would pass for inputs otherwise.  Kept,
 * because gcc records some of them (-fuse-ld=) and clang warns about them.
 */
#include "option_rows.h"

#define LINKER "the linker's; none runs"
#define T(name, match, fam) K(name, match, fam, LINKER)

/* clang-format off */
const struct option_row option_rows_link[] = {
	T("-Wl,", JOINED, BOTH),
	T("-Xlinker", SEP, BOTH),
	T("-l", JOS, BOTH),
	T("-L", JOS, BOTH),
	T("-T", JOS, BOTH),
	T("-Tbss", JOS, BOTH),
	T("-Tdata", JOS, BOTH),
	T("-Ttext", JOS, BOTH),
	T("-e", JOS, BOTH),
	T("-u", JOS, BOTH),
	T("-z", JOS, BOTH),
	T("-h", JOS, GCC),
	T("-R", JOS, GCC),
	T("-fuse-ld=", JOINED, BOTH),
	T("--ld-path=", JOINED, CLANG),
	T("-rpath", SEP, CLANG),
	T("-framework", SEP, CLANG),
	T("-weak_framework", SEP, CLANG),
	T("-weak_library", SEP, CLANG),
	T("-dylib_file", SEP, CLANG),
	T("-install_name", SEP, CLANG),
	T("-current_version", SEP, CLANG),
	T("-compatibility_version", SEP, CLANG),
	T("-bundle_loader", SEP, CLANG),
	T("-image_base", SEP, CLANG),
	T("-init", SEP, CLANG),
	T("-undefined", SEP, CLANG),
	T("-umbrella", SEP, CLANG),
	T("-dsym-dir", JOS, CLANG),
};
/* clang-format on */

const size_t option_rows_link_n =
    sizeof(option_rows_link) / sizeof(option_rows_link[0]);
