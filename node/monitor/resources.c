/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node asks of the host for itself, once, before it is confined. */
#include "monitor.h"
#include "../common/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors that a connection may take: its socket, its bodies, and its heads
 * while they are handed over; and what a process has beside connections. */
#define CONN_FDS  3U
#define OTHER_FDS 128U

/*
 * All connections may be one front's, whose limit is at most ours.  Hosts whose
 * limit stays below what is wanted (4,096 where nobody has set one) get fewer
 * connections: a front without a descriptor left could only end.
 */
void
raise_nofile(struct monitor *m)
{
	const rlim_t want = LIMIT_CONNS * CONN_FDS + OTHER_FDS;
	struct rlimit l, more = { want, want };

	m->max_conns = LIMIT_CONNS;
	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	if (l.rlim_max < want && setrlimit(RLIMIT_NOFILE, &more) == 0)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
	if (l.rlim_max < want)
		m->max_conns = l.rlim_max > OTHER_FDS + CONN_FDS ?
		    (unsigned)((l.rlim_max - OTHER_FDS) / CONN_FDS) : 1;
}

/* The broker reads it (broker/brake.h), and opens no file. */
void
open_meminfo(struct monitor *m)
{
	m->meminfo_fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	if (m->meminfo_fd < 0)
		fprintf(stderr, "immured: warning: /proc/meminfo: %s; "
		    "limit-memory-free has no effect\n", strerror(errno));
}

/*
 * A job's limit of core files is 1, which keeps the kernel from running
 * core_pattern's program too; 0 does not (sandbox/limits.c).  No slot may raise
 * a hard limit, so one of 0 that a service manager has set is raised here.  In
 * user mode nobody can: where core_pattern is a program the check cell sees it.
 */
void
raise_core(void)
{
	const struct rlimit one = { 1, 1 };
	struct rlimit l;

	if (getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0)
		(void)setrlimit(RLIMIT_CORE, &one);
}

/* Inherited by all roles; cells set their own (zygote.c). */
void
set_oom_score(const struct monitor *m)
{
	int fd;

	if (!m->cl->has_oom_score_adj)
		return;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%d\n", m->cl->oom_score_adj) < 0)
		fprintf(stderr, "immured: warning: --oom-score-adj %d: %s; "
		    "less than before takes CAP_SYS_RESOURCE\n",
		    m->cl->oom_score_adj, strerror(errno));
	(void)fd_close(fd);
}
