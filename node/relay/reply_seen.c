/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of a reply has gone by; see reply_seen.h.  Pure. */
#include "reply_seen.h"
#include "../wire/reply.h"
#include "../wire/token.h"
#include <string.h>

enum { AT_DONE, AT_STAT, AT_SERR, AT_SOUT, AT_DOTO, AT_DOTD, AT_COUNT };

_Static_assert(sizeof(((struct reply_seen *)0)->token) == WIRE_TOKEN,
    "room for a token");

static uint32_t
after_body(const struct reply_seen *s)
{
	bool deps = reply_has_deps(s->version, s->status) != 0;

	if (s->expect == AT_COUNT || (s->expect == AT_DOTD && !deps))
		return REPLY_WHOLE;
	return REPLY_PART;
}

static uint32_t
take_token(struct reply_seen *s)
{
	static const char names[AT_COUNT][5] = { "DONE", "STAT", "SERR",
		"SOUT", "DOTO", "DOTD" };
	uint32_t value;

	if (!token_is(s->token, names[s->expect]) ||
	    !token_value(s->token, &value))
		return REPLY_BROKEN;
	if (s->expect == AT_DONE)
		s->version = value;
	else if (s->expect == AT_STAT)
		s->status = value;
	else
		s->body_left = value;
	s->expect++;
	return s->body_left > 0 ? REPLY_PART : after_body(s);
}

void
reply_seen_add(struct reply_seen *s, const uint8_t *p, size_t n)
{
	size_t k;

	if (n > 0 && s->state == REPLY_NONE)
		s->state = REPLY_PART;
	for (; n > 0 && s->state == REPLY_PART; p += k, n -= k) {
		if (s->body_left > 0) {
			k = n < s->body_left ? n : (size_t)s->body_left;
			s->body_left -= k;
			if (s->body_left == 0)
				s->state = after_body(s);
			continue;
		}
		k = WIRE_TOKEN - s->have;
		k = n < k ? n : k;
		memcpy(s->token + s->have, p, k);
		s->have += (uint32_t)k;
		if (s->have == WIRE_TOKEN) {
			s->have = 0;
			s->state = take_token(s);
		}
	}
}
