/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs that do not run: answered with a reason, recorded, gone; at once, or
 * after a while when the same was refused again and again. */
#include "broker.h"
#include "../common/limits.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_PROTOCOL_ERROR 109
/* Of the bodies' beginning and end, to tell requests from each other. */
#define PART_BYTES 65536U

void
refuse_bad_request(struct job *j, int error)
{
	j->reason = request_error_word((enum request_error)error);
	j->refuse_code = EXIT_PROTOCOL_ERROR;
	snprintf(j->text, sizeof(j->text),
	    "immured: refused: %s: the request names files in a way that no "
	    "stock client does; compile this file locally\n",
	    j->reason);
}

void
refuse_now(struct broker *b, struct job *j)
{
	answer_text(b, j, j->refuse_code, j->text);
	record_job(b, j, RESULT_REJ_BAD_REQ, j->refuse_code << 8, j->reason,
	    NULL);
	job_free(b, j);
}

static void
digest_part(crypto_generichash_state *h, const struct job *j, uint64_t from)
{
	static uint8_t part[PART_BYTES];
	ssize_t n = pread(j->bodies_fd, part, sizeof(part), (off_t)from);

	if (n > 0)
		crypto_generichash_update(h, part, (size_t)n);
}

/* What it is but for the text of its files: their lengths are in the heads. */
static void
command_digest(const struct job *j, uint8_t digest[REQUEST_DIGEST])
{
	const struct request *r = &j->request; /* empty, if it was no good */
	const char *cdir = r->cdir != NULL ? r->cdir : "";
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, REQUEST_DIGEST);
	crypto_generichash_update(&h, (const uint8_t *)&j->proto,
	    sizeof(j->proto));
	crypto_generichash_update(&h, (const uint8_t *)cdir, strlen(cdir) + 1);
	for (unsigned i = 0; i < r->argc; i++)
		crypto_generichash_update(&h, (const uint8_t *)r->argv[i],
		    strlen(r->argv[i]) + 1);
	crypto_generichash_final(&h, digest, REQUEST_DIGEST);
}

/* Not of the whole, which may be large: where configure's conftest.c, always
 * of that name, differ from each other. */
static uint32_t
delay_ms(struct broker *b, const struct job *j)
{
	const uint64_t now = now_us();
	uint32_t same, like;
	crypto_generichash_state h = j->hash; /* of the heads, so far */
	uint64_t len = j->request.bodies_len;
	uint8_t digest[REQUEST_DIGEST];

	digest_part(&h, j, 0);
	if (len > PART_BYTES)
		digest_part(&h, j, len - PART_BYTES);
	crypto_generichash_final(&h, digest, sizeof(digest));
	_Static_assert(sizeof(digest) >= REPEAT_DIGEST, "enough of it");
	same = repeat_delay_ms(&b->repeats, &j->peer, digest, now);
	command_digest(j, digest);
	like = repeat_command_ms(&b->repeats, &j->peer, digest, now);
	return same > like ? same : like;
}

/* As many as there may be, or as one client may have of them. */
static bool
too_many_held(const struct broker *b, const struct peer *p)
{
	unsigned n = 0;

	for (const struct job *j = b->jobs; j != NULL; j = j->next)
		n += j->state == JOB_HELD && peer_same_client(&j->peer, p);
	return b->nheld >= LIMIT_HELD || n >= LIMIT_HELD_CLIENT;
}

void
refuse_job(struct broker *b, struct job *j)
{
	uint32_t ms = delay_ms(b, j);

	if (ms == 0) {
		refuse_now(b, j);
	} else if (too_many_held(b, &j->peer)) {
		record_overload(b, &j->peer, "limit.repeat",
		    "closed: the same job is refused again and again");
		answer_close(b, j);
		job_free(b, j);
	} else {
		j->state = JOB_HELD;
		b->nheld++;
		j->refuse_us = now_us() + ms * 1000ULL;
	}
}

int
refuse_held(struct broker *b, bool all)
{
	uint64_t now = now_us(), next = UINT64_MAX;
	struct job *j, *after;

	/* Asked in every round of the broker: no walk for nothing. */
	for (j = b->nheld > 0 ? b->jobs : NULL; j != NULL; j = after) {
		after = j->next;
		if (j->state != JOB_HELD)
			continue;
		if (all || j->refuse_us <= now)
			refuse_now(b, j);
		else if (j->refuse_us < next)
			next = j->refuse_us;
	}
	return next == UINT64_MAX ? -1 : (int)((next - now) / 1000 + 1);
}
