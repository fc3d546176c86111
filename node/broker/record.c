/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the broker puts on record; the auditor escapes and writes it. */
#include "broker.h"
#include "../common/message.h"
#include "../common/role.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <errno.h>
#include <unistd.h>

/* Bytes digested in one turn of the loop, a millisecond or so: the digest of
 * a large request must not keep others waiting. */
#define DIGEST_STEP (1024UL * 1024UL)

/* The auditor never waits on a queue, so a full one empties soon; one that
 * does not means that nothing more is recorded, and then nothing may run. */
static void
send_record(struct broker *b, uint32_t type, const void *body, size_t len)
{
	struct pollfd p = { .fd = b->auditor, .events = POLLOUT };
	int r = -EPIPE;

	for (int tries = 0; b->auditor >= 0 && tries < 10; tries++) {
		r = msg_send(b->auditor, type, 0, body, len, NULL, 0);
		if (r != -EAGAIN)
			break;
		(void)poll(&p, 1, 100);
	}
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "broker.record",
		    "the auditor takes no records: %s", strerror(-r));
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
