/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs to slots: whose turn it is says share.h. */
#include "broker.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* When a client that has its half of the memory is looked at again. */
#define HALF_AGAIN_US 100000U

static bool
slot_is_free(const struct broker *b, const struct slot *s)
{
	return s->sock >= 0 && s->ready && s->job == NULL &&
	    s->index < b->nslots && s->generation == b->image.generation;
}

static bool
any_slot_is_free(const struct broker *b)
{
	for (int i = 0; i < SLOTS_MAX; i++)
		if (slot_is_free(b, &b->slots[i]))
			return true;
	return false;
}

/* A free slot, best one whose next cell is already of the right kind. */
static struct slot *
slot_for(struct broker *b, const struct job *j)
{
	struct slot *any = NULL;
	uint32_t profile = j->proto == 3 ? PROFILE_PUMP : PROFILE_PLAIN;

	for (int i = 0; i < SLOTS_MAX; i++) {
		struct slot *s = &b->slots[i];

		if (!slot_is_free(b, s))
			continue;
		if (s->last_toolchain == j->toolchain &&
		    s->last_profile == profile)
			return s;
		any = s;
	}
	return any;
}

/* The oldest job of the client whose turn it is. */
static struct job *
next_job(struct broker *b)
{
	const struct share_client *c = share_next(&b->share, b->nslots,
	    now_us());
	struct job *j = b->jobs;

	while (j != NULL && c != NULL &&
	    (j->state != JOB_QUEUED || j->share.client != c))
		j = j->next;
	return c != NULL ? j : NULL;
}

static int
start(struct broker *b, struct slot *s, struct job *j)
{
	struct imsg_job_start st = { .toolchain = j->toolchain,
		.profile = j->proto == 3 ? PROFILE_PUMP : PROFILE_PLAIN,
		.tops = j->tops, .proto = j->proto, .wall_ms = b->wall_ms,
		.plan_len = j->plan_len, .bodies_len = j->request.bodies_len,
		.unpacked_max = b->limits.unpacked,
		.memory = b->limits.job_memory,
		.want_deps = (uint32_t)(j->proto == 3 &&
		    j->decision.want_deps != 0) };
	int fds[2] = { j->plan_fd, j->bodies_fd };
	int r;

	r = msg_send(s->sock, IMSG_JOB_START, j->conn, &st, sizeof(st), fds,
	    2);
	if (r < 0)
		return r;
	s->job = j;
	s->due_us = now_us() + LIMIT_TAKEN_US;
	s->jobs++;
	s->last_toolchain = j->toolchain;
	s->last_profile = st.profile;
	j->slot = s;
	j->state = JOB_RUNNING;
	share_reserve(&j->share, j->memory / KIB);
	share_start(&j->share, now_us());
	stats_running(&b->stats, now_us(), 1);
	if (j->told)
		return 0;
	j->told = true;
	/* One that fails to be told keeps its client no longer than that
	 * waits by itself. */
	(void)front_tell(b, j->front, IMSG_JOB_STARTED, j->conn, NULL, 0, NULL);
	return 0;
}

/* The images have changed since this job was decided on. */
static bool
decided_again(struct broker *b, struct job *j)
{
	if (j->generation == b->image.generation)
		return true;
	if (decide(b, j) < 0) {
		answer_close(b, j);
		record_job(b, j, RESULT_OTHER, 0, "broker.job", NULL);
		job_free(b, j);
		return false;
	}
	if (j->reason == NULL)
		return true;
	refuse_now(b, j);
	return false;
}

/* Jobs wait, and it is looked at again when something happens or a second is
 * over, until limit.wait sends them elsewhere. */
static bool
machine_is_short(struct broker *b)
{
	uint64_t now = now_us();

	if (!brake_is_on(&b->brake, b->limits.memory_free, now))
		return false;
	if (brake_tells(&b->brake, now))
		record_event(b, LOG_WARNING, "memory.low",
		    "%llu MiB are available on this machine, less than "
		    "limit-memory-free: no job starts until there is more",
		    (unsigned long long)(b->brake.available / MIB));
	return true;
}

