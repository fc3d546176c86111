/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is recorded of connections that were turned away.  Needs nothing. */
#include "node/monitor/denied.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
	unsigned lines, more; /* of the latter: that were counted */
} of[2]; /* clients ending in 1; all others */
static unsigned nameless;

void
monitor_log(struct monitor *m, int level, const struct peer *p,
    const char *word, const char *fmt, ...)
{
	char text[128];
	unsigned more, who;
	va_list ap;

	(void)m;
	(void)level;
	if (strcmp(word, "limits.counts") == 0)
		return;
	assert_string_equal(word, "access.denied");
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (sscanf(text, "%u more", &more) != 1)
		more = 0;
	if (p == NULL) {
		nameless += more;
		return;
	}
	who = p->addr[15] == 1 ? 0 : 1;
	of[who].lines++;
	of[who].more += more;
}

static struct peer
v4(unsigned n)
{
	struct peer p = { .port = 1 };

	p.addr[10] = p.addr[11] = 0xff;
	p.addr[14] = (uint8_t)(n >> 8);
	p.addr[15] = (uint8_t)n;
	return p;
}

static void
knock(unsigned n, unsigned times)
{
	struct peer p = v4(n);

	while (times-- > 0)
		clients_log_denied(NULL, &p, "access.denied", "no");
}

static int
begin(void **state)
{
	(void)state;
	memset(of, 0, sizeof(of));
	nameless = 0;
	memset(denied, 0, sizeof(denied));
	memset(callers, 0, sizeof(callers));
	memset(&counts, 0, sizeof(counts));
	return 0;
}

/* Of one that knocks all day little is said, and all is counted, by its name;
 * and nobody is hidden behind it. */
static void
test_one_knocks(void **state)
{
	(void)state;
	knock(1, 1000);
	assert_int_equal(of[0].lines, LIMIT_DENIED_CLIENT_EVENTS);
	knock(2, 1);
	assert_int_equal(of[1].lines, 1);
	assert_int_equal(denied_next_ms(), 1000);
	assert_int_equal(counts_of(&counts, "access.denied"), 1001);
	usleep(1100 * 1000);
	denied_tell(NULL);
	assert_int_equal(of[0].lines, LIMIT_DENIED_CLIENT_EVENTS + 1);
	assert_int_equal(of[0].more, 1000 - LIMIT_DENIED_CLIENT_EVENTS);
	assert_int_equal(of[1].lines, 1);
	assert_int_equal(nameless, 0);
	assert_int_equal(denied_next_ms(), -1);
}

/* What all together say is bounded, and nothing is left uncounted. */
static void
test_many_knock(void **state)
{
	unsigned most = LIMIT_DENIED_EVENTS + (unsigned)CALLERS;

	(void)state;
	for (unsigned n = 2; n < 200; n++)
		knock(n, 10);
	assert_int_equal(of[1].lines, LIMIT_DENIED_EVENTS);
	usleep(1100 * 1000);
	denied_tell(NULL);
	assert_true(of[1].lines <= most);
	assert_int_equal(of[1].more + nameless, 198 * 10 - LIMIT_DENIED_EVENTS);
	/* and there is room for the next ones */
	knock(1, 10);
	assert_int_equal(of[0].lines, LIMIT_DENIED_CLIENT_EVENTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_knocks, begin),
		cmocka_unit_test_setup(test_many_knock, begin),
	};

	return cmocka_run_group_tests_name("denied", tests, NULL, NULL);
}
