/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `cc -v -E -x LANG -` prints on stderr, in gcc's and clang's form.
 * Pure; the text comes from a jailed compiler and is not trusted. */
#ifndef IMMURE_COMPILER_SAYS_H
#define IMMURE_COMPILER_SAYS_H

#include <node/toolchain/table.h>

#define SAYS_DIRS_MAX 24

struct compiler_says {
	enum toolchain_family family;
	char version[64];
	char machine[64];
	char title[128]; /* "gcc (Debian 12.2.0-14) 12.2.0", as --version */
	/* The include directories as printed, absolute and shorter than 512,
	 * but perhaps with ".." in them. */
	char dirs[SAYS_DIRS_MAX][512];
	size_t ndirs;
};

/* 0; -EPROTO: neither of the two, or nonsense. */
int compiler_says_parse(struct compiler_says *s, const char *text, size_t len);

/* @text's first line as a plain absolute path or word of printable characters
 * (-print-prog-name, -dumpmachine); 0 or -EPROTO. */
int compiler_says_line(const char *text, size_t len, char *ret, size_t room);

/* Of messages, the line that says what is wrong: the first with "error: " (or
 * ld.so's "error while"), or the first; what is not printable becomes "?".  As much as fits. */
void compiler_says_error(const char *text, size_t len, char *ret, size_t room);

/*
 * Resolve "." and ".." of absolute @path by its text alone.  The directories
 * that ".." left behind matter too (a path is walked component by component):
 * @passed, if given, is called for each.  0 or -EINVAL.
 */
int path_plain(const char *path, char *ret, size_t room,
    void (*passed)(void *ctx, const char *dir), void *ctx);

#endif
