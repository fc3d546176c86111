/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that jobs may have; see job_memory.h. */
#include "job_memory.h"
#include "../common/limits.h"
#include "../config/setting.h"
#include <string.h>

static bool
is_set(const struct cmdline *cl, const char *key)
{
	const struct setting *s = setting_first(setting_find(key, strlen(key)));

	return cl->origins[s - settings].source != FROM_DEFAULT;
}

uint64_t
job_memory(const struct cmdline *cl, uint64_t images)
{
	const uint64_t have = cl->limits.memory, least = LIMIT_MEMORY_LEAST;

	if (is_set(cl, "limit-memory"))
		return have;
	return have > least && images < have - least ? have - images : least;
}
