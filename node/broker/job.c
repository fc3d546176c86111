/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a job: requested, decided, queued, run, answered, recorded. */
#include "broker.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "query.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define EXIT_PROTOCOL_ERROR 109
#define EXIT_TIMEOUT        118

static void
job_append(struct broker *b, struct job *j)
{
	j->prev = b->jobs_last;
	if (j->prev != NULL)
		j->prev->next = j;
	else
		b->jobs = j;
	b->jobs_last = j;
	b->njobs++;
}

void
job_give_memory(struct broker *b, struct job *j)
{
	memory_give(&b->memory, j->memory);
	j->memory = 0;
}

void
job_free(struct broker *b, struct job *j)
{
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		b->jobs = j->next;
	if (j->next != NULL)
		j->next->prev = j->prev;
	else
		b->jobs_last = j->prev;
	b->njobs--;
	b->nheld -= j->state == JOB_HELD;
	if (j->state == JOB_RUNNING || j->state == JOB_CANCELLED)
		stats_running(&b->stats, now_us(), -1);
	job_give_memory(b, j);
	share_end(&j->share, j->maxrss_kib, now_us());
	if (j->front != NULL) /* what is left to do is its client's */
		budget_moved(&b->budget, BUDGET_OWNER(j->front->index,
		    j->conn), false, now_us());
	if (j->decided)
		options_done(&j->decision);
	request_done(&j->request);
	free(j->heads);
	(void)fd_close(j->bodies_fd);
	(void)fd_close(j->plan_fd);
	free(j);
}

void
job_elsewhere(struct broker *b, struct job *j, const char *word)
{
	answer_close(b, j);
	record_job(b, j, RESULT_REJ_OVERLOAD, 0, word, NULL);
	job_free(b, j);
}

struct job *
job_find(struct broker *b, const struct front_peer *fp, uint64_t conn)
{
	for (struct job *j = b->jobs; j != NULL; j = j->next)
		if (j->front == fp && j->conn == conn)
			return j;
	return NULL;
}

static int
read_heads(struct job *j, int fd, uint64_t len)
{
	uint64_t at = 0;
	ssize_t n;

	j->heads = malloc(len + 1);
	if (j->heads == NULL)
		return -ENOMEM;
	while (at < len) {
		n = pread(fd, j->heads + at, len - at, (off_t)at);
		if (n <= 0)
			return -EIO;
		at += (uint64_t)n;
	}
	j->heads_len = len;
	return 0;
}

static struct job *
job_new(struct broker *b, struct front_peer *fp, struct msg *m)
{
	const struct imsg_job_request *req = (const void *)m->body;
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->front = fp;
	j->conn = m->hdr.job;
	j->peer = req->peer;
	j->proto = req->proto;
	j->accepted_us = req->accepted_us;
	j->bytes_in = req->heads_len + req->bodies_len;
	j->bodies_fd = -1;
	j->plan_fd = -1;
	budget_moved(&b->budget, BUDGET_OWNER(fp->index, j->conn), true,
	    now_us());
	job_append(b, j);
	return j;
}

/*
 * Read and decide.  0: it may be queued (or j->reason says why not);
 * -EPROTO: the front lies; other -errno: the world failed.
 */
static int
job_read(struct broker *b, struct job *j, struct msg *m)
{
	const struct imsg_job_request *req = (const void *)m->body;
	int r;

	if (memfd_check(m->fds[0], req->heads_len, b->front_uid) != MEMFD_OK ||
	    memfd_check(m->fds[1], req->bodies_len, b->front_uid) != MEMFD_OK)
		return -EPROTO;
	r = read_heads(j, m->fds[0], req->heads_len);
	if (r < 0)
		return r;
	j->bodies_fd = msg_take_fd(m, 1);
	crypto_generichash_init(&j->hash, NULL, 0, REQUEST_DIGEST);
	crypto_generichash_update(&j->hash, j->heads, j->heads_len);
	r = request_parse(&j->request, j->heads, j->heads_len,
	    req->bodies_len);
	if (r == REQUEST_E_FORM || (r == 0 && j->request.proto != j->proto))
		return -EPROTO;
	if (r > 0) {
		refuse_bad_request(j, r);
		return 0;
	}
	if (r < 0 || query_asked(j))
		return r;
	return decide(b, j);
}

/* Whole requests that there is no place for: closed, so that their clients go
 * elsewhere, before anything of them is read. */
