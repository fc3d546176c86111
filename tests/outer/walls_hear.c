/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Executor and imager: what those behind them (zygote, cells; runner) say of
 * their acts comes over the sockets that there are anyway, and is passed on to
 * the monitor as an event of theirs.
 */
#include "walls.h"

#include "node/common/imsg.h"
#include "node/common/role.h"

int __real_msg_recv(int, struct msg *);
int __wrap_msg_recv(int, struct msg *);
int __real_msg_recv_wait(int, struct msg *, int);
int __wrap_msg_recv_wait(int, struct msg *, int);

static bool
passed_on(struct msg *m)
{
	if (m->hdr.type != IMSG_AUDIT_EVENT)
		return false;
	(void)msg_send(
	    ROLE_FD_MONITOR, IMSG_AUDIT_EVENT, 0, m->body, m->hdr.len, NULL, 0);
	msg_done(m);
	return true;
}

int
__wrap_msg_recv(int sock, struct msg *m)
{
	int r;

	do
		r = __real_msg_recv(sock, m);
	while (r == 1 && passed_on(m));
	return r;
}

int
__wrap_msg_recv_wait(int sock, struct msg *m, int ms)
{
	int r;

	do
		r = __real_msg_recv_wait(sock, m, ms);
	while (r == 1 && passed_on(m));
	return r;
}
