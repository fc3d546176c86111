/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that jobs may have; see memory.h. */
#include "memory.h"

#include <stddef.h>

void
memory_limits(struct memory *m, uint64_t total, uint64_t job_most)
{
	m->total = total;
	m->job_most = job_most;
}

static bool
is_of(const struct memory_peak *k, const struct peer *peer, uint32_t toolchain)
{
	return k->kib != 0 && k->toolchain == toolchain &&
	    peer_same_client(&k->peer, peer);
}

uint64_t
memory_need(const struct memory *m, const struct peer *peer,
    uint32_t toolchain)
{
	uint64_t need = MEMORY_GUESS;

	for (unsigned i = 0; i < MEMORY_KNOWN; i++)
		if (is_of(&m->known[i], peer, toolchain))
			need = m->known[i].kib * 1024 / 2 * 3;
	if (need < LIMIT_MEMORY_LEAST)
		need = LIMIT_MEMORY_LEAST;
	if (need > m->job_most)
		need = m->job_most;
	return need < m->total ? need : m->total;
}

bool
memory_take(struct memory *m, uint64_t bytes)
{
	if (m->used > 0 && (m->used >= m->total || bytes > m->total - m->used))
		return false;
	m->used += bytes;
	return true;
}

void
memory_give(struct memory *m, uint64_t bytes)
{
	m->used -= bytes;
}

void
memory_learn(struct memory *m, const struct peer *peer, uint32_t toolchain,
    uint64_t kib)
{
	struct memory_peak *at = &m->known[0];

	if (kib == 0)
		return;
	for (unsigned i = 0; i < MEMORY_KNOWN; i++) {
		struct memory_peak *k = &m->known[i];

		if (is_of(k, peer, toolchain)) {
			at = k;
			break;
		}
		if (k->seen < at->seen)
			at = k; /* never used ones have 0 */
	}
	/* No machine has 2^50 KiB, and a product of more would wrap. */
	*at = (struct memory_peak){ .peer = *peer, .toolchain = toolchain,
		.kib = kib < 1ULL << 50 ? kib : 1ULL << 50,
		.seen = ++m->clock };
}
