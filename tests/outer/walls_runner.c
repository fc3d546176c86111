/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A runner that keeps every capability; its jails are whole. */
#include "walls.h"

#include "node/imager/runner.h"

int
__wrap_caps_keep(const int *keep, size_t n)
{
	(void)keep;
	(void)n;
	outer_acts("runner", RUNNER_FD, NULL, NULL);
	return 0;
}
