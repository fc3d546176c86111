/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMMURE_SECONDS_H
#define IMMURE_SECONDS_H

#include <stdlib.h>

/* A number of seconds of 1..3600, decimal and nothing else; 0: it is none. */
static inline unsigned
seconds(const char *word)
{
	char *end;
	unsigned long n;

	if (word[0] < '0' || word[0] > '9')
		return 0;
	n = strtoul(word, &end, 10);
	return *end == '\0' && n <= 3600 ? (unsigned)n : 0;
}

#endif
