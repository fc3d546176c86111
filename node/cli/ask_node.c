/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask_node.h"

#include <errno.h>
#include <node/wire/query.h>
#include <stdio.h>
#include <stdlib.h>

int
ask_node(struct talk *t, const struct node *n, const struct job_ask *a,
    uint64_t deadline_us)
{
	struct dialed d;
	uint8_t *request;
	size_t len;
	int r;

	request = job_ask_compose(a, &len);
	if (request == NULL)
		return -ENOMEM;
	r = n->spec->kind == HOST_SSH ?
	    dial_ssh(&d, n->spec) :
	    dial_tcp(&d, n->found, n->address, deadline_us);
	if (r == 0) {
		talk(t, d.fd, request, len, a->proto, deadline_us);
		dial_close(&d);
	}
	free(request);
	return r;
}

/* Its answer, when it is one. */
static int
take_answer(struct node_toolchains *ret, const struct talk *t)
{
	uint8_t *text;
	size_t len;
	int r;

	if (t->end != TALK_REPLY || t->reply.status != 0)
		return -ENOMSG;
	text = job_reply_unpack(&t->reply.sout, 1, QUERY_ANSWER_MAX, &len);
	if (text == NULL)
		return -ENOMSG;
	r = node_toolchains_parse(ret, (const char *)text, len);
	free(text);
	return r < 0 ? -ENOMSG : 0;
}

int
ask_toolchains(struct node_toolchains *ret, const struct node *n,
    uint64_t deadline_us, enum talk_end *end, char *why, size_t room)
{
	static const char *const argv[] = { QUERY_TOOLCHAINS, "-c", "hello.c",
		"-o", "hello.o" };
	const struct job_ask a = { .proto = 1, .argv = argv, .argc = 5,
		.source = "" };
	struct talk t;
	int r = ask_node(&t, n, &a, deadline_us);

	if (r < 0)
		return r;
	r = take_answer(ret, &t);
	*end = t.end;
	if (t.end == TALK_REPLY && r < 0)
		(void)snprintf(why, room,
		    "it speaks distcc and is no immured");
	else
		talk_text(&t, 1, why, room);
	talk_done(&t);
	return r;
}
