/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the status page is told: once a second, and nothing is taken back. */
#include "broker.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <errno.h>

#define STATUS_EVERY_US 1000000U

void
status_tell(struct broker *b)
{
	struct imsg_stats n;
	int r;

	if (b->status < 0 || now_us() - b->status_us < STATUS_EVERY_US)
		return;
	b->status_us = now_us();
	stats_now(&b->stats, b->status_us, &n);
	n.jobs = b->nslots;
	n.accepted += b->budget.count; /* those that are still there */
	r = msg_send(b->status, IMSG_STATS, 0, &n, sizeof(n), NULL, 0);
	if (r < 0 && r != -EAGAIN) /* the monitor brings the next one */
		b->status = fd_close(b->status);
}
