/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Budgets of bytes; see budget.h. */
#include "budget.h"
#include "../common/limits.h"
#include <stdbool.h>
#include <stdlib.h>

void
budget_limits(struct budget *b, uint64_t max_total, uint64_t max_client,
    uint64_t max_site)
{
	b->max_total = max_total;
	b->max_client = max_client;
	b->max_site = max_site;
}

static struct budget_entry *
entry_of(struct budget *b, uint64_t owner)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->entries[i].owner == owner)
			return &b->entries[i];
	return NULL;
}

uint64_t
budget_of(const struct budget *b, uint64_t owner)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->entries[i].owner == owner)
			return b->entries[i].bytes;
	return 0;
}

/* Entries are looked through one by one, and one front must not use up the
 * other's: it has no more than there are connections at all, since it tells us
 * of an end before it tells the monitor. */
static bool
front_is_full(const struct budget *b, uint64_t owner)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++)
		n += b->entries[i].owner >> 56 == owner >> 56;
	return n >= LIMIT_CONNS;
}

static struct budget_entry *
entry_new(struct budget *b, uint64_t owner, const struct peer *peer)
{
	struct budget_entry *grown;
	size_t room = b->room == 0 ? 64 : b->room * 2;

	if (front_is_full(b, owner))
		return NULL;
	if (b->count == b->room) {
		grown = reallocarray(b->entries, room, sizeof(*grown));
		if (grown == NULL)
			return NULL;
		b->entries = grown;
		b->room = room;
	}
	b->entries[b->count] = (struct budget_entry){ .owner = owner,
		.peer = *peer };
	return &b->entries[b->count++];
}

/* Of @most, when @used are: they may be more since the limit was lowered. */
static uint64_t
left(uint64_t most, uint64_t used)
{
	return used < most ? most - used : 0;
}

/* What @peer's client and its site, if it has one, have left. */
static uint64_t
left_for(const struct budget *b, const struct peer *peer)
{
	uint64_t client = 0, site = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct budget_entry *e = &b->entries[i];

		if (peer_same_client(&e->peer, peer))
			client += e->bytes;
		if (peer_same_site(&e->peer, peer))
			site += e->bytes;
	}
	client = left(b->max_client, client);
	site = left(b->max_site, site);
	return client < site ? client : site;
}

uint64_t
budget_reserve(struct budget *b, uint64_t owner, const struct peer *peer,
    uint64_t bytes)
{
	struct budget_entry *e;

	if (bytes == 0 || bytes > left(b->max_total, b->total) ||
	    bytes > left_for(b, peer))
		return 0;
	e = entry_of(b, owner);
	if (e == NULL)
		e = entry_new(b, owner, peer);
	if (e == NULL)
		return 0;
	e->bytes += bytes;
	b->total += bytes;
	return bytes;
}

void
budget_moved(struct budget *b, uint64_t owner, bool ours, uint64_t now_us)
{
	struct budget_entry *e = entry_of(b, owner);

	if (e != NULL) {
		e->ours = ours;
		e->moved_us = now_us;
	}
}

void
budget_shed(struct budget *b, uint64_t owner)
{
	struct budget_entry *e = entry_of(b, owner);

	if (e == NULL)
		return;
	b->total -= e->bytes;
	e->bytes = 0;
	e->shed = true;
}

bool
budget_was_shed(const struct budget *b, uint64_t owner)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->entries[i].owner == owner)
			return b->entries[i].shed;
	return false;
}

static void
drop(struct budget *b, size_t i)
{
	b->total -= b->entries[i].bytes;
	b->entries[i] = b->entries[--b->count];
}

void
budget_release(struct budget *b, uint64_t owner)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->entries[i].owner == owner) {
			drop(b, i);
			return;
		}
}

size_t
budget_release_front(struct budget *b, uint32_t front)
{
	size_t n = b->count;

	for (size_t i = b->count; i-- > 0;)
		if (b->entries[i].owner >> 56 == front)
			drop(b, i);
	return n - b->count;
}
