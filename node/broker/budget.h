/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memfd is RAM (security-rules 17): bytes are reserved before they are read,
 * over all and per client, and given back when the connection is over.  Pure.
 */
#ifndef IMMURE_BUDGET_H
#define IMMURE_BUDGET_H

#include "../common/peer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget_entry { /* one connection */
	uint64_t owner; /* front index << 56 | connection */
	struct peer peer;
	uint64_t bytes;
	uint64_t moved_us; /* when its client last did what it was to do */
	bool ours;         /* it waits for us: its job is ours */
	bool shed;         /* its bytes were taken for others; it gets none */
};

struct budget { /* all zero to begin with */
	struct budget_entry *entries; /* owned */
	size_t count, room;
	uint64_t total;
	uint64_t max_total, max_client, max_site;
	uint64_t slow_ms; /* nobody is slow before */
};

/* The most over all, for one client, and for all clients of one site; what is
 * reserved already stays. */
void budget_limits(struct budget *b, uint64_t max_total, uint64_t max_client,
    uint64_t max_site);

/* Reserve @bytes more for @owner.  @bytes when there is room, else 0; also
 * when its front has more owners than there may be connections, which none
 * that is still ours has. */
uint64_t budget_reserve(struct budget *b, uint64_t owner,
    const struct peer *peer, uint64_t bytes);

/* @owner has sent what it reserved before, or has its answer to take now; or,
 * with @ours, it is not its turn. */
void budget_moved(struct budget *b, uint64_t owner, bool ours, uint64_t now_us);

/*
 * When there is no room for @bytes of @peer, for @owner: whose to take, if
 * that makes room in the end: of those that stand in the way, his who has kept
 * the most bytes for the longest without moving, slow_ms at least
 * (security-rules 17).  To be asked again as long as there is no room.  False:
 * nobody's, since there is room, or since all that are slow are too little.
 */
bool budget_slowest(const struct budget *b, uint64_t owner,
    const struct peer *peer, uint64_t bytes, uint64_t now_us,
    uint64_t *ret_owner);

/* Take all that @owner has; it is known as one of those until released, and
 * must not be given any more. */
void budget_shed(struct budget *b, uint64_t owner);
bool budget_was_shed(const struct budget *b, uint64_t owner);

/* What @owner has. */
uint64_t budget_of(const struct budget *b, uint64_t owner);

/* Give back all that @owner has. */
void budget_release(struct budget *b, uint64_t owner);

/* … all whose owner has @front in the upper eight bits; how many those are. */
size_t budget_release_front(struct budget *b, uint32_t front);

#define BUDGET_OWNER(front, conn)                                              \
	((uint64_t)(front) << 56 | ((conn) & ((1ULL << 56) - 1)))

#endif
