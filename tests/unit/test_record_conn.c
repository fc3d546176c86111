/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one line in which the end of a connection is explained; the test stands
 * in for the auditor. */
#include "node/broker/broker.h"
#include "node/common/limits.h"
#include "node/wire/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

static struct broker broker;
static unsigned lines, events;
static int level;
static char word[64], text[600];

void
record_peer(struct broker *b, int l, enum role who, const struct peer *p,
    const char *w, const char *t)
{
	(void)b;
	(void)who;
	assert_int_equal(p->port, 7);
	lines++;
	level = l;
	snprintf(word, sizeof(word), "%s", w);
	snprintf(text, sizeof(text), "%s", t);
}

void
record_event(struct broker *b, int l, const char *w, const char *fmt, ...)
{
	(void)b;
	(void)l;
	(void)w;
	(void)fmt;
	events++;
}

static void
test_reasons(void **state)
{
	static const struct {
		struct imsg_conn_over over;
		const char *word, *says;
		int level;
	} rows[] = {
		{ { .reason = OVER_PROTOCOL, .error = FRAME_E_TOKEN,
		    .expect = 2, .at = 12, .bytes_in = 24 }, "conn.protocol",
		    "no such token at byte 12, where ARGC must come; 24 bytes "
		    "had come", LOG_WARNING },
		{ { .reason = OVER_PROTOCOL, .expect = 3, .at = 30,
		    .bytes_in = 30 }, "conn.protocol",
		    "it ended too early at byte 30, where ARGV must come",
		    LOG_WARNING },
		{ { .reason = OVER_TOO_BIG, .error = FRAME_E_BODIES,
		    .expect = 4, .at = 99 }, "limit.request",
		    "too many bytes of sources at byte 99", LOG_WARNING },
		{ { .reason = OVER_TIMEOUT, .where = WHERE_REQUEST },
		    "limit.time", "its request too slowly", LOG_WARNING },
		{ { .reason = OVER_TIMEOUT, .where = WHERE_SOURCE },
		    "limit.time", "no source 1800 s", LOG_WARNING },
		{ { .reason = OVER_TIMEOUT, .where = WHERE_REPLY },
		    "limit.time", "its reply too slowly", LOG_WARNING },
		{ { .reason = OVER_GONE, .where = WHERE_REPLY }, "conn.gone",
		    "went away within the reply", LOG_INFO },
		{ { .reason = OVER_NO_BUDGET, .where = WHERE_REQUEST },
		    "limit.budget", "within the request", LOG_WARNING },
		{ { .reason = OVER_SHED, .where = WHERE_SOURCE }, "limit.shed",
		    "slowest, to make room for others, before its source",
		    LOG_WARNING },
		{ { .reason = OVER_PROMISED, .where = WHERE_JOB },
		    "drip.committed", "success had been promised",
		    LOG_WARNING },
		{ { .reason = OVER_EMPTY }, "conn.empty", "a probe",
		    LOG_DEBUG },
		/* numbers of a front that is taken over */
		{ { .reason = OVER_GONE, .where = 200 }, "conn.gone",
		    "somewhere", LOG_INFO },
		{ { .reason = OVER_PROTOCOL, .error = 200, .expect = 200 },
		    "conn.protocol", "unknown at byte 0", LOG_WARNING },
	};
	struct imsg_conn_over over;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		over = rows[i].over;
		over.peer.port = 7;
		lines = 0;
		record_conn(&broker, &over);
		assert_int_equal(lines, 1);
		assert_string_equal(word, rows[i].word);
		assert_int_equal(level, rows[i].level);
		if (strstr(text, rows[i].says) == NULL)
			fail_msg("no '%s' in '%s'", rows[i].says, text);
	}
	lines = 0;
	record_conn(&broker, &(struct imsg_conn_over){
	    .reason = OVER_ANSWERED });
	record_conn(&broker, &(struct imsg_conn_over){ .reason = 1000 });
	assert_int_equal(lines, 0);
}

/* Strangers cannot fill the log, but what was left out is said. */
static void
test_many(void **state)
{
	const struct imsg_conn_over over = { .reason = OVER_GONE,
		.peer = { .port = 7 } };
	const struct peer peer = { .port = 7 };
	const uint64_t gone = counts_of(&broker.counts, "conn.gone");

	(void)state;
	lines = 0;
	for (unsigned i = 0; i < 10 * LIMIT_CONN_EVENTS; i++)
		record_conn(&broker, &over);
	assert_in_range(lines, 1, 3 * LIMIT_CONN_EVENTS);
	assert_int_equal(counts_of(&broker.counts, "conn.gone") - gone,
	    10 * LIMIT_CONN_EVENTS); /* each is counted */
	lines = 0;
	for (unsigned i = 0; i < 10 * LIMIT_DENIED_EVENTS; i++)
		record_overload(&broker, &peer, "limit.queue", "full");
	assert_in_range(lines, 1, 3 * LIMIT_DENIED_EVENTS);
	assert_int_equal(broker.stats.sum.results[RESULT_REJ_OVERLOAD],
	    10 * LIMIT_DENIED_EVENTS);
	/* … and when nothing follows any more. */
	assert_true(record_lost(&broker));
	events = 0;
	(void)usleep(1010000);
	assert_false(record_lost(&broker));
	assert_int_equal(events, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_many),
	};

	broker.limits = limits_built_in;
	return cmocka_run_group_tests_name("record_conn", tests, NULL, NULL);
}
