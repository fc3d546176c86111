/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answering the question for toolchains.  Whoever may send jobs may ask it
 * (the monitor's list of clients has been passed), as often as it may send
 * jobs: the text is made once per generation of images and number of slots,
 * and the answer is charged to its connection like a job's result.
 */
#include "query.h"
#include "broker.h"
#include "../wire/query.h"
#include <string.h>

static struct {
	uint64_t generation; /* 0 = none */
	unsigned jobs;
	size_t len;
	char text[QUERY_ANSWER_MAX];
} kept;

bool
query_asked(const struct job *j)
{
	return j->request.argc > 0 &&
	    strcmp(j->request.argv[0], QUERY_TOOLCHAINS) == 0;
}

static unsigned
slots(const struct broker *b)
{
	unsigned n = 0;

	for (int i = 0; i < SLOTS_MAX; i++)
		n += b->slots[i].sock >= 0;
	return n;
}

static void
keep_text(const struct broker *b)
{
	unsigned jobs = slots(b);

	if (kept.generation == b->image.generation && kept.jobs == jobs)
		return;
	kept.generation = b->image.generation;
	kept.jobs = jobs;
	kept.len = query_text(kept.text, sizeof(kept.text), &b->image.table,
	    jobs);
}

void
query_answer(struct broker *b, struct job *j)
{
	keep_text(b);
	if (kept.len == 0 || budget_reserve(&b->budget,
	    BUDGET_OWNER(j->front->index, j->conn), &j->peer, kept.len) == 0) {
		job_elsewhere(b, j, "limit.budget");
		return;
	}
	answer_said(b, j, kept.text);
	record_job(b, j, RESULT_OTHER, 0, "query.toolchains", NULL);
	job_free(b, j);
}
