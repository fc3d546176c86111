/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs start only while what they are thought to need fits into the memory
 * that jobs may have (security-rules 18): reserved when a job starts, given
 * back when it ends.  What a job needs is half as much again as the largest
 * process of its client's last job with that toolchain.  An estimate: nothing
 * holds a job to it but limit-address-space.  Pure.
 */
#ifndef IMMURE_BROKER_MEMORY_H
#define IMMURE_BROKER_MEMORY_H

#include "../common/limits.h"
#include "../common/peer.h"
#include <stdbool.h>
#include <stdint.h>

#define MEMORY_GUESS (512ULL << 20) /* one that nothing is known of */
#define MEMORY_KNOWN 1024U /* clients and toolchains; the oldest is forgotten */

struct memory_peak {
	struct peer peer;
	uint32_t toolchain;
	uint64_t kib; /* 0 = free */
	uint64_t seen;
};

struct memory { /* all zero to begin with */
	uint64_t total, job_most; /* bytes */
	uint64_t used;
	uint64_t clock;
	struct memory_peak known[MEMORY_KNOWN];
};

/* What is reserved already stays. */
void memory_limits(struct memory *m, uint64_t total, uint64_t job_most);

/* What a job of @peer with @toolchain is thought to need: at most what one
 * job, and all of them, may. */
uint64_t memory_need(const struct memory *m, const struct peer *peer,
    uint32_t toolchain);

/* Reserve @bytes; false: not now.  One job alone always may. */
bool memory_take(struct memory *m, uint64_t bytes);
void memory_give(struct memory *m, uint64_t bytes);

/* Such a job has ended, its largest process had @kib; 0 = unknown. */
void memory_learn(struct memory *m, const struct peer *peer,
    uint32_t toolchain, uint64_t kib);

#endif
