/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a connection ended that has no job of its own on record: in one line,
 * with what was wrong and where.  So many a second at most (security-rules 22).
 */
#include "broker.h"
#include "../common/limits.h"
#include "../common/rate.h"
#include "../wire/frame.h"
#include <stdio.h>
#include <syslog.h>

static const struct {
	const char *word; /* NULL: nothing to say */
	int level;
	const char *text;
} ends[OVER_COUNT] = {
	[OVER_ANSWERED] = { NULL, 0, NULL },
	[OVER_EMPTY] = { "conn.empty", LOG_DEBUG,
	    "closed before the first byte (a probe)" },
	[OVER_NO_SOURCE] = { "conn.no-source", LOG_INFO,
	    "closed before its source came (its preprocessor failed)" },
	[OVER_PROTOCOL] = { "conn.protocol", LOG_WARNING,
	    "what came is not the distcc protocol" },
	[OVER_TOO_BIG] = { "limit.request", LOG_WARNING,
	    "the request is over a limit" },
	[OVER_TIMEOUT] = { "limit.time", LOG_WARNING, NULL },
	[OVER_GONE] = { "conn.gone", LOG_INFO, "the client went away" },
	[OVER_NO_BUDGET] = { "limit.budget", LOG_WARNING,
	    "no memory left for it in the budget" },
	[OVER_PROMISED] = { "drip.committed", LOG_WARNING,
	    "its job failed after success had been promised to keep it "
	    "waiting; closed, so that it compiles elsewhere" },
	[OVER_CLOSED] = { "conn.closed", LOG_INFO,
	    "closed without an answer, so that the client goes elsewhere" },
	[OVER_SHED] = { "limit.shed", LOG_WARNING,
	    "ended as the slowest, to make room for others," },
	[OVER_DRAINED] = { "node.drain", LOG_INFO,
	    "the node ends; the request was not whole" },
};

/* Which deadline it was; limits in force now, perhaps not when it came. */
static void
say_deadline(const struct limits *l, char *text, size_t size,
    enum conn_where where)
{
	switch (where) {
	case WHERE_FIRST_BYTE:
		snprintf(text, size, "no byte in %llu s",
		    l->first_byte_ms / 1000ULL);
		break;
	case WHERE_SOURCE:
		snprintf(text, size, "no source %llu s after its words (its "
		    "preprocessor takes longer than is allowed)",
		    l->preprocess_ms / 1000ULL);
		break;
	case WHERE_REPLY:
		snprintf(text, size, "it took its reply too slowly: nothing "
		    "for %llu s, or less than %llu bytes a second",
		    l->reply_ms / 1000ULL, l->reply_rate + 0ULL);
		break;
	case WHERE_REQUEST:
	case WHERE_JOB:
	case WHERE_COUNT:
	default:
		snprintf(text, size, "it sent its request too slowly: nothing "
		    "for %llu s, or less than %llu bytes a second",
		    l->token_ms / 1000ULL, l->upload_rate + 0ULL);
		break;
	}
}

static void
say_where(char *text, size_t size, enum conn_where where)
{
	static const char *const texts[WHERE_COUNT] = {
		"before its first byte", "within the request",
		"before its source", "while its job was ours",
		"within the reply",
	};

	snprintf(text, size, " %s",
	    where < WHERE_COUNT ? texts[where] : "somewhere");
}

/* What the grammar missed, and at which byte. */
static void
say_error(char *text, size_t size, const struct imsg_conn_over *over)
{
	snprintf(text, size, ": %s at byte %llu, where %s must come",
	    frame_error_text(over->error), (unsigned long long)over->at,
	    frame_expects(over->expect));
}

static void
describe(const struct limits *l, char *text, size_t size,
    const struct imsg_conn_over *over)
{
	const char *what = ends[over->reason].text;
	char more[200] = "";

	if (over->reason == OVER_TIMEOUT) {
		say_deadline(l, more, sizeof(more), over->where);
		what = "";
	} else if (over->reason == OVER_PROTOCOL ||
	    over->reason == OVER_TOO_BIG) {
		say_error(more, sizeof(more), over);
	} else if (over->reason == OVER_GONE || over->reason == OVER_SHED ||
	    over->reason == OVER_NO_BUDGET) {
		say_where(more, sizeof(more), over->where);
	}
	snprintf(text, size, "%s%s; %llu bytes had come", what, more,
	    (unsigned long long)over->bytes_in);
}

static struct rate conns, overloads;
static const char *overload_word; /* the last one; a constant */

/* How many were too many since it was last told. */
static void
tell_conns(struct broker *b)
{
	uint32_t lost = rate_lost(&conns);

	if (lost > 0)
		record_event(b, LOG_WARNING, "conn.many",
		    "%u ends of connections in a second were too many; not "
		    "recorded", lost);
}

static void
tell_overloads(struct broker *b)
{
	uint32_t lost = rate_lost(&overloads);

	if (lost > 0)
		record_event(b, LOG_WARNING, overload_word,
		    "%u more in a second were not recorded", lost);
}

void
record_conn(struct broker *b, const struct imsg_conn_over *over)
{
	char text[400];

	if (over->reason >= OVER_COUNT || ends[over->reason].word == NULL)
		return;
	counts_add(&b->counts, ends[over->reason].word);
	if (!rate_take(&conns, LIMIT_CONN_EVENTS, now_us()))
		return;
	tell_conns(b);
	describe(&b->limits, text, sizeof(text), over);
	record_peer(b, ends[over->reason].level, ROLE_FRONT, &over->peer,
	    ends[over->reason].word, text);
}

void
record_overload(struct broker *b, const struct peer *p, const char *word,
    const char *text)
{
	b->stats.sum.results[RESULT_REJ_OVERLOAD]++;
	counts_add(&b->counts, word);
	if (!rate_take(&overloads, LIMIT_DENIED_EVENTS, now_us()))
		return;
	tell_overloads(b);
	overload_word = word;
	record_peer(b, LOG_WARNING, ROLE_BROKER, p, word, text);
}

bool
record_lost(struct broker *b)
{
	const uint64_t now = now_us();

	if (rate_is_over(&conns, now))
		tell_conns(b);
	if (rate_is_over(&overloads, now))
		tell_overloads(b);
	return conns.lost > 0 || overloads.lost > 0;
}