static bool
job_no_place(struct broker *b, struct job *j)
{
	if (b->draining)
		record_overload(b, &j->peer, "node.drain",
		    "a job was sent elsewhere: the node ends");
	else if (b->records_full)
		record_overload(b, &j->peer, "audit.full",
		    "a job was sent elsewhere: the auditor is behind");
	else if (b->njobs > b->limits.queue)
		record_overload(b, &j->peer, "limit.queue",
		    "a job was sent elsewhere: too many wait already");
	else if (b->image.buf == NULL)
		record_overload(b, &j->peer, "image.none",
		    "a job was sent elsewhere: there are no images yet");
	else
		return false;
	answer_close(b, j);
	job_free(b, j);
	return true;
}

/* The world's fault, not the client's: it goes elsewhere. */
static void
job_failed(struct broker *b, struct job *j, int error)
{
	record_peer(b, LOG_ERR, ROLE_BROKER, &j->peer, "broker.job",
	    strerror(error));
	answer_close(b, j);
	job_free(b, j);
}

int
job_request(struct broker *b, struct front_peer *fp, struct msg *m)
{
	const struct imsg_job_request *req = (const void *)m->body;
	struct job *j;
	int r;

	if (req->heads_len > LIMIT_HEADS_BYTES ||
	    req->bodies_len > LIMIT_BODIES_BYTES ||
	    job_find(b, fp, m->hdr.job) != NULL)
		return -EPROTO;
	/* Its end is on its way to the front; of a job nobody needs to know. */
	if (budget_was_shed(&b->budget, BUDGET_OWNER(fp->index, m->hdr.job)))
		return 0;
	/* What was never reserved is nobody's (security-rules 17). */
	if (budget_of(&b->budget, BUDGET_OWNER(fp->index, m->hdr.job)) <
	    req->heads_len + req->bodies_len)
		return -EPROTO;
	j = job_new(b, fp, m);
	if (j == NULL)
		return -ENOMEM;
	if (job_no_place(b, j))
		return 0;
	r = job_read(b, j, m);
	if (r == -EPROTO) {
		job_free(b, j);
		return r;
	}
	if (r < 0) {
		job_failed(b, j, -r);
		return 0;
	}
	if (j->reason != NULL) {
		refuse_job(b, j);
		return 0;
	}
	if (query_asked(j)) {
		query_answer(b, j);
		return 0;
	}
	if (dispatch_is_slow(b, &j->peer)) {
		job_elsewhere(b, j, "limit.wait");
		return 0;
	}
	if (share_wait(&b->share, &j->share, &j->peer, now_us()) < 0) {
		job_failed(b, j, ENOMEM);
		return 0;
	}
	j->state = JOB_QUEUED;
	j->queued_us = now_us();
	dispatch(b);
	return 0;
}

/* Nobody waited for it in the end. */
static void
record_gone(struct broker *b, struct job *j, uint32_t status,
    const struct imsg_job_done *d)
{
	record_job(b, j, j->front_broke ? RESULT_OTHER : RESULT_CLI_DISCONN,
	    status, j->front_broke ? "front.crash" : "client.gone", d);
}

void
job_over(struct broker *b, struct job *j, bool front_broke)
{
	struct slot *s = j->slot;

	j->front = NULL;
	j->front_broke = front_broke;
	if (s == NULL) {
		record_gone(b, j, 0, NULL);
		job_free(b, j);
		return;
	}
	j->state = JOB_CANCELLED;
	s->due_us = now_us() + LIMIT_DONE_LATE_US;
	if (msg_send(s->sock, IMSG_JOB_CANCEL, j->conn, NULL, 0, NULL, 0) < 0)
		slot_close(b, s);
}

/* To its place in the queue: plan and bodies are still here, and what it has
 * waited counts.  Not for one whose bytes may be what broke the slot, nor a
 * second time.  False: there is no way back. */
static bool
wait_again(struct broker *b, struct job *j)
{
	if (j->state != JOB_RUNNING || j->taken || j->again || b->draining)
		return false;
	stats_running(&b->stats, now_us(), -1);
	share_back(&j->share, now_us());
	job_give_memory(b, j);
	j->state = JOB_QUEUED;
	j->again = true;
	record_peer(b, LOG_NOTICE, ROLE_BROKER, &j->peer, "job.again",
	    "its slot broke before it had begun there; it waits for another");
	return true;
}

