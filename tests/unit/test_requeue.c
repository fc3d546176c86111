/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job whose slot breaks: back to its place, once, while its bytes have been
 * in no cell; never after that.  Slots are socket pairs.  Needs nothing.
 */
#include "node/broker/broker.h"
#include "node/broker/query.h"

#include "node/common/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct broker *broker;
static struct front_peer front;
static int executor[4]; /* the slots' own ends */
static const char *recorded; /* the last job's word */
static unsigned closed, started, events;

/* -- the rest of the broker -- */

int
decide(struct broker *b, struct job *j)
{
	(void)b;
	(void)j;
	return 0;
}

void
record_job(struct broker *b, struct job *j, enum audit_result res,
    uint32_t status, const char *reason, const struct imsg_job_done *done)
{
	(void)b;
	(void)j;
	(void)res;
	(void)status;
	(void)done;
	recorded = reason;
}

void
record_peer(struct broker *b, int level, enum role who, const struct peer *p,
    const char *word, const char *text)
{
	(void)b;
	(void)level;
	(void)who;
	(void)p;
	(void)text;
	assert_string_equal(word, "job.again");
	events++;
}

void
record_event(struct broker *b, int level, const char *word, const char *fmt,
    ...)
{
	(void)b;
	(void)level;
	(void)fmt;
	assert_string_equal(word, "memory.low");
	events++;
}

void
record_overload(struct broker *b, const struct peer *p, const char *word,
    const char *text)
{
	(void)b;
	(void)p;
	(void)word;
	(void)text;
}

void
answer_close(struct broker *b, struct job *j)
{
	(void)b;
	(void)j;
	closed++;
}

void
answer_text(
    struct broker *b, struct job *j, uint32_t exit_code, const char *text)
{
	(void)b;
	(void)j;
	(void)exit_code;
	(void)text;
}

void
answer_result(struct broker *b, struct job *j,
    const struct imsg_job_done *done, int *result)
{
	(void)b;
	(void)j;
	(void)done;
	(void)result;
}

int
front_tell(struct broker *b, struct front_peer *fp, uint32_t type,
    uint64_t conn, const void *body, size_t len, int *fd)
{
	(void)b;
	(void)fp;
	(void)conn;
	(void)body;
	(void)len;
	(void)fd;
	started += type == IMSG_JOB_STARTED;
	return 0;
}

void
refuse_bad_request(struct job *j, int error)
{
	(void)j;
	(void)error;
}

void
refuse_job(struct broker *b, struct job *j)
{
	(void)b;
	(void)j;
}

void
refuse_now(struct broker *b, struct job *j)
{
	(void)b;
	(void)j;
}

bool
query_asked(const struct job *j)
{
	(void)j;
	return false;
}

void
query_answer(struct broker *b, struct job *j)
{
	(void)b;
	(void)j;
}

/* -- */

static void
open_slot(unsigned i)
{
	int sv[2];

	assert_int_equal(msg_pair(sv), 0);
	broker->slots[i] = (struct slot){ .kind = TAG_SLOT, .sock = sv[0],
		.index = i, .generation = 1, .ready = true };
	executor[i] = sv[1];
}

static int
set_up(void **state)
{
	(void)state;
	broker = calloc(1, sizeof(*broker));
	if (broker == NULL)
		return -1;
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		broker->slots[i].sock = -1;
	for (unsigned i = 0; i < 4; i++)
		executor[i] = -1;
	broker->nslots = 4;
	broker->brake.fd = -1;
	broker->image.generation = 1;
	memory_limits(&broker->memory, 8 * MEMORY_GUESS, MEMORY_GUESS);
	recorded = NULL;
	closed = started = events = 0;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	while (broker->jobs != NULL) {
		if (broker->jobs->slot != NULL)
			broker->jobs->slot->job = NULL;
		job_free(broker, broker->jobs);
	}
	for (unsigned i = 0; i < 4; i++) {
		if (broker->slots[i].sock >= 0)
			close(broker->slots[i].sock);
		if (executor[i] >= 0)
			close(executor[i]);
	}
	share_done(&broker->share);
	free(broker);
	return 0;
}