/* What the jobs of its client that run have. */
static uint64_t
client_memory(const struct broker *b, const struct job *j)
{
	uint64_t sum = 0;

	for (const struct job *k = b->jobs; k != NULL; k = k->next)
		if (peer_same_client(&k->peer, &j->peer))
			sum += k->memory;
	return sum;
}

/*
 * What it is to have.  While others are here a client has half of all at most
 * (security-rules 18), or one that has shown to need much could keep everybody
 * waiting for as long as a job may take: one job that needs more counts as
 * half, and the brake and the cells' group see to the rest.
 */
static uint64_t
need_of(const struct broker *b, const struct job *j)
{
	uint64_t need = memory_need(&b->memory, &j->peer, j->toolchain);
	uint64_t half = b->memory.total / 2;

	return b->share.present > 1 && need > half ? half : need;
}

static bool
has_its_half(const struct broker *b, const struct job *j, uint64_t need)
{
	uint64_t mine = b->share.present > 1 ? client_memory(b, j) : 0;

	return mine > 0 && mine + need > b->memory.total / 2;
}

static bool
take_memory(struct broker *b, struct job *j, uint64_t need)
{
	if (!memory_take(&b->memory, need))
		return false;
	j->memory = need;
	return true;
}

void
dispatch(struct broker *b)
{
	struct slot *s;
	struct job *j;
	uint64_t need;

	/* next_job() looks at every client and job: not for nothing. */
	while (!b->records_full && any_slot_is_free(b) &&
	    (j = next_job(b)) != NULL) {
		if (!decided_again(b, j))
			continue;
		s = slot_for(b, j);
		if (s == NULL)
			return;
		need = need_of(b, j);
		if (has_its_half(b, j, need)) {
			share_hold(&j->share, now_us() + HALF_AGAIN_US);
			continue;
		}
		/* Its turn stays its turn: one that needs much waits for others
		 * to end, and is not passed by small ones for ever. */
		if (machine_is_short(b) || !take_memory(b, j, need))
			return;
		if (start(b, s, j) < 0) {
			job_give_memory(b, j);
			slot_close(b, s);
			continue;
		}
	}
}

void
slot_close(struct broker *b, struct slot *s)
{
	struct job *j = s->job;

	s->sock = fd_close(s->sock);
	s->hung_us = now_us();
	s->due_us = 0;
	s->ready = false;
	s->job = NULL;
	if (j != NULL)
		job_lost(b, j);
}

void
slot_retire(struct broker *b, struct slot *s)
{
	if (s->sock >= 0 && s->job == NULL && (s->index >= b->nslots ||
	    s->jobs >= b->slot_jobs || s->generation != b->image.generation))
		slot_close(b, s);
}

static bool
slot_lives(const struct broker *b)
{
	for (int i = 0; i < SLOTS_MAX; i++)
		if (b->slots[i].sock >= 0 && b->slots[i].ready)
			return true;
	return false;
}

void
dispatch_refuse(struct broker *b, const char *word)
{
	struct job *j, *next;

	for (j = b->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->state == JOB_QUEUED)
			job_elsewhere(b, j, word);
	}
}

bool
dispatch_is_slow(const struct broker *b, const struct peer *p)
{
	return b->wait_ms > 0 && !any_slot_is_free(b) &&
	    share_expect_us(&b->share, p, b->nslots, now_us()) >
	        b->wait_ms * 1000ULL;
}

/* It was expected to be its turn by now, and was not.  Jobs are in the order in
 * which they began to wait. */
static void
expire_slow(struct broker *b)
{
	uint64_t now = now_us();
	struct job *j, *next;

	for (j = b->jobs; j != NULL && b->wait_ms > 0; j = next) {
		next = j->next;
		if (j->state != JOB_QUEUED)
			continue;
		if (now - j->queued_us <= b->wait_ms * 1000ULL)
			return;
		job_elsewhere(b, j, "limit.wait");
	}
}

void
dispatch_expire(struct broker *b)
{
	expire_slow(b);
	if (slot_lives(b)) {
		b->slots_gone_us = 0;
		return;
	}
	if (b->slots_gone_us == 0)
		b->slots_gone_us = now_us();
	if (now_us() - b->slots_gone_us >= b->limits.no_slot_ms * 1000ULL)
		dispatch_refuse(b, "slot.none");
}
