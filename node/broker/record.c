/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the broker puts on record; the auditor escapes and writes it. */
#include "broker.h"
#include "../common/limits.h"
#include "../common/message.h"
#include "../common/role.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <errno.h>
#include <unistd.h>

/* Bytes digested in one turn of the loop, a millisecond or so: the digest of
 * a large request must not keep others waiting. */
#define DIGEST_STEP (1024UL * 1024UL)

struct kept_record {
	struct kept_record *next;
	uint32_t type;
	size_t len;
	uint8_t body[];
};

static struct kept_record *kept, *kept_last; /* owned */
static unsigned nkept;
static uint64_t stuck_us; /* since when the auditor has taken none */

static _Noreturn void
no_auditor(int error)
{
	role_die(ROLE_EXIT_SYSTEM, "broker.record",
	    "the auditor takes no records: %s", strerror(-error));
}

/* Nothing is recorded any more, so nothing may run: the monitor ends the
 * auditor, and us with it. */
static void
accuse_auditor(struct broker *b)
{
	b->records_full = true;
	blame(ROLE_AUDITOR, 0, 0, 0);
}

static int
offer(const struct broker *b, uint32_t type, const void *body, size_t len)
{
	int r = b->auditor < 0 ? -EPIPE :
	    msg_send(b->auditor, type, 0, body, len, NULL, 0);

	if (r < 0 && r != -EAGAIN)
		no_auditor(r);
	return r;
}

static void
keep(struct broker *b, uint32_t type, const void *body, size_t len)
{
	struct kept_record *k = nkept < LIMIT_RECORDS ?
	    malloc(sizeof(*k) + len) : NULL;

	if (k == NULL)
		no_auditor(-ENOBUFS);
	*k = (struct kept_record){ .type = type, .len = len };
	memcpy(k->body, body, len);
	if (kept == NULL)
		stuck_us = now_us();
	else
		kept_last->next = k;
	if (kept == NULL)
		kept = k;
	kept_last = k;
	if (++nkept >= LIMIT_RECORDS / 2)
		b->records_full = true;
}

static void
send_record(struct broker *b, uint32_t type, const void *body, size_t len)
{
	if (kept != NULL || offer(b, type, body, len) < 0)
		keep(b, type, body, len);
}

bool
record_waits(const struct broker *b)
{
	(void)b;
	return kept != NULL;
}

void
record_flush(struct broker *b, int timeout_ms)
{
	struct pollfd p = { .fd = b->auditor, .events = POLLOUT };
	struct kept_record *k;

	while ((k = kept) != NULL) {
		if (offer(b, k->type, k->body, k->len) < 0) {
			if (timeout_ms > 0 && poll(&p, 1, timeout_ms) == 1)
				continue;
			break;
		}
		kept = k->next;
		free(k);
		nkept--;
		stuck_us = now_us();
	}
	if (kept == NULL && b->records_full) {
		b->records_full = false;
		dispatch(b);
	}
	if (kept != NULL && now_us() - stuck_us > LIMIT_RECORDS_MS * 1000ULL)
		accuse_auditor(b);
}

/* Digest at most @max more bytes of the bodies; true when all are in. */
static bool
digest_some(struct job *j, uint64_t max)
{
	static uint8_t buf[256 * 1024];
	ssize_t n;

	while (max > 0 && j->hashed < j->request.bodies_len) {
		n = pread(j->bodies_fd, buf, sizeof(buf), (off_t)j->hashed);
		if (n <= 0)
			break; /* not there: it was checked, so never */
		crypto_generichash_update(&j->hash, buf, (size_t)n);
		j->hashed += (uint64_t)n;
		max -= (uint64_t)n < max ? (uint64_t)n : max;
	}
	return max > 0;
}

bool
record_digest(struct broker *b)
{
	for (struct job *j = b->jobs; j != NULL; j = j->next)
		if (j->state == JOB_RUNNING &&
		    j->hashed < j->request.bodies_len &&
		    !digest_some(j, DIGEST_STEP))
			return true;
	return false;
}

