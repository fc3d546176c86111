/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One small job, as the stock client would send it, and what came of it. */
#include "probe.h"

#include <errno.h>
#include <stdarg.h>
#include <node/auditor/escape.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 65536U
#define OBJECT_MAX  (4U << 20)

/* In plain mode the source is what the preprocessor of the client wrote; in
 * pump mode the node's own headers must be there. */
#define BODY "int immure_probe(void) { return 0; }\n"
#define PLAIN_C "# 1 \"immure-probe.c\"\n" BODY
#define PLAIN_CXX "# 1 \"immure-probe.cc\"\n" BODY
#define PUMP "#include <stddef.h>\n" BODY

static void __attribute__((format(printf, 2, 3)))
fail(struct try_result *t, const char *fmt, ...)
{
	va_list ap;

	t->state = TRY_FAILED;
	va_start(ap, fmt);
	(void)vsnprintf(t->why, sizeof(t->why), fmt, ap);
	va_end(ap);
}

/* The first line of what the node says, or how the job ended. */
static void
failed_there(struct try_result *t, const struct talk *talk, unsigned proto)
{
	uint32_t status = talk->reply.status;
	size_t len = 0, line = 0;
	uint8_t *text;
	char said[PROBE_TEXT - 40] = "";

	text = job_reply_unpack(&talk->reply.serr, proto, MESSAGE_MAX, &len);
	if (text != NULL) {
		while (line < len && text[line] != '\n' && text[line] != '\r')
			line++;
		(void)escape(said, sizeof(said), (const char *)text, line,
		    ESCAPE_TEXT);
	}
	free(text);
	if ((status & 0x7f) != 0)
		fail(t, "ended by signal %u%s%s", status & 0x7f,
		    said[0] != '\0' ? ": " : "", said);
	else
		fail(t, "exit %u%s%s", status >> 8 & 0xff,
		    said[0] != '\0' ? ": " : "", said);
}

static void
look_at_object(struct try_result *t, const struct talk *talk, unsigned proto)
{
	uint8_t *object;
	size_t len;

	object = job_reply_unpack(&talk->reply.object, proto, OBJECT_MAX, &len);
	if (object == NULL)
		fail(t, "the object does not unpack");
	else if (len == 0)
		fail(t, "success, but the object is empty");
	else if (object_facts(&t->object, object, len) < 0)
		fail(t, "what it sent is no ELF object");
	else
		t->state = TRY_OK;
	free(object);
}

static void
judge(struct try_result *t, const struct talk *talk, unsigned proto)
{
	char text[PROBE_TEXT];

	t->end = talk->end;
	t->us = talk->us;
	if (talk->end != TALK_REPLY) {
		talk_text(talk, proto, text, sizeof(text));
		fail(t, "%s", text);
		/* A close refuses this job; what else there is, all. */
		t->unreachable = talk->end != TALK_CLOSED;
	} else if (talk->reply.status != 0) {
		failed_there(t, talk, proto);
	} else {
		look_at_object(t, talk, proto);
	}
}

void
probe_job(struct try_result *t, const struct node *n, const struct compiler *c,
    const char *option, unsigned proto, uint64_t deadline_us)
{
	const char *argv[] = { c->name, "-c",
		c->cxx ? "immure-probe.cc" : "immure-probe.c", "-o",
		"immure-probe.o", option };
	const struct job_ask a = { .proto = proto, .argv = argv,
		.argc = option != NULL ? 6 : 5,
		.cdir = "/tmp",
		.file = c->cxx ? "/tmp/immure-probe.cc" :
				 "/tmp/immure-probe.c",
		.source = proto == 3 ? PUMP : c->cxx ? PLAIN_CXX : PLAIN_C };
	struct talk talk;
	int r;

	memset(t, 0, sizeof(*t));
	r = ask_node(&talk, n, &a, deadline_us);
	if (r < 0) {
		fail(t, "%s", strerror(-r));
		t->end = TALK_BROKEN;
		t->unreachable = true;
		return;
	}
	judge(t, &talk, proto);
	talk_done(&talk);
}
