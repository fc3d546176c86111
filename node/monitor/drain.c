/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end, when it is asked for: nothing new is taken, running jobs get some
 * time (--drain) to be answered, and then everything is killed.  Whether a job
 * still runs is told by its connection: fronts end at once those that have not
 * sent a whole request, and the broker those whose job has no slot yet.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <syslog.h>

#define HOUR_US (3600ULL * 1000 * 1000)

/* Closed, and not just left alone: a client would wait in the backlog for an
 * answer, and so is told to go elsewhere. */
static void
close_listening(struct monitor *m)
{
	clients_listen(m, false);
	for (unsigned i = 0; i < m->nlisten; i++)
		m->listen_fds[i] = fd_close(m->listen_fds[i]);
	m->nlisten = 0;
}

/* One that does not learn of it is ended with the rest when time is up. */
static void
tell(struct monitor *m)
{
	struct child *all[FRONTS + 1] = { &m->broker };

	for (int i = 0; i < FRONTS; i++)
		all[i + 1] = &m->fronts[i];
	for (int i = 0; i < FRONTS + 1; i++)
		if (all[i]->sock >= 0)
			(void)msg_send(all[i]->sock, IMSG_DRAIN, 0, NULL, 0,
			    NULL, 0);
}

void
drain_begin(struct monitor *m)
{
	if (m->draining || !m->serving || m->cl->drain_ms == 0 ||
	    m->nconns == 0) {
		m->stopping = true;
		return;
	}
	monitor_log(m, LOG_NOTICE, NULL, "node.drain",
	    "takes nothing new; connections that are open, %u, have %u s to "
	    "end", m->nconns, m->cl->drain_ms / 1000);
	m->draining = true;
	m->drain_us = now_us() + m->cl->drain_ms * 1000ULL;
	notify_stopping(m);
	zeroconf_withdraw();
	close_listening(m);
	tell(m);
}

void
drain_check(struct monitor *m)
{
	uint64_t now = now_us();

	if (m->draining && now >= m->drain_us && m->nconns > 0)
		monitor_log(m, LOG_WARNING, NULL, "node.drain",
		    "time is up; %u connections are closed", m->nconns);
	if (m->draining && (m->nconns == 0 || now >= m->drain_us))
		m->stopping = true;
	if (m->end_us != 0 && now >= m->end_us) {
		/* Whoever still waits for the start is to see it. */
		monitor_log(m, m->serving ? LOG_NOTICE : LOG_ERR, NULL,
		    "node.lifetime",
		    "its --lifetime of %u s is over", m->cl->lifetime_s);
		m->stopping = true;
	}
}

int
drain_next_ms(const struct monitor *m)
{
	uint64_t now = now_us(), at = UINT64_MAX;

	if (m->draining)
		at = m->drain_us;
	if (m->end_us != 0 && m->end_us < at)
		at = m->end_us;
	if (at == UINT64_MAX)
		return -1;
	if (at <= now)
		return 0;
	/* A --lifetime may be longer than an int of milliseconds. */
	return at - now > HOUR_US ? (int)(HOUR_US / 1000) :
	    (int)((at - now) / 1000 + 1);
}
