/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names under which compilers are looked for, and scripts that are known
 * to be one with an option.  Pure. */
#ifndef IMMURE_COMPILER_NAME_H
#define IMMURE_COMPILER_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum compiler_base {
	BASE_NONE = 0, /* not a compiler's name */
	BASE_CC,       /* cc, c++, c89, c99: whatever stands behind it */
	BASE_GCC,
	BASE_GXX,
	BASE_CLANG,
	BASE_CLANGXX
};

struct compiler_name {
	enum compiler_base base;
	char triple[64]; /* "x86_64-linux-gnu", or "" */
	char version[32]; /* "12", "4.9", or "" */
};

/* Take @name apart; false (base BASE_NONE) when it names no compiler. */
bool compiler_name_parse(struct compiler_name *n, const char *name);

/* True for programs that stand in a compiler's place without being one
 * (distcc, ccache and their kind); @name is a file's last component. */
bool compiler_name_is_wrapper(const char *name);

/*
 * The option that the script @text (@len bytes) puts before all others when it
 * is, apart from comments and layout, Debian's c89-gcc or c99-gcc, which end in
 * `exec gcc`; NULL for any other script.
 */
const char *compiler_script_option(const char *text, size_t len);

#endif
