/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job_reply.h"

#include <node/wire/token.h>

#include <errno.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
	const uint8_t *at;
	size_t left;
};

/* The next token must be @name. */
static enum job_reply_state
take_token(struct cursor *c, const char *name, uint32_t *value)
{
	size_t n = c->left < 4 ? c->left : 4;

	if (memcmp(c->at, name, n) != 0)
		return JOB_REPLY_BAD;
	if (c->left < WIRE_TOKEN)
		return JOB_REPLY_MORE;
	if (!token_value(c->at, value))
		return JOB_REPLY_BAD;
	c->at += WIRE_TOKEN;
	c->left -= WIRE_TOKEN;
	return JOB_REPLY_WHOLE;
}

static enum job_reply_state
take_part(struct cursor *c, const char *name, struct job_reply_part *part)
{
	uint32_t n;
	enum job_reply_state s = take_token(c, name, &n);

	if (s != JOB_REPLY_WHOLE)
		return s;
	if (n > JOB_REPLY_PART_MAX)
		return JOB_REPLY_BIG;
	if (c->left < n)
		return JOB_REPLY_MORE;
	part->at = c->at;
	part->len = n;
	c->at += n;
	c->left -= n;
	return JOB_REPLY_WHOLE;
}

static enum job_reply_state
take_parts(struct cursor *c, struct job_reply *r)
{
	enum job_reply_state s;

	s = take_token(c, "STAT", &r->status);
	if (s == JOB_REPLY_WHOLE)
		s = take_part(c, "SERR", &r->serr);
	if (s == JOB_REPLY_WHOLE)
		s = take_part(c, "SOUT", &r->sout);
	if (s == JOB_REPLY_WHOLE)
		s = take_part(c, "DOTO", &r->object);
	if (s == JOB_REPLY_WHOLE && r->proto == 3 && r->status == 0)
		s = take_part(c, "DOTD", &r->deps);
	return s;
}

enum job_reply_state
job_reply_read(
    struct job_reply *r, const uint8_t *buf, size_t len, unsigned proto)
{
	struct cursor c = { buf, len };
	enum job_reply_state s;

	memset(r, 0, sizeof(*r));
	s = take_token(&c, "DONE", &r->proto);
	if (s == JOB_REPLY_BAD)
		return JOB_REPLY_STRANGER;
	if (s != JOB_REPLY_WHOLE)
		return s;
	if (r->proto != proto)
		return JOB_REPLY_VERSION;
	return take_parts(&c, r);
}

static uint8_t *
fail(uint8_t *buf, int error)
{
	free(buf);
	errno = error;
	return NULL;
}

uint8_t *
job_reply_unpack(const struct job_reply_part *part, unsigned proto, size_t max,
    size_t *len)
{
	lzo_uint n = proto > 1 ? max : part->len;
	uint8_t *buf;
	int r;

	if (n > max)
		return fail(NULL, EMSGSIZE);
	buf = malloc(n + 1);
	if (buf == NULL)
		return NULL;
	if (part->len == 0) {
		n = 0; /* empty is not a block (wire-protocol §1.7) */
	} else if (proto > 1) {
		r = lzo1x_decompress_safe(part->at, part->len, buf, &n, NULL);
		if (r != LZO_E_OK)
			return fail(buf,
			    r == LZO_E_OUTPUT_OVERRUN ? EMSGSIZE : EBADMSG);
	} else {
		memcpy(buf, part->at, n);
	}
	buf[n] = '\0';
	*len = n;
	return buf;
}

const char *
job_reply_stranger(const uint8_t *buf, size_t len)
{
	static const struct {
		const char *begins;
		size_t n;
		const char *name;
	} known[] = {
		{ "HTTP/", 5, "an HTTP server" },
		{ "<", 1, "an HTTP server" },
		/* Records of TLS: alert, handshake; version 3.x. */
		{ "\x15\x03", 2, "a TLS server" },
		{ "\x16\x03", 2, "a TLS server" },
		{ "SSH-", 4, "an SSH server" },
		{ "220", 3, "a mail or FTP server" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len >= known[i].n &&
		    memcmp(buf, known[i].begins, known[i].n) == 0)
			return known[i].name;
	return "something else";
}
