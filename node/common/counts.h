/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often each reason came up since a role began: of what was refused, closed
 * or killed, limits and all others, also where the record says only how many
 * were too many for it.  For operators: event limits.counts.  Pure.
 */
#ifndef IMMURE_COUNTS_H
#define IMMURE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* More than there are words; what is beyond would be counted as the last. */
#define COUNTS_MAX 256U
#define COUNTS_WORD 48U
/* Told so often, at most. */
#define COUNTS_TELL_US (60U * 1000U * 1000U)

struct counts { /* all zero to begin with */
	struct {
		const char *word; /* borrowed: a constant */
		uint64_t n, told;
	} v[COUNTS_MAX];
	unsigned used;
	uint64_t told_us;
};

/* One, for who wants them all: of fixed length, so that it can cross a
 * message. */
struct count {
	char word[COUNTS_WORD];
	uint64_t n;
};

/* One more for the reason @word, a constant; "" and NULL are none. */
void counts_add(struct counts *c, const char *word);

uint64_t counts_of(const struct counts *c, const char *word);

/* The first @room of them into @out; how many. */
unsigned counts_fill(const struct counts *c, struct count *out, unsigned room);

/* ms from @now_us until those that changed are to be told: a minute after the
 * last time; 0 = now, -1 = none has changed. */
int counts_next_ms(const struct counts *c, uint64_t now_us);

/* "word 3, word 1" of such as have changed since they were last told, as many
 * as fit into @out; false: there were none.  Call it until then. */
bool counts_text(struct counts *c, uint64_t now_us, char *out, unsigned room);

#endif
