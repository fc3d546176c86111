/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of limits, and what is done with all of it; see limit_rows.h. */
#include "limit_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct limit_row limit_rows[] = {
#define LIMIT_ROW(field, key, unit, built_in, least, most, reloads, word, why) \
	{ #field, key, unit, built_in, least, most, reloads, word, why,        \
		offsetof(struct limits, field) },
	LIMIT_ROWS(LIMIT_ROW)
#undef LIMIT_ROW
};

const struct limits limits_built_in = {
#define LIMIT_ROW(field, key, unit, built_in, ...) .field = (built_in),
	LIMIT_ROWS(LIMIT_ROW)
#undef LIMIT_ROW
};

const struct limits limits_most = {
#define LIMIT_ROW(field, key, unit, built_in, least, most, ...)                \
	.field = (most),
	LIMIT_ROWS(LIMIT_ROW)
#undef LIMIT_ROW
};

uint64_t
limit_get(const struct limits *l, const struct limit_row *r)
{
	uint64_t v;

	memcpy(&v, (const char *)l + r->at, sizeof(v));
	return v;
}

void
limit_put(struct limits *l, const struct limit_row *r, uint64_t v)
{
	memcpy((char *)l + r->at, &v, sizeof(v));
}

static void
at_most(uint64_t *v, uint64_t most)
{
	if (*v > most)
		*v = most < MIB ? MIB : most;
}

void
limits_for(struct limits *l, uint64_t ram)
{
	*l = limits_built_in;
	if (ram == 0)
		return;
	/* The rest is for jobs, which need more than what they are sent. */
	at_most(&l->budget, ram / 4);
	at_most(&l->client_budget, ram / 8);
	at_most(&l->site_budget, ram / 16 * 3);
	at_most(&l->memory, ram / 4 * 3 - l->budget);
	if (l->memory < LIMIT_MEMORY_LEAST)
		l->memory = LIMIT_MEMORY_LEAST;
	at_most(&l->memory_free, ram / 16);
}

bool
limits_are_valid(const struct limits *l)
{
	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		uint64_t v = limit_get(l, &limit_rows[i]);

		if (v < limit_rows[i].least || v > limit_rows[i].most)
			return false;
	}
	return true;
}

void
limits_print(const struct limits *l, char *out, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < LIMITS_COUNT && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%llu",
		    i > 0 ? "," : "",
		    (unsigned long long)limit_get(l, &limit_rows[i]));
}

/* Digits alone, at most 19 of them: no sign, and nothing that wraps. */
static int
scan_one(const char **at, uint64_t *ret)
{
	size_t digits = strspn(*at, "0123456789");

	if (digits == 0 || digits > 19)
		return -EINVAL;
	*ret = 0;
	for (size_t i = 0; i < digits; i++)
		*ret = *ret * 10 + (uint64_t)((*at)[i] - '0');
	*at += digits;
	return 0;
}

int
limits_scan(struct limits *l, const char *word)
{
	struct limits got = { 0 };
	uint64_t v;

	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		if (i > 0 && *word++ != ',')
			return -EINVAL;
		if (scan_one(&word, &v) != 0)
			return -EINVAL;
		limit_put(&got, &limit_rows[i], v);
	}
	if (*word != '\0' || !limits_are_valid(&got))
		return -EINVAL;
	*l = got;
	return 0;
}
