/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that end before a front has them, each with its reason, and each
 * reason so many times a second: a stranger that knocks all day must not fill
 * the log.  What was too much is counted, and the count is told.
 */
#include "monitor.h"
#include <string.h>
#include <syslog.h>

#define SECOND_US 1000000U

/* By the stable word; a constant string. */
static struct denied {
	const char *word; /* NULL = free */
	struct rate rate;
} denied[8];

#define DENIED (sizeof(denied) / sizeof(denied[0]))

static struct denied *
denied_of(const char *word)
{
	size_t i = 0;

	while (i < DENIED - 1 && denied[i].word != NULL &&
	    strcmp(denied[i].word, word) != 0)
		i++;
	if (denied[i].word == NULL)
		denied[i].word = word;
	return &denied[i];
}

static void
tell_lost(struct monitor *m, struct denied *d)
{
	uint32_t lost = rate_lost(&d->rate);

	if (lost > 0)
		monitor_log(m, LOG_WARNING, NULL, d->word,
		    "%u more like the last were not recorded", lost);
}

void
clients_log_denied(struct monitor *m, const struct peer *p, const char *word,
    const char *text)
{
	struct denied *d = denied_of(word);

	if (!rate_take(&d->rate, LIMIT_DENIED_EVENTS, now_us()))
		return;
	tell_lost(m, d);
	monitor_log(m, LOG_WARNING, p, word, "%s", text);
}

void
denied_tell(struct monitor *m)
{
	uint64_t now = now_us();

	for (size_t i = 0; i < DENIED && denied[i].word != NULL; i++)
		if (rate_is_over(&denied[i].rate, now))
			tell_lost(m, &denied[i]);
}

int
denied_next_ms(void)
{
	for (size_t i = 0; i < DENIED && denied[i].word != NULL; i++)
		if (denied[i].rate.lost > 0)
			return SECOND_US / 1000;
	return -1;
}
