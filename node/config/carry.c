/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reload leaves as it is. */
#include "settings.h"
#include "setting.h"

#include <string.h>

/* Longest value of a setting that no reload applies. */
#define SHOWN_MAX 16384

static bool
same(const struct cmdline *a, const struct cmdline *b, const struct setting *s)
{
	static char of_a[SHOWN_MAX], of_b[SHOWN_MAX];

	setting_show(a, s, of_a, sizeof(of_a));
	setting_show(b, s, of_b, sizeof(of_b));
	return strcmp(of_a, of_b) == 0;
}

/* The @n words at @at, which another struct cmdline may own, for @c to keep. */
static int
keep_words(struct cmdline *c, const char **at, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (at[i] == NULL)
			continue;
		at[i] = setting_keep(c, at[i]);
		if (at[i] == NULL)
			return -1;
	}
	return 0;
}

static int
copy(struct cmdline *to, const struct cmdline *from, const struct setting *s)
{
	const char **words = (const char **)(void *)((char *)to + s->at);
	unsigned n = 0;

	memcpy((char *)to + s->at, (const char *)from + s->at, s->size);
	*setting_origin(to, s) = from->origins[setting_first(s) - settings];
	if (s->kind == KIND_PATH || s->kind == KIND_TEXT ||
	    s->kind == KIND_CGROUP)
		return keep_words(to, words, 1);
	if (s->kind != KIND_TEXTS && s->kind != KIND_PATHS)
		return 0;
	memcpy(&n, (const char *)from + s->count_at, sizeof(n));
	memcpy((char *)to + s->count_at, &n, sizeof(n));
	return keep_words(to, words, n);
}

int
settings_carry(struct cmdline *to, const struct cmdline *from,
    const char **changed, unsigned room)
{
	unsigned n = 0;

	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		if (s->size == 0 || setting_first(s) != s ||
		    (s->flags & (SETTING_RELOADS | SETTING_CMDLINE_ONLY)) != 0)
			continue;
		if (!same(to, from, s) && n < room)
			changed[n++] = s->name;
		if (copy(to, from, s) != 0)
			return -1;
	}
	to->has_oom_score_adj = from->has_oom_score_adj;
	return (int)n;
}
