/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resource limits of the calling process (setrlimit(2)), hard = soft. */
#ifndef IMMURE_SANDBOX_LIMITS_H
#define IMMURE_SANDBOX_LIMITS_H

#include <stdint.h>

#define LIMIT_LEAVE UINT64_MAX /* do not touch this one */

struct rlimits {
	uint64_t as_bytes, fsize_bytes, stack_bytes; /* bytes */
	uint64_t cpu_s;                              /* seconds of CPU */
	uint64_t nofile, nproc;                      /* counts */
};

/* Also sets CORE to 1, MEMLOCK, MSGQUEUE, NICE, RTPRIO, LOCKS to 0 and
 * SIGPENDING to 64.  Never raises a hard limit: the lower of both applies.
 * 0/-errno. */
int rlimits_apply(const struct rlimits *l);

#endif