/* One of client @client that waits, the @n-th. */
static struct job *
queued_of(uint8_t client, uint64_t n)
{
	struct job *j = calloc(1, sizeof(*j));

	assert_non_null(j);
	*j = (struct job){ .state = JOB_QUEUED, .front = &front, .conn = n,
		.proto = 1, .generation = 1, .queued_us = n,
		.bodies_fd = dup(0), .plan_fd = dup(0) };
	j->peer.addr[10] = j->peer.addr[11] = 0xff; /* IPv4 */
	j->peer.addr[15] = client;
	assert_int_equal(share_wait(&broker->share, &j->share, &j->peer,
	    now_us()), 0);
	j->prev = broker->jobs_last;
	if (j->prev != NULL)
		j->prev->next = j;
	else
		broker->jobs = j;
	broker->jobs_last = j;
	broker->njobs++;
	return j;
}

static struct job *
queued(uint64_t n)
{
	return queued_of(1, n);
}

/* The job that slot @i has been sent; 0 = none. */
static uint64_t
sent(unsigned i)
{
	static struct msg m;
	uint64_t job = 0;

	if (msg_recv(executor[i], &m) != 1)
		return 0;
	if (m.hdr.type == IMSG_JOB_START && m.nfds == 2)
		job = m.hdr.job;
	msg_done(&m);
	return job;
}

static void
test_send_fails(void **state)
{
	struct job *a = queued(1), *b = queued(2);

	(void)state;
	open_slot(0);
	close(executor[0]);
	executor[0] = -1;
	dispatch(broker);
	assert_int_equal(broker->slots[0].sock, -1);
	assert_ptr_equal(broker->jobs, a);
	assert_int_equal(a->state, JOB_QUEUED);
	assert_int_equal(started, 0);
	open_slot(1);
	dispatch(broker);
	assert_int_equal(sent(1), 1);
	assert_int_equal(b->state, JOB_QUEUED);
	assert_int_equal(started, 1);
	assert_int_equal(closed, 0);
}

static void
test_back_once(void **state)
{
	struct job *a = queued(1), *b = queued(2);

	(void)state;
	open_slot(0);
	dispatch(broker);
	assert_int_equal(sent(0), 1);
	assert_int_equal(broker->stats.running, 1);
	slot_close(broker, &broker->slots[0]);
	assert_ptr_equal(broker->jobs, a);
	assert_int_equal(a->state, JOB_QUEUED);
	assert_null(a->slot);
	assert_int_equal(a->queued_us, 1);
	assert_int_equal(events, 1);
	assert_int_equal(broker->stats.running, 0);
	assert_int_equal(broker->memory.used, 0);
	open_slot(1);
	dispatch(broker);
	assert_int_equal(sent(1), 1); /* before the second */
	assert_int_equal(started, 1); /* … and its client told once */
	assert_int_equal(broker->stats.running, 1);
	assert_int_equal(broker->memory.used, MEMORY_GUESS);
	slot_close(broker, &broker->slots[1]);
	assert_string_equal(recorded, "slot.crash");
	assert_int_equal(closed, 1);
	assert_ptr_equal(broker->jobs, b);
	assert_null(b->next);
}

/* @change it, after it has its slot: it is lost with that. */
static void
lost_when(void (*change)(struct job *), const char *word)
{
	open_slot(0);
	dispatch(broker);
	assert_int_equal(sent(0), 1);
	change(broker->jobs);
	slot_close(broker, &broker->slots[0]);
	assert_null(broker->jobs);
	assert_string_equal(recorded, word);
	assert_int_equal(events, 0);
}

static void
take(struct job *j)
{
	j->taken = true;
}

static void
cancel(struct job *j)
{
	j->state = JOB_CANCELLED;
}

static void
drain(struct job *j)
{
	(void)j;
	broker->draining = true;
}

static void
test_taken(void **state)
{
	(void)state;
	(void)queued(1);
	lost_when(take, "slot.crash");
}

static void
test_cancelled(void **state)
{
	(void)state;
	(void)queued(1);
	lost_when(cancel, "client.gone");
}

static void
test_draining(void **state)
{
	(void)state;
	(void)queued(1);
	lost_when(drain, "slot.crash");
}

