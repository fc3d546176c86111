/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Languages by suffix and by name.  Pure. */
#include "language.h"
#include <string.h>

enum { C, CXX, OBJC, OBJCXX };

/* clang-format off */
static const struct language languages[] = {
	[C] = { "c", "cpp-output", "i" },
	[CXX] = { "c++", "c++-cpp-output", "ii" },
	[OBJC] = { "objective-c", "objective-c-cpp-output", "mi" },
	[OBJCXX] = { "objective-c++", "objective-c++-cpp-output", "mii" },
};

/* Older names of the same (gcc and clang take both). */
static const struct {
	const char *name;
	int lang;
} old_names[] = {
	{ "objc-cpp-output", OBJC },
	{ "objc++-cpp-output", OBJCXX },
};

/* Those on which gcc and clang agree (gcc(1) "file.", clang Types.cpp). */
static const struct {
	const char *suffix;
	int lang;
} suffixes[] = {
	{ "c", C }, { "i", C },
	{ "cc", CXX }, { "cp", CXX }, { "cxx", CXX }, { "cpp", CXX },
	{ "CPP", CXX }, { "c++", CXX }, { "C", CXX }, { "ii", CXX },
	{ "m", OBJC }, { "mi", OBJC },
	{ "mm", OBJCXX }, { "M", OBJCXX }, { "mii", OBJCXX },
};
/* clang-format on */

const struct language *
language_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strcmp(name, languages[i].name) == 0 ||
		    strcmp(name, languages[i].output) == 0)
			return &languages[i];
	for (i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++)
		if (strcmp(name, old_names[i].name) == 0)
			return &languages[old_names[i].lang];
	return NULL;
}

size_t
language_stem(const char *path, const char **base)
{
	const char *slash = strrchr(path, '/');
	const char *dot;

	*base = slash == NULL ? path : slash + 1;
	dot = strrchr(*base, '.');
	return dot == NULL ? strlen(*base) : (size_t)(dot - *base);
}

const struct language *
language_by_suffix(const char *path)
{
	const char *base;
	size_t stem = language_stem(path, &base);
	size_t i;

	/* ".c" is no C source to gcc: a suffix needs something before it. */
	if (stem == 0 || base[stem] == '\0')
		return NULL;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(base + stem + 1, suffixes[i].suffix) == 0)
			return &languages[suffixes[i].lang];
	return NULL;
}

int
language_input_name(char *name, size_t size, const char *path,
    const struct language *lang)
{
	const char *base;
	size_t stem = language_stem(path, &base);
	size_t suffix = strlen(lang->suffix);

	if (stem == 0) /* "-x c .profile": a dot file is all stem */
		stem = strlen(base);
	if (stem == 0 || stem + 1 + suffix >= size)
		return -1;
	memcpy(name, base, stem);
	name[stem] = '.';
	memcpy(name + stem + 1, lang->suffix, suffix + 1);
	/* Behind a directory these were a name; alone they are an option or a
	 * response file. */
	if (name[0] == '-' || name[0] == '@')
		name[0] = '_';
	return 0;
}