void
job_lost(struct broker *b, struct job *j)
{
	j->slot = NULL;
	if (wait_again(b, j))
		return;
	if (j->state == JOB_CANCELLED) {
		record_gone(b, j, 0, NULL);
	} else {
		answer_close(b, j);
		record_job(b, j, RESULT_OTHER, 0, "slot.crash", NULL);
	}
	job_free(b, j);
}

/* How each end of a job is answered and recorded. */
static const struct {
	const char *reason; /* stable word */
	const char *text;
	uint32_t code;
	enum audit_result result;
} ends[END_COUNT] = {
	[END_EXIT] = { "", NULL, 0, RESULT_COMPILE_OK },
	[END_WALL] = { "limit.wall",
	    "immured: limit.wall: Compilation takes too long, timeout.  "
	    "Compile this file locally, or have --job-lifetime raised\n",
	    EXIT_TIMEOUT, RESULT_COMPILE_TIMEOUT },
	[END_CANCELLED] = { "client.gone", NULL, 0, RESULT_CLI_DISCONN },
	[END_UNPACK] = { "request.body",
	    "immured: refused: request.body: a file of the request cannot be "
	    "unpacked here (not LZO, or in the way of another); compile this "
	    "file locally\n",
	    EXIT_PROTOCOL_ERROR, RESULT_REJ_BAD_REQ },
	[END_TOO_BIG] = { "limit.output",
	    "immured: limit.output: the compiler's output is over the limit; "
	    "compile this file locally\n",
	    EXIT_TIMEOUT, RESULT_OTHER },
	[END_NO_OBJECT] = { "compiler.no-output",
	    "immured: compiler.no-output: the compiler said success and wrote "
	    "no output file; compile this file locally\n",
	    1, RESULT_COMPILE_ERROR },
	[END_BAD_RESULT] = { "cell.result", NULL, 0, RESULT_OTHER },
	[END_MEMORY] = { "limit.memory",
	    "immured: limit.memory: the job needs more memory than a job may "
	    "have here; compile this file locally\n",
	    EXIT_TIMEOUT, RESULT_OTHER },
	[END_PROCS] = { "limit.processes",
	    "immured: limit.processes: the job starts more processes than a "
	    "job may have here; compile this file locally\n",
	    EXIT_TIMEOUT, RESULT_OTHER },
	[END_OOM] = { "cell.oom", NULL, 0, RESULT_OTHER },
	[END_CPU] = { "limit.cpu",
	    "immured: limit.cpu: the job took more CPU time than limit-cpu "
	    "allows; compile this file locally\n",
	    EXIT_TIMEOUT, RESULT_OTHER },
	[END_CRASH] = { "cell.crash", NULL, 0, RESULT_OTHER },
	[END_VIOLATION] = { "cell.violation",
	    "immured: cell.violation: the compiler made a system call that no "
	    "compiler needs and was stopped; compile this file locally, and "
	    "show the node's administrator its log\n",
	    EXIT_PROTOCOL_ERROR, RESULT_OTHER },
};

/* What pid 1 of the cell says of unpack, for people: the job is refused in any
 * case. */
static const char *
unpack_word(const struct imsg_job_done *d)
{
	switch (d->detail) {
	case UNPACK_BOMB:
		return "limit.unpacked";
	case UNPACK_SPACE:
		return "limit.space";
	default:
		return ends[END_UNPACK].reason;
	}
}

static const char *
unpack_text(const struct imsg_job_done *d)
{
	switch (d->detail) {
	case UNPACK_BOMB:
		return "immured: refused: limit.unpacked: the sources are "
		       "larger, unpacked, than limit-unpacked allows; compile "
		       "this file locally\n";
	case UNPACK_SPACE:
		return "immured: refused: limit.space: the sources do not fit "
		       "into what a job has (limit-space, limit-inodes); "
		       "compile this file locally\n";
	default:
		return ends[END_UNPACK].text;
	}
}

/*
 * Limits that the kernel enforces on processes of the job, told by what wait4(2)
 * has measured from outside.  A process that the kernel kills for its CPU time has
 * more than limit-cpu (limit_cpu_s()), so all of them together have.  No process
 * gets beyond its address space, but one that failed at it has not touched all of
 * it: seven eighths, and a failure, are taken for that, and the compiler's own
 * text is what the client gets.
 */
