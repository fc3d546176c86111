/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A role that is stuck, or taken over and silent, would keep its clients
 * waiting for ever: one that reads nothing of what the monitor sends is ended.
 * Nobody is asked to answer: how much lies unread the kernel says, of a socket
 * of the monitor's own (SIOCOUTQ).
 */
#include "monitor.h"
#include "../common/clock.h"
#include "../common/message.h"
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <syslog.h>

#define LOOK_US	  1000000U
#define SILENT_US (10U * 1000000U)
/* … and at so many looks: between two of them all of us, or the machine, may
 * have been stopped for long. */
#define SILENT_LOOKS 3U
/* A role says within that it serves; the imager tries every compiler first. */
#define START_US (300ULL * 1000000U)

static uint64_t looked_us;

/* Since the last look nothing was read if all that lay there still does, and
 * with it what was sent meanwhile. */
static void
look(struct monitor *m, struct child *c, uint64_t now)
{
	int n = 0;
	bool more = c->sent != c->sent_then;
	bool stuck;

	if (c->sock < 0 || c->state != CHILD_READY ||
	    ioctl(c->sock, SIOCOUTQ, &n) < 0)
		n = 0;
	stuck = n > 0 && c->unread > 0 &&
	    (more ? n > c->unread : n == c->unread);
	c->unread = n;
	c->sent_then = c->sent;
	c->stuck = stuck ? c->stuck + 1 : 0;
	if (!stuck)
		c->unread_us = 0;
	else if (c->unread_us == 0)
		c->unread_us = now;
	else if (c->stuck >= SILENT_LOOKS && now - c->unread_us > SILENT_US)
		child_end(m, c, "role.silent",
		    "has read nothing for %u s of what the monitor sent",
		    SILENT_US / 1000000U);
}

static void
look_at_start(struct monitor *m, struct child *c, uint64_t now)
{
	if (c->state == CHILD_STARTED && c->sock >= 0 &&
	    now - c->started_us > START_US)
		child_end(m, c, "role.silent", "is not ready after %u s",
		    (unsigned)(START_US / 1000000U));
}

/* It may be that there is nothing for the broker to read for hours, while fronts
 * wait for its answers: what it knows already is something. */
static void
prod_broker(const struct monitor *m)
{
	if (m->broker.state == CHILD_READY && m->broker.unread == 0)
		(void)settings_send(m, &m->broker, true);
}

void
watch_children(struct monitor *m)
{
	uint64_t now = now_us();

	if (!m->serving || m->collapsing || now - looked_us < LOOK_US)
		return;
	looked_us = now;
	look(m, &m->broker, now);
	look(m, &m->status, now);
	prod_broker(m);
	for (int i = 0; i < FRONTS; i++) {
		look(m, &m->fronts[i], now);
		look_at_start(m, &m->fronts[i], now);
	}
	for (unsigned i = 0; i < m->nslots; i++)
		look_at_start(m, &m->slots[i], now);
}

int
watch_next_ms(const struct monitor *m)
{
	uint64_t now = now_us();

	if (!m->serving)
		return -1;
	return now - looked_us >= LOOK_US ? 0 :
	    (int)((LOOK_US - (now - looked_us)) / 1000 + 1);
}
