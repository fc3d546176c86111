/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An executor whose cells have no tripwire, and which hears unpack: a genuine
 * one only speaks to it.
 */
#include "walls.h"

#include "node/common/imsg.h"
#include "node/common/role.h"
#include "node/executor/exec.h"

#define UNPACK_SAYS_MS 20000

int __real_msg_recv_wait(int, struct msg *, int);
int __real_msg_send(
    int, uint32_t, uint64_t, const void *, size_t, const int *, unsigned);
int __wrap_msg_send(
    int, uint32_t, uint64_t, const void *, size_t, const int *, unsigned);
void __real_cell_hear(struct exec_cell *);
void __wrap_cell_hear(struct exec_cell *);

static struct msg heard;

/* Up to its last word, so that it listens when it is sent its order. */
static void
hear_unpack(int sock)
{
	bool more = outer_plan('A');

	while (more &&
	       __real_msg_recv_wait(sock, &heard, UNPACK_SAYS_MS) == 1 &&
	       heard.hdr.type == IMSG_AUDIT_EVENT) {
		const struct imsg_audit_event *e = (const void *)heard.body;

		more = __builtin_strcmp(e->text, "unpack all") != 0;
		(void)__real_msg_send(ROLE_FD_MONITOR, IMSG_AUDIT_EVENT, 0, e,
		    sizeof(*e), NULL, 0);
		msg_done(&heard);
	}
}

int
__wrap_msg_send(int sock, uint32_t type, uint64_t job, const void *body,
    size_t len, const int *fds, unsigned nfds)
{
	if (type == IMSG_UNPACK)
		hear_unpack(sock);
	return __real_msg_send(sock, type, job, body, len, fds, nfds);
}

void
__wrap_cell_hear(struct exec_cell *c)
{
	c->trips = 1;
	__real_cell_hear(c);
}
