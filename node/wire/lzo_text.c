/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LZO1X blocks of literals only (lzo_text.h, wire-protocol §1.7): the length
 * of one run, the run, the end marker.
 */
#include "lzo_text.h"

#include <string.h>

#define SHORT_RUN  238U /* longest whose length fits into the first byte */
#define SHORT_BASE 17U	/* first byte = 17 + length */
#define LONG_BASE  18U	/* first byte 0: length - 18 follows, in 255s */

static const uint8_t end_marker[LZO_TEXT_END] = { 0x11, 0, 0 };

size_t
lzo_text_bound(size_t n)
{
	/* First byte, the 255s, the rest of the length; the text; the end. */
	return 1 + n / 255 + 1 + n + sizeof(end_marker);
}

/* The bytes that say "@n literals"; returns how many. */
static size_t
put_run_length(uint8_t *out, size_t n)
{
	size_t at = 0, rest;

	if (n <= SHORT_RUN) {
		out[at++] = (uint8_t)(SHORT_BASE + n);
		return at;
	}
	out[at++] = 0;
	/* The last byte is 1..255: a zero there would mean that more come. */
	for (rest = n - LONG_BASE; rest > 255; rest -= 255)
		out[at++] = 0;
	out[at++] = (uint8_t)rest;
	return at;
}

size_t
lzo_text(uint8_t *out, const void *text, size_t n)
{
	size_t at;

	if (n == 0)
		return 0;
	at = put_run_length(out, n);
	memcpy(out + at, text, n);
	at += n;
	memcpy(out + at, end_marker, sizeof(end_marker));
	return at + sizeof(end_marker);
}
