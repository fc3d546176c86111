/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file's form: see checked.h.  Pure. */
#include "checked.h"
#include <string.h>

static const char mark[CHECKED_MARK] = "immure checked1";

void
checked_parse(struct checked *c, const uint8_t *buf, size_t len)
{
	static const uint8_t none[CHECKED_HASH];

	c->n = 0;
	c->changed = false;
	if (len < CHECKED_MARK || memcmp(buf, mark, CHECKED_MARK) != 0)
		return;
	for (size_t at = CHECKED_MARK; c->n < CHECKED_MAX &&
	     len - at >= CHECKED_HASH; at += CHECKED_HASH)
		if (memcmp(buf + at, none, CHECKED_HASH) != 0)
			memcpy(c->hash[c->n++], buf + at, CHECKED_HASH);
}

void
checked_format(const struct checked *c, uint8_t buf[CHECKED_BYTES])
{
	memset(buf, 0, CHECKED_BYTES);
	memcpy(buf, mark, CHECKED_MARK);
	memcpy(buf + CHECKED_MARK, c->hash, c->n * (size_t)CHECKED_HASH);
}
