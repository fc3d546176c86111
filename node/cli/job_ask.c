/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job_ask.h"

#include <node/wire/lzo_text.h>
#include <node/wire/reply.h>

#include <stdlib.h>
#include <string.h>

struct writer {
	uint8_t *at;
};

static void
put_token(struct writer *w, const char *name, size_t value)
{
	reply_token(w->at, name, (uint32_t)value);
	w->at += REPLY_TOKEN;
}

static void
put_string(struct writer *w, const char *name, const char *text)
{
	size_t n = strlen(text);

	put_token(w, name, n);
	memcpy(w->at, text, n);
	w->at += n;
}

static void
put_body(struct writer *w, const char *name, const char *text, unsigned proto)
{
	uint8_t *head = w->at;
	size_t n = strlen(text);

	w->at += REPLY_TOKEN;
	if (proto > 1)
		n = lzo_text(w->at, text, n);
	else
		memcpy(w->at, text, n);
	w->at += n;
	reply_token(head, name, (uint32_t)n);
}

/* Bytes that the request needs at most. */
static size_t
bound(const struct job_ask *a)
{
	size_t n = 6 * REPLY_TOKEN + lzo_text_bound(strlen(a->source));

	for (unsigned i = 0; i < a->argc; i++)
		n += REPLY_TOKEN + strlen(a->argv[i]);
	if (a->proto == 3)
		n += strlen(a->cdir) + strlen(a->file);
	return n;
}

uint8_t *
job_ask_compose(const struct job_ask *a, size_t *len)
{
	uint8_t *buf = malloc(bound(a));
	struct writer w = { buf };

	if (buf == NULL)
		return NULL;
	put_token(&w, "DIST", a->proto);
	if (a->proto == 3)
		put_string(&w, "CDIR", a->cdir);
	put_token(&w, "ARGC", a->argc);
	for (unsigned i = 0; i < a->argc; i++)
		put_string(&w, "ARGV", a->argv[i]);
	if (a->proto == 3) {
		put_token(&w, "NFIL", 1);
		put_string(&w, "NAME", a->file);
	}
	put_body(&w, a->proto == 3 ? "FILE" : "DOTI", a->source, a->proto);
	*len = (size_t)(w.at - buf);
	return buf;
}
