/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are asked for again; see repeat.h. */
#include "repeat.h"
#include <stdbool.h>
#include <string.h>

static bool
is_it(const struct repeat *e, enum repeat_kind kind, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST])
{
	if (e->count == 0 || e->kind != kind ||
	    memcmp(e->digest, digest, REPEAT_DIGEST) != 0)
		return false;
	return kind == REPEAT_SITE ? peer_same_site(&e->peer, peer) :
	                             peer_same_client(&e->peer, peer);
}

/* Its entry, with one more in it; in place of the oldest, if it is new. */
static struct repeat *
one_more(struct repeats *r, enum repeat_kind kind, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us)
{
	struct repeat *use = &r->v[0];
	unsigned i;

	for (i = 0; i < REPEAT_KEPT; i++) {
		struct repeat *e = &r->v[i];

		if (now_us - e->last_us > REPEAT_FORGET_US)
			e->count = 0;
		if (is_it(e, kind, peer, digest)) {
			use = e;
			break;
		}
		if (e->count == 0 || (use->count > 0 &&
		    e->last_us < use->last_us))
			use = e;
	}
	if (i == REPEAT_KEPT) {
		*use = (struct repeat){ .peer = *peer, .kind = kind };
		memcpy(use->digest, digest, REPEAT_DIGEST);
	}
	use->count++;
	use->last_us = now_us;
	return use;
}

/* Later each time, after the first @free. */
static uint32_t
growing_ms(const struct repeat *e, unsigned free)
{
	unsigned more;

	if (e->count <= free)
		return 0;
	more = e->count - free - 1;
	if (more >= 16 || (REPEAT_FIRST_MS << more) > REPEAT_MAX_MS)
		return REPEAT_MAX_MS;
	return REPEAT_FIRST_MS << more;
}

/* One each @each_us, however many ask at once, after the first @free. */
static uint32_t
paced_ms(struct repeat *e, unsigned free, uint64_t each_us, uint64_t now_us)
{
	uint64_t ahead = free * each_us, wait;

	if (e->due_us < now_us)
		e->due_us = now_us;
	e->due_us += each_us;
	wait = e->due_us - now_us;
	if (wait <= ahead)
		return 0;
	wait = (wait - ahead) / 1000;
	if (wait < REPEAT_MAX_MS)
		return (uint32_t)wait;
	e->due_us = now_us + ahead + REPEAT_MAX_MS * 1000ULL;
	return REPEAT_MAX_MS;
}

static uint32_t
later(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

uint32_t
repeat_delay_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us)
{
	uint32_t ms = growing_ms(
	    one_more(r, REPEAT_REQUEST, peer, digest, now_us), REPEAT_FREE);

	if (!peer_has_site(peer))
		return ms;
	return later(ms, growing_ms(
	    one_more(r, REPEAT_SITE, peer, digest, now_us), REPEAT_SITE_FREE));
}

uint32_t
repeat_command_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us)
{
	static const uint8_t any[REPEAT_DIGEST];
	uint32_t ms = paced_ms(
	    one_more(r, REPEAT_COMMAND, peer, digest, now_us),
	    REPEAT_COMMAND_FREE, REPEAT_COMMAND_US, now_us);

	return later(ms, paced_ms(
	    one_more(r, REPEAT_CLIENT, peer, any, now_us), REPEAT_CLIENT_FREE,
	    REPEAT_CLIENT_US, now_us));
}
