/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are asked for again; see repeat.h. */
#include "repeat.h"
#include <string.h>

/* The entry of that request, or the one to be used for it: @found tells. */
static struct repeat *
find(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us, int *found)
{
	struct repeat *oldest = &r->v[0];

	for (unsigned i = 0; i < REPEAT_KEPT; i++) {
		struct repeat *e = &r->v[i];

		if (now_us - e->last_us > REPEAT_FORGET_US)
			e->count = 0;
		if (e->count > 0 && peer_same_client(&e->peer, peer) &&
		    memcmp(e->digest, digest, REPEAT_DIGEST) == 0) {
			*found = 1;
			return e;
		}
		if (e->count == 0 || (oldest->count > 0 &&
		    e->last_us < oldest->last_us))
			oldest = e;
	}
	*found = 0;
	return oldest;
}

uint32_t
repeat_delay_ms(struct repeats *r, const struct peer *peer,
    const uint8_t digest[REPEAT_DIGEST], uint64_t now_us)
{
	struct repeat *e;
	unsigned more;
	int found;

	e = find(r, peer, digest, now_us, &found);
	if (!found) {
		*e = (struct repeat){ .peer = *peer };
		memcpy(e->digest, digest, REPEAT_DIGEST);
	}
	e->last_us = now_us;
	if (++e->count <= REPEAT_FREE)
		return 0;
	more = e->count - REPEAT_FREE - 1;
	if (more >= 16 || (REPEAT_FIRST_MS << more) > REPEAT_MAX_MS)
		return REPEAT_MAX_MS;
	return REPEAT_FIRST_MS << more;
}
