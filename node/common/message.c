/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the roles; see message.h.  Trusts nothing that arrives:
 * whoever sends is treated as taken over once a record is malformed.
 */
#include "message.h"
#include "fd.h"
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Linux 6.16; asm-generic/socket.h of 6.16 and later. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

int
msg_pair(int ret[2])
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	ret[0] = sv[0];
	ret[1] = sv[1];
	return 0;
}

void
msg_refuse_fds(int sock)
{
	int off = 0;

	/* ENOPROTOOPT before 6.16: msg_recv parks what it did not expect. */
	(void)setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}

int
msg_send(int sock, uint32_t type, uint64_t job, const void *body, size_t len,
    const int *fds, unsigned nfds)
{
	union {
		char buf[CMSG_SPACE(MSG_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msg_hdr hdr = { .type = type, .len = (uint32_t)len,
		.job = job };
	struct iovec iov[2] = { { &hdr, sizeof(hdr) },
		{ (void *)(uintptr_t)body, len } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = len > 0 ? 2 : 1 };
	struct cmsghdr *c;

	if (len > MSG_BODY_MAX || nfds > MSG_FDS_MAX)
		return -EMSGSIZE;
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	for (;;) {
		if (sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		/* unix(7): too many descriptors in flight is a full queue
		 * too. */
		if (errno == EWOULDBLOCK || errno == ETOOMANYREFS)
			return -EAGAIN;
		if (errno != EINTR)
			return -errno;
	}
}

/* Take the descriptors out of the control data; false: some were cut off. */
static bool
collect_fds(struct msghdr *mh, struct msg *m)
{
	struct cmsghdr *c;
	size_t n;

	for (c = CMSG_FIRSTHDR(mh); c != NULL; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > MSG_FDS_MAX - m->nfds)
			n = MSG_FDS_MAX - m->nfds;
		memcpy(m->fds + m->nfds, CMSG_DATA(c), n * sizeof(int));
		m->nfds += (unsigned)n;
	}
	return (mh->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

static void
msg_clear(struct msg *m)
{
	m->nfds = 0;
	for (unsigned i = 0; i < MSG_FDS_MAX; i++)
		m->fds[i] = -1;
}

int
msg_recv(int sock, struct msg *m)
{
	/* CMSG_LEN and not CMSG_SPACE: with the padding of an odd count the
	 * kernel would install one descriptor more than we look at. */
	union {
		char buf[CMSG_SPACE(MSG_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov[2] = { { &m->hdr, sizeof(m->hdr) },
		{ m->body, sizeof(m->body) } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2,
		.msg_control = control.buf,
		.msg_controllen = CMSG_LEN(MSG_FDS_MAX * sizeof(int)) };
	ssize_t n;

	msg_clear(m);
	do
		n = recvmsg(sock, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0
		    : errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (n == 0 && mh.msg_controllen == 0)
		return 0;
	if (!collect_fds(&mh, m) || (size_t)n < sizeof(m->hdr) ||
	    m->hdr.len != (size_t)n - sizeof(m->hdr)) {
		msg_done(m);
		return -EPROTO;
	}
	return 1;
}

int
msg_recv_wait(int sock, struct msg *m, int timeout_ms)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int r;

	for (;;) {
		r = msg_recv(sock, m);
		if (r != -EAGAIN)
			return r;
		r = poll(&p, 1, timeout_ms);
		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

int
msg_take_fd(struct msg *m, unsigned i)
{
	int fd;

	if (i >= m->nfds)
		return -1;
	fd = m->fds[i];
	m->fds[i] = -1;
	return fd;
}

void
msg_done(struct msg *m)
{
	for (unsigned i = 0; i < m->nfds; i++)
		fd_discard(m->fds[i]);
	msg_clear(m);
}

int
msg_dispatch(const struct msg_rule *rules, size_t nrules, unsigned state,
    void *ctx, struct msg *m)
{
	const struct msg_rule *r;

	for (size_t i = 0; i < nrules; i++) {
		r = &rules[i];
		if (r->type != m->hdr.type)
			continue;
		if ((r->states & (1U << state)) == 0 || r->len != m->hdr.len ||
		    r->nfds != m->nfds)
			return -EPROTO;
		return r->fn(ctx, m);
	}
	return -EPROTO;
}
