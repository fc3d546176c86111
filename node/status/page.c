/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page (page.h).  Pure. */
#include "page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NAME_MAX_LEN 200U

struct page {
	char *out;
	size_t len;
};

static void put(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Everything has its bound, all together far below PAGE_MAX. */
static void
put(struct page *p, const char *fmt, ...)
{
	size_t room = PAGE_MAX - p->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(p->out + p->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		p->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* @key and the name behind it; an empty one is "none", as before any job. */
static void
put_name(struct page *p, const char *key, const char *name, size_t size)
{
	char word[NAME_MAX_LEN + 1] = "none";
	size_t n = 0;

	for (; n < size && n < NAME_MAX_LEN && name[n] != '\0'; n++)
		word[n] = name[n] > ' ' && name[n] <= '~' ? name[n] : '_';
	if (n > 0)
		word[n] = '\0';
	put(p, "%s%s", key, word);
}

static void
put_counts(struct page *p, const struct imsg_stats *n)
{
	static const struct {
		const char *key;
		enum audit_result result;
	} rows[] = {
		{ "dcc_rej_bad_req", RESULT_REJ_BAD_REQ },
		{ "dcc_rej_overload", RESULT_REJ_OVERLOAD },
		{ "dcc_compile_ok", RESULT_COMPILE_OK },
		{ "dcc_compile_error", RESULT_COMPILE_ERROR },
		{ "dcc_compile_timeout", RESULT_COMPILE_TIMEOUT },
		{ "dcc_cli_disconnect", RESULT_CLI_DISCONN },
		{ "dcc_other", RESULT_OTHER },
	};

	put(p, "dcc_tcp_accept %" PRIu64 "\n", n->accepted);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(p, "%s %" PRIu64 "\n", rows[i].key,
		    n->results[rows[i].result]);
}

static void
put_longest(struct page *p, const struct imsg_stats *n)
{
	put_name(p, "dcc_longest_job ", n->longest_job,
	    sizeof(n->longest_job));
	put_name(p, "\ndcc_longest_job_compiler ", n->longest_compiler,
	    sizeof(n->longest_compiler));
	if (n->longest_compiler[0] == '\0')
		put(p, "\ndcc_longest_job_time_msecs -1\n");
	else
		put(p, "\ndcc_longest_job_time_msecs %" PRIu64 "\n",
		    n->longest_ms);
}

static void
put_load(struct page *p, const struct imsg_stats *n,
    const struct page_machine *m)
{
	put(p, "dcc_max_kids %" PRIu32 "\n", n->jobs);
	for (int i = 0; i < STATS_WINDOWS; i++)
		put(p, "dcc_avg_kids%d %" PRIu32 "\n", i + 1, n->kids[i]);
	put(p, "dcc_current_load %" PRIu32 "\n", n->running);
	for (int i = 0; i < 3; i++)
		put(p, "dcc_load%d %1.2f\n", i + 1, m->load[i]);
	for (int i = 0; i < STATS_WINDOWS; i++)
		put(p, "dcc_num_compiles%d %" PRIu32 "\n", i + 1,
		    n->compiles[i]);
}

/* distccd looks through /proc here.  Other processes are nobody's business:
 * sleeping ones and transfers are not counted, the largest is a job. */
static void
put_rest(struct page *p, const struct imsg_stats *n,
    const struct page_machine *m)
{
	put(p, "dcc_num_procstate_D 0\n");
	put(p, "dcc_max_RSS %" PRIu64 "\n", n->max_rss_kib);
	put_name(p, "dcc_max_RSS_name (", n->max_rss_name,
	    sizeof(n->max_rss_name));
	put(p, ")\ndcc_io_rate -1\n");
	put(p, "dcc_free_space %" PRIu64 " MB\n", m->free_bytes >> 20);
}

size_t
page_write(char out[PAGE_MAX], const struct imsg_stats *n,
    const struct page_machine *m)
{
	struct page p = { out, 0 };

	put(&p, "HTTP/1.0 200 OK\nContent-Type: text/plain\n"
	    "Connection: close\n\nargv /distccd\n<distccstats>\n");
	put_counts(&p, n);
	put_longest(&p, n);
	put_load(&p, n, m);
	put_rest(&p, n, m);
	put(&p, "</distccstats>\n");
	return p.len;
}
