/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that one role may pass on for another to put into a file. */
#ifndef IMMURE_WORD_H
#define IMMURE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* @s, in a field of @size bytes, ends within it and is nothing but letters,
 * digits and "._+-"; the empty word is one. */
static inline bool
word_is_plain(const char *s, size_t size)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

	return memchr(s, '\0', size) != NULL && s[strspn(s, good)] == '\0';
}

#endif