/* After --slot-jobs of them a slot is closed when it is idle, not before. */
static void
test_slot_jobs(void **state)
{
	const struct imsg_job_done done = { .end = END_EXIT };
	struct slot *s = &broker->slots[0];

	(void)state;
	broker->slot_jobs = 2;
	open_slot(0);
	for (uint64_t n = 1; n <= 2; n++) {
		(void)queued(n);
		dispatch(broker);
		assert_int_equal(sent(0), n);
		slot_retire(broker, s);
		assert_true(s->sock >= 0);
		job_ended(broker, s, &done, -1);
		slot_retire(broker, s);
	}
	assert_int_equal(s->sock, -1);
}

/* Jobs that spoil slots make their client's next ones wait, and no others. */
static void
test_slow(void **state)
{
	const struct imsg_job_done done = { .end = END_WALL, .last = 1 };
	struct slot *s = &broker->slots[0];

	(void)state;
	open_slot(0);
	for (uint64_t n = 1; n <= REPEAT_FREE + 1; n++) {
		(void)queued(n);
		dispatch(broker);
		assert_int_equal(sent(0), n);
		job_ended(broker, s, &done, -1);
	}
	(void)queued(20);
	dispatch(broker);
	assert_int_equal(sent(0), 0);
	assert_true(share_held_until(&broker->share, now_us()) != UINT64_MAX);
	(void)queued_of(2, 21);
	dispatch(broker);
	assert_int_equal(sent(0), 21);
}

/* Its bytes were taken for others while it was being handed over: the front is
 * no liar, and there is no job. */
static void
test_shed(void **state)
{
	const struct imsg_job_request req = { .heads_len = 100, .proto = 1 };
	const uint64_t owner = BUDGET_OWNER(front.index, 7);
	struct msg m = { .hdr = { .job = 7 } };

	(void)state;
	memcpy(m.body, &req, sizeof(req));
	budget_limits(&broker->budget, 1000, 1000, 1000);
	assert_int_equal(budget_reserve(&broker->budget, owner, &req.peer,
	    100), 100);
	budget_shed(&broker->budget, owner);
	assert_int_equal(job_request(broker, &front, &m), 0);
	assert_null(broker->jobs);
	budget_release(&broker->budget, owner);
	assert_int_equal(job_request(broker, &front, &m), -EPROTO);
	free(broker->budget.entries);
}

/* While there is another client none has more than half of the memory, though
 * there is more and slots are free; and one job has it, however much it needs. */
static void
test_half(void **state)
{
	(void)state;
	memory_limits(&broker->memory, 4 * MEMORY_GUESS, MEMORY_GUESS);
	for (uint64_t n = 1; n <= 3; n++)
		(void)queued_of(1, n);
	(void)queued_of(2, 21);
	for (unsigned i = 0; i < 4; i++)
		open_slot(i);
	dispatch(broker);
	assert_int_equal(started, 3);
	assert_int_equal(broker->memory.used, 3 * MEMORY_GUESS);
	assert_int_equal(broker->jobs->next->next->state, JOB_QUEUED);
	assert_true(share_held_until(&broker->share, now_us()) != UINT64_MAX);
}

static void
test_half_for_one(void **state)
{
	(void)state;
	memory_limits(&broker->memory, MEMORY_GUESS, MEMORY_GUESS);
	(void)queued_of(1, 1);
	(void)queued_of(2, 21);
	open_slot(0);
	open_slot(1);
	dispatch(broker);
	assert_int_equal(started, 2);
	assert_int_equal(broker->memory.used, MEMORY_GUESS);
}

/* Nothing starts while the machine has too little left, which is told once;
 * then what has waited does. */
static void
test_short_of_memory(void **state)
{
	static const char text[] = "MemAvailable: 1024 kB\n";
	int fd = memfd_create("meminfo", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	broker->brake.fd = fd;
	broker->limits.memory_free = 1024 * 1024 + 1;
	open_slot(0);
	(void)queued(1);
	for (int i = 0; i < 3; i++)
		dispatch(broker);
	assert_int_equal(sent(0), 0);
	assert_int_equal(events, 1);
	assert_int_equal(broker->memory.used, 0);
	broker->limits.memory_free = 1024 * 1024;
	dispatch(broker);
	assert_int_equal(sent(0), 1);
	close(fd);
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_send_fails),
		WITH(test_back_once),
		WITH(test_taken),
		WITH(test_cancelled),
		WITH(test_draining),
		WITH(test_slot_jobs),
		WITH(test_slow),
		WITH(test_shed),
		WITH(test_half),
		WITH(test_half_for_one),
		WITH(test_short_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
