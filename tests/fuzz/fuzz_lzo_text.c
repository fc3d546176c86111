/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input is a text, repeated as often as its first two bytes say so that
 * long runs are reached from small files.  What lzo_text() makes of it liblzo2
 * must decode to the same.
 */
#include "fuzz.h"
#include "node/wire/lzo_text.h"

#include <lzo/lzo1x.h>
#include <string.h>

#define TEXT_MAX (1U << 20)

static void
check(const uint8_t *text, size_t n)
{
	size_t bound = lzo_text_bound(n), len;
	uint8_t *block = malloc(bound), *back = malloc(n + 1);
	lzo_uint got = n;

	MUST(block != NULL && back != NULL);
	len = lzo_text(block, text, n);
	MUST(len <= bound);
	MUST((len == 0) == (n == 0));
	if (n != 0) {
		MUST(lzo1x_decompress_safe(block, len, back, &got, NULL) ==
		     LZO_E_OK);
		MUST(got == n && memcmp(back, text, n) == 0);
	}
	free(block);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t times, n, i;
	uint8_t *text;

	if (size < 2)
		return 0;
	times = (size_t)data[0] + ((size_t)data[1] << 8) + 1;
	data += 2;
	size -= 2;
	n = size * times;
	if (n > TEXT_MAX)
		n = TEXT_MAX;
	text = malloc(n + 1);
	MUST(text != NULL);
	for (i = 0; i < n; i++)
		text[i] = data[i % size];
	check(text, n);
	free(text);
	return 0;
}
