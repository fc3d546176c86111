/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of earlier self-checks: whatever it holds, what is read fits, and
 * what is written is read as the same. */
#include "fuzz.h"
#include "node/imager/checked.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct checked c, again;
	static uint8_t buf[CHECKED_BYTES];

	checked_parse(&c, data, size);
	MUST(c.n <= CHECKED_MAX);
	checked_format(&c, buf);
	checked_parse(&again, buf, sizeof(buf));
	MUST(again.n == c.n);
	MUST(memcmp(again.hash, c.hash, c.n * (size_t)CHECKED_HASH) == 0);
	return 0;
}
