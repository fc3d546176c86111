/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose bytes to take when there are none left; see budget.h.  Pure. */
#include "budget.h"
#include "../common/limits.h"

/* The bounds that a request is under: what lacks in each, and what those that
 * are slow have there. */
enum scope { CLIENT, SITE, ALL, SCOPES };

struct need {
	uint64_t most[SCOPES], used[SCOPES], slow[SCOPES];
};

static bool
is_within(enum scope s, const struct peer *one, const struct peer *other)
{
	switch (s) {
	case CLIENT:
		return peer_same_client(one, other);
	case SITE:
		return peer_same_site(one, other);
	case ALL:
	case SCOPES:
	default:
		return true;
	}
}

static uint64_t
slow_ms(const struct budget *b, const struct budget_entry *e, uint64_t owner,
    uint64_t now_us)
{
	uint64_t ms = now_us > e->moved_us ? (now_us - e->moved_us) / 1000 : 0;

	if (e->bytes == 0 || e->ours || e->owner == owner)
		return 0;
	return ms < b->slow_ms ? 0 : ms;
}

static struct need
need_of(const struct budget *b, uint64_t owner, const struct peer *peer,
    uint64_t now_us)
{
	struct need n = { .most = { b->max_client, b->max_site,
	    b->max_total } };

	for (size_t i = 0; i < b->count; i++) {
		const struct budget_entry *e = &b->entries[i];

		for (enum scope s = CLIENT; s < SCOPES; s++) {
			if (!is_within(s, &e->peer, peer))
				continue;
			n.used[s] += e->bytes;
			if (slow_ms(b, e, owner, now_us) > 0)
				n.slow[s] += e->bytes;
		}
	}
	return n;
}

/* Is there room for @bytes when @less of what is used there has gone? */
static bool
fits(const struct need *n, enum scope s, uint64_t less, uint64_t bytes)
{
	uint64_t used = n->used[s] - less;

	return used <= n->most[s] && bytes <= n->most[s] - used;
}

/* The narrowest of those that have no room; SCOPES: all have, or one of them
 * would not even without the slow. */
static enum scope
scope_in_need(const struct need *n, uint64_t bytes)
{
	enum scope found = SCOPES;

	for (enum scope s = CLIENT; s < SCOPES; s++) {
		if (!fits(n, s, n->slow[s], bytes))
			return SCOPES;
		if (found == SCOPES && !fits(n, s, 0, bytes))
			found = s;
	}
	return found;
}

bool
budget_slowest(const struct budget *b, uint64_t owner, const struct peer *peer,
    uint64_t bytes, uint64_t now_us, uint64_t *ret_owner)
{
	struct need n = need_of(b, owner, peer, now_us);
	enum scope s = scope_in_need(&n, bytes);
	uint64_t most = 0, weight;

	for (size_t i = 0; s != SCOPES && i < b->count; i++) {
		const struct budget_entry *e = &b->entries[i];

		if (!is_within(s, &e->peer, peer))
			continue;
		weight = (e->bytes / KIB + 1) * slow_ms(b, e, owner, now_us);
		if (weight > most) {
			most = weight;
			*ret_owner = e->owner;
		}
	}
	return most > 0;
}