static const char *
exit_word(const struct limits *l, const struct imsg_job_done *d)
{
	if (d->status == 0)
		return "";
	if ((d->user_us + d->sys_us) / 1000 >= l->cpu_ms)
		return "limit.cpu";
	return d->maxrss_kib >= l->address_space / KIB / 8 * 7 ?
	    "limit.memory" : "";
}

static const char *
end_word(const struct broker *b, const struct imsg_job_done *d)
{
	if (d->end == END_EXIT)
		return exit_word(&b->limits, d);
	return d->end == END_UNPACK ? unpack_word(d) : ends[d->end].reason;
}

static enum audit_result
exit_result(const struct imsg_job_done *d)
{
	return d->status == 0 ? RESULT_COMPILE_OK : RESULT_COMPILE_ERROR;
}

static void
job_answer(struct broker *b, struct job *j, const struct imsg_job_done *d,
    int *result)
{
	uint32_t end = d->end;

	const char *word = end_word(b, d);

	if (end == END_EXIT && strcmp(word, "limit.cpu") == 0)
		answer_text(b, j, ends[END_CPU].code, ends[END_CPU].text);
	else if (strcmp(word, "limit.memory") == 0 && j->proto == 3)
		/* Elsewhere it would compile: an exit code would turn pump
		 * mode off for the whole build. */
		answer_text(b, j, EXIT_TIMEOUT, "immured: limit.memory: the "
		    "job came close to limit-address-space; compile this file "
		    "locally\n");
	else if (end == END_EXIT)
		answer_result(b, j, d, result);
	else if (end == END_UNPACK)
		answer_text(b, j, ends[end].code, unpack_text(d));
	else if (ends[end].text != NULL)
		answer_text(b, j, ends[end].code, ends[end].text);
	else
		answer_close(b, j);
}

/*
 * A result is RAM for as long as its client takes to fetch it, so it is
 * charged like a request (security-rules 17), until the connection is over.
 * False: there is no room, and the client goes elsewhere.
 */
static bool
charge_result(struct broker *b, const struct job *j,
    const struct imsg_job_done *d)
{
	uint64_t sum = 0;

	for (int i = 0; i < PART_COUNT; i++)
		sum += d->len[i];
	return sum == 0 ||
	    reserve(b, j->front, j->conn, &j->peer, sum) != 0;
}

static void
job_no_room(struct broker *b, struct job *j, const struct imsg_job_done *d)
{
	answer_close(b, j);
	record_job(b, j, RESULT_REJ_OVERLOAD, 0, "limit.budget", d);
}

/*
 * A job that spoilt its slot, which takes a while to be made again: its client's
 * next ones wait for that, longer each time, and nobody else's.  All such jobs
 * of a client count as the same, since honest ones do not have several.
 */
static void
slow_down(struct broker *b, struct job *j)
{
	static const uint8_t any[REPEAT_DIGEST];
	uint64_t now = now_us();

	if (b->selftest)
		return;
	share_hold(&j->share, now + 1000ULL *
	    repeat_delay_ms(&b->repeats, &j->peer, any, now));
}

void
job_ended(struct broker *b, struct slot *s, const struct imsg_job_done *d,
    int result)
{
	struct job *j = s->job;
	bool gone = j->state == JOB_CANCELLED;
	uint32_t status;

	j->maxrss_kib = d->maxrss_kib;
	memory_learn(&b->memory, &j->peer, j->toolchain, d->maxrss_kib);
	if (d->last != 0 && d->end != END_OOM)
		slow_down(b, j);
	if (!gone && !charge_result(b, j, d)) {
		job_no_room(b, j, d);
		(void)fd_close(result);
		goto out;
	}
	if (!gone)
		job_answer(b, j, d, &result);
	(void)fd_close(result);
	status = d->end == END_EXIT ? d->status : ends[d->end].code << 8;
	if (gone)
		record_gone(b, j, status, d);
	else
		record_job(b, j, d->end == END_EXIT ? exit_result(d) :
		    ends[d->end].result, status, end_word(b, d), d);
out:
	s->job = NULL;
	j->slot = NULL;
	job_free(b, j);
}

void
jobs_stop(struct broker *b)
{
	for (struct job *j = b->jobs; j != NULL; j = j->next)
		if (j->state == JOB_CANCELLED)
			record_gone(b, j, 0, NULL);
		else
			record_job(b, j, j->state == JOB_RUNNING ?
			    RESULT_OTHER : RESULT_REJ_OVERLOAD, 0,
			    "node.stop", NULL);
}
