/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that end before a front has them, each with its reason: of one
 * client so many a second, and of each reason so many (security-rules 22).  A
 * stranger that knocks all day must neither fill the log nor hide who else
 * knocks.  What was too much is counted, and the count is told: by client, as
 * long as there are no more of these at a time than the table holds.
 */
#include "monitor.h"
#include "../common/counts.h"
#include <string.h>
#include <syslog.h>

#define SECOND_MS 1000

/* By the stable word; a constant string. */
static struct denied {
	const char *word; /* NULL = free */
	struct rate rate;
} denied[8];

#define DENIED (sizeof(denied) / sizeof(denied[0]))

static struct counts counts;

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

/* Who was denied lately, and for what. */
static struct caller {
	const char *word; /* NULL = free */
	struct peer peer;
	struct rate rate;
} callers[64];

#define CALLERS (sizeof(callers) / sizeof(callers[0]))

/* NULL: there are too many at a time. */
static struct caller *
caller_of(const struct peer *p, const char *word, uint64_t now)
{
	struct caller *c, *unused = NULL;

	for (size_t i = 0; i < CALLERS; i++) {
		c = &callers[i];
		if (c->word != NULL && strcmp(c->word, word) == 0 &&
		    peer_same_client(&c->peer, p))
			return c;
		if (c->word == NULL ||
		    (c->rate.lost == 0 && rate_is_over(&c->rate, now)))
			unused = c;
	}
	if (unused != NULL)
		*unused = (struct caller){ .word = word, .peer = *p };
	return unused;
}

static void
tell_lost(struct monitor *m, struct denied *d)
{
	uint32_t lost = rate_lost(&d->rate);

	if (lost > 0)
		monitor_log(m, LOG_WARNING, NULL, d->word,
		    "%u more like the last were not recorded", lost);
}

static void
tell_caller(struct monitor *m, struct caller *c)
{
	uint32_t lost = rate_lost(&c->rate);

	if (lost > 0)
		monitor_log(m, LOG_WARNING, &c->peer, c->word,
		    "%u more of this client's were not recorded", lost);
}

void
clients_log_denied(struct monitor *m, const struct peer *p, const char *word,
    const char *text)
{
	uint64_t now = now_us();
	struct denied *d = denied_of(word);
	struct caller *c = p == NULL ? NULL : caller_of(p, word, now);

	counts_add(&counts, word); /* also what is too much for the log */
	if (c != NULL) {
		if (rate_is_over(&c->rate, now))
			tell_caller(m, c);
		if (!rate_take(&c->rate, LIMIT_DENIED_CLIENT_EVENTS, now))
			return;
	}
	if (!rate_take(&d->rate, LIMIT_DENIED_EVENTS, now)) {
		if (c != NULL) { /* to be told by name */
			c->rate.lost++;
			d->rate.lost--;
		}
		return;
	}
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
	for (size_t i = 0; i < CALLERS; i++)
		if (rate_is_over(&callers[i].rate, now))
			tell_caller(m, &callers[i]);
	if (counts_next_ms(&counts, now) == 0)
		denied_counts(m);
}

void
denied_counts(struct monitor *m)
{
	char text[sizeof(((struct imsg_audit_event *)0)->text)];

	while (counts_text(&counts, now_us(), text, sizeof(text)))
		monitor_log(m, LOG_NOTICE, NULL, "limits.counts", "%s", text);
}

int
denied_next_ms(void)
{
	for (size_t i = 0; i < DENIED && denied[i].word != NULL; i++)
		if (denied[i].rate.lost > 0)
			return SECOND_MS;
	for (size_t i = 0; i < CALLERS; i++)
		if (callers[i].rate.lost > 0)
			return SECOND_MS;
	return counts_next_ms(&counts, now_us());
}
