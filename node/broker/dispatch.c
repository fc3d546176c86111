/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs to slots: the oldest job of the client that has the fewest running. */
#include "broker.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static bool
slot_is_free(const struct broker *b, const struct slot *s)
{
	return s->sock >= 0 && s->ready && s->job == NULL &&
	    s->generation == b->image.generation;
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

/* The clients whose jobs run, one entry a job. */
struct running {
	const struct peer *of[SLOTS_MAX];
	unsigned n;
};

static void
list_running(const struct broker *b, struct running *r)
{
	r->n = 0;
	for (int i = 0; i < SLOTS_MAX; i++) {
		const struct job *j = b->slots[i].job;

		if (j != NULL && j->state == JOB_RUNNING)
			r->of[r->n++] = &j->peer;
	}
}

static unsigned
running_of(const struct running *r, const struct peer *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += peer_same_client(r->of[i], p) != 0;
	return n;
}

static struct job *
next_job(struct broker *b)
{
	static struct running running;
	struct job *best = NULL;
	unsigned least = 0, n;

	list_running(b, &running);
	for (struct job *j = b->jobs; j != NULL; j = j->next) {
		if (j->state != JOB_QUEUED)
			continue;
		n = running_of(&running, &j->peer);
		if (best == NULL || n < least) {
			best = j;
			least = n;
		}
		if (least == 0)
			break;
	}
	return best;
}

static int
start(struct broker *b, struct slot *s, struct job *j)
{
	struct imsg_job_start st = { .toolchain = j->toolchain,
		.profile = j->proto == 3 ? PROFILE_PUMP : PROFILE_PLAIN,
		.tops = j->tops, .proto = j->proto, .wall_ms = b->wall_ms,
		.plan_len = j->plan_len, .bodies_len = j->request.bodies_len,
		.unpacked_max = LIMIT_UNPACKED_BYTES,
		.want_deps = (uint32_t)(j->proto == 3 &&
		    j->decision.want_deps != 0) };
	int fds[2] = { j->plan_fd, j->bodies_fd };
	int r;

	r = msg_send(s->sock, IMSG_JOB_START, j->conn, &st, sizeof(st), fds,
	    2);
	if (r < 0)
		return r;
	s->job = j;
	s->last_toolchain = j->toolchain;
	s->last_profile = st.profile;
	j->slot = s;
	j->state = JOB_RUNNING;
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
		job_free(b, j);
		return false;
	}
	if (j->reason == NULL)
		return true;
	answer_text(b, j, j->refuse_code, j->text);
	record_job(b, j, RESULT_REJ_BAD_REQ, j->refuse_code << 8, j->reason,
	    NULL);
	job_free(b, j);
	return false;
}

void
dispatch(struct broker *b)
{
	struct slot *s;
	struct job *j;

	/* next_job() looks at every job that waits: not for nothing. */
	while (any_slot_is_free(b) && (j = next_job(b)) != NULL) {
		if (!decided_again(b, j))
			continue;
		s = slot_for(b, j);
		if (s == NULL)
			return;
		if (start(b, s, j) < 0) {
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
	s->ready = false;
	s->job = NULL;
	if (j != NULL)
		job_lost(b, j);
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
dispatch_expire(struct broker *b)
{
	struct job *j, *next;

	if (slot_lives(b)) {
		b->slots_gone_us = 0;
		return;
	}
	if (b->slots_gone_us == 0)
		b->slots_gone_us = now_us();
	if (now_us() - b->slots_gone_us < LIMIT_NO_SLOT_MS * 1000ULL)
		return;
	for (j = b->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->state != JOB_QUEUED)
			continue;
		answer_close(b, j);
		record_job(b, j, RESULT_REJ_OVERLOAD, 0, "slot.none", NULL);
		job_free(b, j);
	}
}
