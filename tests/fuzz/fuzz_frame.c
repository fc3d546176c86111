/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input is a stream from a client.  However it is cut, framing must say
 * the same of it, and what it calls complete the broker's parser must accept
 * as well-formed.
 */
#include "fuzz.h"
#include "node/wire/frame.h"
#include "node/wire/request.h"

#include <string.h>

struct outcome {
	enum frame_error error;
	enum frame_state state;
	size_t used; /* bytes of the input */
	uint64_t at; /* where it went wrong, or how far it came */
	const char *expects, *says;
	uint8_t *heads, *bodies;
	size_t heads_len, bodies_len;
	uint64_t reserved;
};

static void
take(struct outcome *o, const uint8_t *p, const struct frame_piece *piece)
{
	if (piece->is_body) {
		memcpy(o->bodies + o->bodies_len, p, piece->len);
		o->bodies_len += piece->len;
	} else {
		memcpy(o->heads + o->heads_len, p, piece->len);
		o->heads_len += piece->len;
	}
	o->reserved += piece->reserve;
	o->used += piece->len;
}

/* Body bytes that must come next. */
static uint64_t
certain(const struct frame *f)
{
	return f->in_body ? f->left : 0;
}

/* One read of @n bytes, as the front does it. */
static void
feed(struct frame *f, struct outcome *o, const uint8_t *p, size_t n)
{
	struct frame_piece piece;
	size_t at = 0;

	do {
		const uint64_t before = certain(f);

		o->error = frame_next(f, p + at, n - at, &piece);
		MUST(piece.len <= n - at);
		MUST(o->error == FRAME_OK || piece.len == 0);
		MUST(piece.is_body == 0 || piece.len <= before);
		MUST(piece.reserve == 0 || piece.reserve == certain(f));
		take(o, p + at, &piece);
		at += piece.len;
	} while (o->error == FRAME_OK && piece.len != 0);
	MUST(at == n || o->error != FRAME_OK ||
	     frame_state(f) == FRAME_COMPLETE);
}

/* In reads of at most @step bytes. */
static void
run(struct outcome *o, const uint8_t *data, size_t size, size_t step)
{
	struct frame f;
	uint8_t none = 0;
	size_t at, n;

	memset(o, 0, sizeof(*o));
	o->heads = malloc(size + 1); /* request_parse wants one more */
	o->bodies = malloc(size + 1);
	MUST(o->heads != NULL && o->bodies != NULL);
	frame_init(&f, &limits_most);
	MUST(frame_state(&f) == FRAME_FIRST_BYTE);
	feed(&f, o, &none, 0);
	for (at = 0; at < size && o->error == FRAME_OK; at += n) {
		n = size - at < step ? size - at : step;
		feed(&f, o, data + at, n);
	}
	o->state = frame_state(&f);
	o->at = frame_at(&f);
	o->expects = frame_expects(f.expect);
	o->says = frame_error_text(f.error);
	MUST(o->at <= size);
	MUST(o->error != FRAME_OK || o->at == o->used);
	MUST((o->state == FRAME_FAILED) == (o->error != FRAME_OK));
}

static void
done(struct outcome *o)
{
	free(o->heads);
	free(o->bodies);
}

static void
same(const struct outcome *a, const struct outcome *b)
{
	MUST(a->error == b->error);
	MUST(a->state == b->state);
	MUST(a->at == b->at);
	MUST(a->expects == b->expects && a->says == b->says);
	if (a->error != FRAME_OK)
		return; /* how much came before the refusal depends on the cut
			 */
	MUST(a->used == b->used && a->reserved == b->reserved);
	MUST(a->heads_len == b->heads_len);
	MUST(a->bodies_len == b->bodies_len);
	MUST(memcmp(a->heads, b->heads, a->heads_len) == 0);
	MUST(memcmp(a->bodies, b->bodies, a->bodies_len) == 0);
}

static void
agree(struct outcome *o)
{
	struct request r;
	int e;

	MUST(o->reserved == o->bodies_len);
	e = request_parse(&r, o->heads, o->heads_len, o->bodies_len);
	MUST(e != REQUEST_E_FORM);
	MUST(e >= 0);
	if (e == REQUEST_OK)
		request_done(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, bytes, cut;

	run(&whole, data, size, size + 1);
	run(&bytes, data, size, 1);
	run(&cut, data, size, 13);
	same(&whole, &bytes);
	same(&whole, &cut);
	if (whole.state == FRAME_COMPLETE)
		agree(&whole);
	done(&whole);
	done(&bytes);
	done(&cut);
	return 0;
}
