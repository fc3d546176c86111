/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for people in a buffer of fixed size: what does not fit is cut, and a
 * client's word can neither break a line nor move a terminal's cursor.
 */
#ifndef IMMURE_OPTIONS_TEXT_H
#define IMMURE_OPTIONS_TEXT_H

#include <stddef.h>

/* Append @s to NUL-terminated @buf of @size bytes; cut, never fails. */
void option_text_add(char *buf, size_t size, const char *s);

/* The same for a client's word: in quotes, escaped, at most 96 bytes of it. */
void option_text_word(char *buf, size_t size, const char *word);

#endif
