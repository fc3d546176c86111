/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes for a connection.  Where there are none left, the slowest go first
 * (security-rules 17), and rather than make the new one wait until they have,
 * it has their bytes at once: for as long as their front needs to read one
 * message, the node has more than the budget says.
 */
#include "broker.h"

static void
shed(struct broker *b, uint64_t owner)
{
	struct front_peer *fp = &b->fronts[owner >> 56];

	budget_shed(&b->budget, owner);
	/* Of a front that is gone or soon will be, the connection is too. */
	(void)front_tell(b, fp, IMSG_SHED, owner & ((1ULL << 56) - 1), NULL, 0,
	    NULL);
}

uint64_t
reserve(struct broker *b, const struct front_peer *fp, uint64_t conn,
    const struct peer *peer, uint64_t bytes)
{
	const uint64_t owner = BUDGET_OWNER(fp->index, conn), now = now_us();
	uint64_t got, slowest;

	if (budget_was_shed(&b->budget, owner))
		return 0;
	while ((got = budget_reserve(&b->budget, owner, peer, bytes)) == 0 &&
	    budget_slowest(&b->budget, owner, peer, bytes, now, &slowest))
		shed(b, slowest);
	if (got > 0)
		budget_moved(&b->budget, owner, false, now);
	return got;
}
