/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to fronts.  None may be lost, or a client would wait for ever, and
 * none may be waited for: what does not fit into the socket's queue (some 250
 * messages) is kept until it does.  A front has at most two messages of ours
 * ahead per connection, so one that lets more pile up does not read at all.
 */
#include "broker.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/message.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct kept {
	struct kept *next;
	uint32_t type;
	uint64_t conn;
	size_t len;
	int fd; /* owned; -1 = none */
	uint8_t body[];
};

static void
watch_writable(struct broker *b, struct front_peer *fp, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.ptr = fp };

	(void)epoll_ctl(b->epoll_fd, EPOLL_CTL_MOD, fp->sock, &ev);
}

static int
keep(struct broker *b, struct front_peer *fp, struct kept *k)
{
	if (fp->nkept == 0)
		watch_writable(b, fp, true);
	if (fp->kept_last != NULL)
		fp->kept_last->next = k;
	else
		fp->kept = k;
	fp->kept_last = k;
	fp->nkept++;
	return 0;
}

static struct kept *
kept_new(uint32_t type, uint64_t conn, const void *body, size_t len, int *fd)
{
	struct kept *k = calloc(1, sizeof(*k) + len);

	if (k == NULL)
		return NULL;
	k->type = type;
	k->conn = conn;
	k->len = len;
	k->fd = fd != NULL ? fd_take(fd) : -1;
	if (len > 0)
		memcpy(k->body, body, len);
	return k;
}

int
front_tell(struct broker *b, struct front_peer *fp, uint32_t type,
    uint64_t conn, const void *body, size_t len, int *fd)
{
	struct kept *k;
	int r = -EAGAIN;

	if (fp->nkept == 0)
		r = msg_send(fp->sock, type, conn, body, len, fd,
		    fd != NULL ? 1 : 0);
	if (r != -EAGAIN)
		return r;
	if (fp->nkept >= LIMIT_KEPT)
		return -EPROTO;
	k = kept_new(type, conn, body, len, fd);
	return k == NULL ? -ENOMEM : keep(b, fp, k);
}

static void
kept_drop(struct front_peer *fp)
{
	struct kept *k = fp->kept;

	fp->kept = k->next;
	if (fp->kept == NULL)
		fp->kept_last = NULL;
	fp->nkept--;
	(void)fd_close(k->fd);
	free(k);
}

void
front_flush(struct broker *b, struct front_peer *fp)
{
	const struct kept *k;

	while ((k = fp->kept) != NULL) {
		if (msg_send(fp->sock, k->type, k->conn, k->body, k->len,
		        &k->fd, k->fd >= 0 ? 1 : 0) == -EAGAIN)
			return;
		kept_drop(fp); /* sent, or nobody is there any more */
	}
	watch_writable(b, fp, false);
}

void
front_forget(struct front_peer *fp)
{
	while (fp->kept != NULL)
		kept_drop(fp);
}
