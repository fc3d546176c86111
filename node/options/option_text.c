/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded, escaped text.  Trusts nothing of a word but its NUL. */
#include "option_text.h"
#include <string.h>

#define WORD_SHOWN 96 /* bytes of a client's word that are worth showing */

void
option_text_add(char *buf, size_t size, const char *s)
{
	size_t have = strnlen(buf, size - 1);
	size_t len = strnlen(s, size - 1 - have);

	memcpy(buf + have, s, len);
	buf[have + len] = '\0';
}

static void
add_byte(char *buf, size_t size, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	char one[5] = { (char)byte, '\0' };

	if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') {
		one[0] = '\\';
		one[1] = 'x';
		one[2] = hex[byte >> 4];
		one[3] = hex[byte & 15];
		one[4] = '\0';
	}
	option_text_add(buf, size, one);
}

void
option_text_word(char *buf, size_t size, const char *word)
{
	size_t i;

	option_text_add(buf, size, "\"");
	for (i = 0; i < WORD_SHOWN && word[i] != '\0'; i++)
		add_byte(buf, size, (unsigned char)word[i]);
	option_text_add(buf, size, word[i] == '\0' ? "\"" : "...\"");
}
