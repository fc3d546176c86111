/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job_line.h"
#include "escape.h"
#include "record.h"

#include <node/common/peer.h>
#include <node/common/role.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>

static const char *const result_words[RESULT_COUNT] = {
	[RESULT_COMPILE_OK] = "COMPILE_OK",
	[RESULT_COMPILE_ERROR] = "COMPILE_ERROR",
	[RESULT_COMPILE_TIMEOUT] = "COMPILE_TIMEOUT",
	[RESULT_CLI_DISCONN] = "CLI_DISCONN",
	[RESULT_REJ_BAD_REQ] = "REJ_BAD_REQ",
	[RESULT_REJ_OVERLOAD] = "REJ_OVERLOAD",
	[RESULT_OTHER] = "OTHER",
};

/* distccd's `ret`: its own exit code for what went wrong, 0 when it compiled
 * (wire-protocol 3.1). */
static const int result_codes[RESULT_COUNT] = {
	[RESULT_COMPILE_OK] = 0,
	[RESULT_COMPILE_ERROR] = 0,
	[RESULT_COMPILE_TIMEOUT] = 118,
	[RESULT_CLI_DISCONN] = 107,
	[RESULT_REJ_BAD_REQ] = 109,
	[RESULT_REJ_OVERLOAD] = 114,
	[RESULT_OTHER] = 100,
};

const char *
result_word(uint32_t result)
{
	return result_words[result < RESULT_COUNT ? result : RESULT_OTHER];
}

static void add(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append; what does not fit is cut. */
static void
add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void
add_escaped(struct line *l, const char *s, enum escape_kind kind)
{
	l->len += escape(
	    l->text + l->len, sizeof(l->text) - l->len, s, strlen(s), kind);
}

void
job_line(struct line *l, const struct imsg_audit_job *a)
{
	uint32_t result = a->result < RESULT_COUNT ? a->result : RESULT_OTHER;
	uint64_t us =
	    a->done_us > a->accepted_us ? a->done_us - a->accepted_us : 0;
	int status = (int)a->status;
	char client[PEER_TEXT_MAX];

	*l = (struct line){ .level = LOG_NOTICE, .tag = "distccd" };
	peer_format(&a->peer, client);
	add(l,
	    "(dcc_job_summary) client: %s %s exit:%d sig:%d core:%d ret:%d "
	    "time:%llums ",
	    client, result_words[result], WEXITSTATUS(status), WTERMSIG(status),
	    WCOREDUMP(status) ? 1 : 0, result_codes[result],
	    (unsigned long long)(us / 1000));
	add_escaped(l, a->compiler, ESCAPE_WORD);
	add(l, " ");
	add_escaped(l, a->source, ESCAPE_WORD);
	if (a->reason[0] != '\0') {
		add(l, " reason:");
		add_escaped(l, a->reason, ESCAPE_WORD);
	}
	if (a->selftest != 0)
		add(l, " selftest");
}

void
event_line(struct line *l, const struct imsg_audit_event *e)
{
	char client[PEER_TEXT_MAX];

	*l = (struct line){ .level = (int)e->level, .tag = "immured" };
	add(l, "(%s) ", role_name((enum role)e->role));
	add_escaped(l, e->word, ESCAPE_WORD);
	add(l, ": ");
	add_escaped(l, e->text, ESCAPE_TEXT);
	if (record_has_peer(&e->peer)) {
		peer_format(&e->peer, client);
		add(l, "; client: %s", client);
	}
}
