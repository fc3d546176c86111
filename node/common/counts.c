/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters by reason; see counts.h. */
#include "counts.h"

#include <stdio.h>
#include <string.h>

void
counts_add(struct counts *c, const char *word)
{
	unsigned i = 0;

	if (word == NULL || word[0] == '\0')
		return;
	while (i < c->used && c->v[i].word != word &&
	    strcmp(c->v[i].word, word) != 0)
		i++;
	if (i == COUNTS_MAX)
		i--;
	if (i == c->used) {
		c->v[i].word = word;
		c->used++;
	}
	c->v[i].n++;
}

uint64_t
counts_of(const struct counts *c, const char *word)
{
	for (unsigned i = 0; i < c->used; i++)
		if (strcmp(c->v[i].word, word) == 0)
			return c->v[i].n;
	return 0;
}

unsigned
counts_fill(const struct counts *c, struct count *out, unsigned room)
{
	unsigned i;

	for (i = 0; i < c->used && i < room; i++) {
		memset(&out[i], 0, sizeof(out[i]));
		(void)snprintf(out[i].word, sizeof(out[i].word), "%s",
		    c->v[i].word);
		out[i].n = c->v[i].n;
	}
	return i;
}

int
counts_next_ms(const struct counts *c, uint64_t now_us)
{
	uint64_t since = now_us - c->told_us;
	unsigned i = 0;

	while (i < c->used && c->v[i].n == c->v[i].told)
		i++;
	if (i == c->used)
		return -1;
	return since >= COUNTS_TELL_US ? 0 :
	    (int)((COUNTS_TELL_US - since + 999) / 1000);
}

bool
counts_text(struct counts *c, uint64_t now_us, char *out, unsigned room)
{
	unsigned at = 0;
	char one[COUNTS_WORD + 24];

	out[0] = '\0';
	c->told_us = now_us;
	for (unsigned i = 0; i < c->used; i++) {
		int n;

		if (c->v[i].n == c->v[i].told)
			continue;
		n = snprintf(one, sizeof(one), "%s%.47s %llu",
		    at > 0 ? ", " : "", c->v[i].word,
		    (unsigned long long)c->v[i].n);
		if (n < 0 || at + (unsigned)n >= room)
			break;
		memcpy(out + at, one, (unsigned)n + 1);
		at += (unsigned)n;
		c->v[i].told = c->v[i].n;
	}
	return at > 0;
}
