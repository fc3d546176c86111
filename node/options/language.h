/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Languages of inputs: by the suffix of a name or by -x.  Four of them, before
 * and after the preprocessor.
 */
#ifndef IMMURE_OPTIONS_LANGUAGE_H
#define IMMURE_OPTIONS_LANGUAGE_H

#include "../toolchain/table.h"
#include <stddef.h>

struct language {
	const char *name;   /* for -x, before the preprocessor */
	const char *output; /* for -x, after it: same word in gcc and clang */
	const char *suffix; /* of a preprocessed file, without the dot */
};

/* By a value of -x, either form or its alias; NULL: not compiled here. */
const struct language *language_by_name(const char *name);

/* By the suffix of a file's name; NULL: none that is compiled here. */
const struct language *language_by_suffix(const char *path);

/*
 * The name to unpack the preprocessed text of @path as: its last component
 * with the suffix of @lang.  0, or -1 when it does not fit.
 */
int language_input_name(char *name, size_t size, const char *path,
    const struct language *lang);

/* Length of @path's last component without suffix; *base: where it starts. */
size_t language_stem(const char *path, const char **base);

#endif
