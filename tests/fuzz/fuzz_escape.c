/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: a byte that chooses kind and room, then the text.  What comes out
 * must be printable, must be valid UTF-8 where it is not ASCII, and, when
 * nothing was cut, must give the input back.
 */
#include "fuzz.h"
#include <node/auditor/escape.h>

#include <stdbool.h>
#include <string.h>

static unsigned
hex(const char **p, unsigned max)
{
	unsigned v = 0;

	for (unsigned i = 0; i < max && **p != '}'; i++, ++*p)
		v = v * 16 + (unsigned)(**p <= '9' ? **p - '0' : **p - 'a' + 10);
	return v;
}

static size_t
encode(unsigned c, char *out)
{
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Undo the escapes of @in into @out; its length. */
static size_t
restore(const char *in, char *out)
{
	size_t n = 0;

	while (*in != '\0') {
		if (*in != '\\') {
			out[n++] = *in++;
		} else if (in[1] == '\\') {
			out[n++] = '\\';
			in += 2;
		} else if (in[1] == 'x') {
			in += 2;
			out[n++] = (char)hex(&in, 2);
		} else {
			MUST(in[1] == 'u' && in[2] == '{');
			in += 3;
			n += encode(hex(&in, 6), out + n);
			MUST(*in++ == '}');
		}
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum escape_kind kind;
	char *out, *back;
	size_t room, n;

	if (size < 1 || size > 4096)
		return 0;
	kind = (data[0] & 1) != 0 ? ESCAPE_WORD : ESCAPE_TEXT;
	room = (data[0] & 2) != 0 ? ESCAPE_ROOM(size) : 1U + (data[0] >> 2);
	data++;
	size--;
	out = malloc(room);
	back = malloc(room);
	MUST(out != NULL && back != NULL);
	n = escape(out, room, (const char *)data, size, kind);
	MUST(n < room && n == strlen(out));
	for (size_t i = 0; i < n; i++) {
		MUST((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
		MUST(kind != ESCAPE_WORD || out[i] != ' ');
	}
	if (room >= ESCAPE_ROOM(size) && size > 0) {
		MUST(restore(out, back) == size);
		MUST(memcmp(back, data, size) == 0);
	}
	free(out);
	free(back);
	return 0;
}
