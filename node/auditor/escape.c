/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/*
 * Unicode 15: general categories Cc, Cf, Zl, Zp, Co, Cn's noncharacters,
 * Default_Ignorable_Code_Point.  Ascending.
 */
/* clang-format off */
static const struct range hidden[] = {
	{ 0x80, 0x9f },     /* C1 controls: 0x9b is CSI on some terminals */
	{ 0xad, 0xad },     /* soft hyphen */
	{ 0x34f, 0x34f },   /* grapheme joiner */
	{ 0x600, 0x605 },   /* Arabic number signs: they enclose */
	{ 0x61c, 0x61c },   /* Arabic letter mark: direction */
	{ 0x6dd, 0x6dd },   /* encloses */
	{ 0x70f, 0x70f },   /* Syriac abbreviation */
	{ 0x890, 0x891 },   /* Arabic marks: they enclose */
	{ 0x8e2, 0x8e2 },   /* encloses */
	{ 0x115f, 0x1160 }, /* Hangul fillers */
	{ 0x17b4, 0x17b5 }, /* Khmer inherent vowels */
	{ 0x180b, 0x180f }, /* Mongolian selectors */
	{ 0x200b, 0x200f }, /* zero width; direction */
	{ 0x2028, 0x202e }, /* line, paragraph; embeddings, overrides */
	{ 0x2060, 0x206f }, /* joiners, isolates */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xe000, 0xf8ff }, /* private use */
	{ 0xfdd0, 0xfdef }, /* noncharacters */
	{ 0xfe00, 0xfe0f }, /* variation selectors */
	{ 0xfeff, 0xfeff }, /* byte-order mark */
	{ 0xffa0, 0xffa0 }, /* Hangul filler */
	{ 0xfff0, 0xfffb }, /* interlinear annotation */
	{ 0xfffe, 0xffff }, /* noncharacters */
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, /* Kaithi: they enclose */
	{ 0x13430, 0x1345f }, /* hieroglyph joiners */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format */
	{ 0x1d173, 0x1d17a }, /* musical format */
	{ 0xe0000, 0x10ffff }, /* tags, selectors, private use */
};

/* Characters that look like a blank: they end a word for who reads it. */
static const struct range blanks[] = {
	{ 0x20, 0x20 }, { 0xa0, 0xa0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a },
	{ 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },
};
/* clang-format on */

static bool
in_ranges(const struct range *r, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n && r[i].first <= c; i++) {
		if (c <= r[i].last)
			return true;
	}
	return false;
}

/* What the first byte of a character says about its length; 0 = nothing. */
static size_t
utf8_length(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if ((lead & 0xe0) == 0xc0)
		return 2;
	if ((lead & 0xf0) == 0xe0)
		return 3;
	return (lead & 0xf8) == 0xf0 ? 4 : 0;
}

/*
 * The character at @in, 1..4 bytes; 0 when these are not well-formed UTF-8
 * (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 */
static size_t
decode(const uint8_t *in, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t lead = in[0];
	size_t n = utf8_length(lead);
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? lead : lead & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (in[i] & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

/* The bytes of one character, or its escape, in @piece; their number. */
static size_t
one(const uint8_t *in, size_t taken, uint32_t c, enum escape_kind kind,
    char piece[16])
{
	int n;

	if (taken == 0 || c < 0x20 || c == 0x7f ||
	    (kind == ESCAPE_WORD && c == ' '))
		n = snprintf(piece, 16, "\\x%02x", in[0]);
	else if (c == '\\')
		n = snprintf(piece, 16, "\\\\");
	else if (in_ranges(hidden, sizeof(hidden) / sizeof(hidden[0]), c) ||
		 (kind == ESCAPE_WORD &&
		     in_ranges(blanks, sizeof(blanks) / sizeof(blanks[0]), c)))
		n = snprintf(piece, 16, "\\u{%x}", (unsigned)c);
	else
		n = snprintf(piece, 16, "%.*s", (int)taken, (const char *)in);
	return (size_t)n;
}

static size_t
constant(char *out, size_t room, const char *text)
{
	size_t n = strlen(text);

	if (n >= room)
		n = 0;
	memcpy(out, text, n);
	out[n] = '\0';
	return n;
}

size_t
escape(
    char *out, size_t room, const char *in, size_t len, enum escape_kind kind)
{
	const uint8_t *at = (const uint8_t *)in;
	size_t used = 0;

	if (kind == ESCAPE_WORD && len == 0)
		return constant(out, room, "-");
	if (kind == ESCAPE_WORD && len == 1 && in[0] == '-')
		return constant(out, room, "\\x2d");
	while (len > 0) {
		char piece[16];
		uint32_t c = 0;
		size_t taken = decode(at, len, &c);
		size_t n = one(at, taken, c, kind, piece);

		if (n >= room - used)
			break;
		memcpy(out + used, piece, n);
		used += n;
		at += taken > 0 ? taken : 1;
		len -= taken > 0 ? taken : 1;
	}
	out[used] = '\0';
	return used;
}