/* As many whole words of the command line as there is room for. */
static void
fill_argv(struct imsg_audit_job *a, const struct request *r)
{
	size_t n, at = 0;

	for (unsigned i = 0; i < r->argc; i++) {
		n = strlen(r->argv[i]) + 1;
		if (n > sizeof(a->argv) - at)
			break;
		memcpy(a->argv + at, r->argv[i], n);
		at += n;
	}
	a->argc = r->argc;
	a->argv_len = (uint32_t)at;
}

static void
fill_done(struct imsg_audit_job *a, const struct imsg_job_done *d)
{
	a->wall_us = d->wall_us;
	a->user_us = d->user_us;
	a->sys_us = d->sys_us;
	a->maxrss_kib = d->maxrss_kib;
	a->cost = d->cost;
	if (d->end == END_VIOLATION)
		a->violation = d->violation;
	for (int i = 0; i < PART_COUNT; i++)
		a->bytes_out += d->len[i];
}

void
record_job(struct broker *b, struct job *j, enum audit_result res,
    uint32_t status, const char *reason, const struct imsg_job_done *done)
{
	struct imsg_audit_job a;
	const char *source = j->decided && j->decision.source != NULL ?
	    j->decision.source : "";

	memset(&a, 0, sizeof(a));
	a.peer = j->peer;
	a.accepted_us = j->accepted_us;
	a.done_us = now_us();
	a.bytes_in = j->bytes_in;
	a.proto = j->proto;
	a.status = status;
	a.result = (uint32_t)res;
	a.slot = j->slot != NULL ? j->slot->index : UINT32_MAX;
	if (done != NULL)
		fill_done(&a, done);
	(void)digest_some(j, UINT64_MAX);
	crypto_generichash_final(&j->hash, a.request_digest,
	    sizeof(a.request_digest));
	memcpy(a.toolchain_digest, j->toolchain_digest,
	    sizeof(a.toolchain_digest));
	snprintf(a.reason, sizeof(a.reason), "%s", reason);
	if (j->request.argc > 0)
		snprintf(a.compiler, sizeof(a.compiler), "%s",
		    j->request.argv[0]);
	snprintf(a.ran, sizeof(a.ran), "%s", j->ran);
	snprintf(a.source, sizeof(a.source), "%s", source);
	fill_argv(&a, &j->request);
	counts_add(&b->counts, reason);
	send_record(b, IMSG_AUDIT_JOB, &a, sizeof(a));
	stats_job(&b->stats, a.done_us, &a);
}

void
record_event(struct broker *b, int level, const char *word, const char *fmt,
    ...)
{
	struct imsg_audit_event e;
	va_list ap;

	memset(&e, 0, sizeof(e));
	e.level = (uint32_t)level;
	e.role = ROLE_BROKER;
	snprintf(e.word, sizeof(e.word), "%s", word);
	va_start(ap, fmt);
	vsnprintf(e.text, sizeof(e.text), fmt, ap);
	va_end(ap);
	send_record(b, IMSG_AUDIT_EVENT, &e, sizeof(e));
}

void
record_counts(struct broker *b)
{
	char text[sizeof(((struct imsg_audit_event *)0)->text)];

	while (counts_text(&b->counts, now_us(), text, sizeof(text)))
		record_event(b, LOG_NOTICE, "limits.counts", "%s", text);
}

void
record_peer(struct broker *b, int level, enum role who, const struct peer *p,
    const char *word, const char *text)
{
	struct imsg_audit_event e;

	memset(&e, 0, sizeof(e));
	e.level = (uint32_t)level;
	e.role = (uint32_t)who;
	e.peer = *p;
	snprintf(e.word, sizeof(e.word), "%s", word);
	snprintf(e.text, sizeof(e.text), "%s", text);
	send_record(b, IMSG_AUDIT_EVENT, &e, sizeof(e));
}
