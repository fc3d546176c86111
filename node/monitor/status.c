/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of --stats, as far as the monitor goes: listening sockets on the
 * addresses of the job port, the same access list, and the connection handed
 * on to the role that writes.  It reads nothing.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

int
status_listen(struct monitor *m)
{
	if (!m->cl->stats)
		return 0;
	return listen_port(m->cl, m->cl->stats_port, "--stats-port",
	    m->status_fds, &m->nstatus);
}

void
status_serve(struct monitor *m)
{
	struct epoll_event ev = { .events = EPOLLIN };

	for (unsigned i = 0; i < m->nstatus; i++) {
		ev.data.ptr = &m->status_fds[i];
		(void)epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, m->status_fds[i],
		    &ev);
	}
}

bool
status_is(const struct monitor *m, const void *p)
{
	return (const int *)p >= m->status_fds &&
	    (const int *)p < m->status_fds + m->nstatus;
}

/* One that the role cannot take just now is closed: its reader asks again. */
static void
hand_on(struct monitor *m, int fd)
{
	if (m->status.state == CHILD_READY &&
	    msg_send(m->status.sock, IMSG_STATUS_CONN, 0, NULL, 0, &fd,
	        1) == 0)
		m->status.sent++;
	(void)close(fd);
}

void
status_accept(struct monitor *m, int listen_fd)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct peer p;
	int fd;

	for (int i = 0; i < 16; i++) {
		len = sizeof(ss);
		fd = accept4(listen_fd, (struct sockaddr *)&ss, &len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		if (peer_from_sockaddr(&p, (struct sockaddr *)&ss, len) < 0) {
			(void)close(fd);
		} else if (!acl_allows(&m->cl->acl, &p)) {
			clients_log_denied(m, &p, "access.denied",
			    "the statistics were asked for from an address "
			    "that no --allow names");
			(void)close(fd);
		} else {
			hand_on(m, fd);
		}
	}
}
