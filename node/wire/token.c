/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token headers (token.h).  Pure; looks at twelve bytes and no more. */
#include "token.h"

#include <string.h>

/* The digit's value, or 16. */
static uint32_t
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (uint32_t)(c - 'A' + 10);
	return 16;
}

bool
token_value(const uint8_t tok[WIRE_TOKEN], uint32_t *value)
{
	uint32_t v = 0, d;
	int i;

	for (i = 4; i < WIRE_TOKEN; i++) {
		d = hex_digit(tok[i]);
		if (d > 15)
			return false;
		v = v << 4 | d;
	}
	*value = v;
	return true;
}

bool
token_is(const uint8_t tok[WIRE_TOKEN], const char *name)
{
	return memcmp(tok, name, 4) == 0;
}
