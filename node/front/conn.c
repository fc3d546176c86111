/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Birth and end of a connection; see conn.h. */
#include "conn.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>

void
conn_deadline(struct conn *c, uint64_t ms)
{
	c->deadline_us = now_us() + ms * 1000U;
}

struct conn *
conn_new(struct front *f, uint64_t id, int fd, const struct peer *peer)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP };
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)fd_close(fd);
		return NULL;
	}
	c->id = id;
	c->fd = fd;
	c->epoll_fd = f->epoll_fd;
	c->peer = *peer;
	c->bodies_fd = c->heads_fd = -1;
	c->accepted_us = now_us();
	c->phase = CONN_READING;
	frame_init(&c->frame, &f->settings.limits);
	conn_deadline(c, f->settings.limits.first_byte_ms);
	ev.data.ptr = c;
	if (epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		(void)fd_close(fd);
		free(c);
		return NULL;
	}
	c->next = f->conns;
	if (c->next != NULL)
		c->next->prev = c;
	f->conns = c;
	f->nconns++;
	return c;
}

struct conn *
conn_find(struct front *f, uint64_t id)
{
	for (struct conn *c = f->conns; c != NULL; c = c->next)
		if (c->id == id && !c->over)
			return c;
	return NULL;
}

void
conn_watch(struct front *f, struct conn *c, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = c };

	(void)epoll_ctl(f->epoll_fd, EPOLL_CTL_MOD, c->fd, &ev);
}

void
conn_end(struct conn *c, enum conn_over reason)
{
	if (c->over)
		return;
	c->over = true;
	c->reason = reason;
	/* Closing is not enough: as long as the monitor has not yet let go of
	 * the copy that it sent, events of the socket would go on to come for
	 * what is freed by then (epoll(7), questions and answers). */
	(void)epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	c->fd = fd_close(c->fd);
}

/* 0 when sent or -EAGAIN; a peer that is gone is the end of this process. */
static int
tell(int sock, uint32_t type, const struct conn *c, const void *body,
    size_t len)
{
	int r = msg_send(sock, type, c->id, body, len, NULL, 0);

	if (r < 0 && r != -EAGAIN)
		_exit(ROLE_EXIT_OK);
	return r;
}

static enum conn_where
conn_where(const struct conn *c)
{
	if (c->phase == CONN_REPLYING || c->phase == CONN_LINGERING)
		return WHERE_REPLY;
	if (c->phase == CONN_HANDING || c->phase == CONN_WAITING)
		return WHERE_JOB;
	switch (frame_state(&c->frame)) {
	case FRAME_FIRST_BYTE:
		return WHERE_FIRST_BYTE;
	case FRAME_WAIT_SOURCE:
		return WHERE_SOURCE;
	case FRAME_TOKEN:
	case FRAME_COMPLETE:
	case FRAME_FAILED:
	default:
		return WHERE_REQUEST;
	}
}

/* Both must hear of every end, or their books would differ from ours; a queue
 * that is full just now costs nobody else his connection. */
static bool
conn_tell(struct conn *c)
{
	const struct imsg_conn_over over = { .peer = c->peer,
		.reason = (uint32_t)c->reason, .bytes_in = c->bytes_in,
		.where = (uint8_t)conn_where(c),
		.error = (uint8_t)c->frame.error,
		.expect = (uint8_t)c->frame.expect,
		.at = frame_at(&c->frame) };

	if (!c->told_broker && tell(FRONT_FD_BROKER, IMSG_CONN_OVER, c, &over,
	        sizeof(over)) < 0)
		return false;
	c->told_broker = true;
	return tell(ROLE_FD_MONITOR, IMSG_CONN_END, c, NULL, 0) == 0;
}

static void
conn_free(struct front *f, struct conn *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		f->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	f->nconns--;
	if (c->map != NULL)
		(void)munmap(c->map, c->map_len);
	(void)fd_close(c->fd);
	(void)fd_close(c->bodies_fd);
	(void)fd_close(c->heads_fd);
	free(c->heads);
	free(c->held);
	free(c->promise);
	free(c);
}

void
conn_sweep(struct front *f)
{
	struct conn *c, *next;

	f->untold = false;
	for (c = f->conns; c != NULL; c = next) {
		next = c->next;
		if (c->over && conn_tell(c))
			conn_free(f, c);
		else if (c->over || !upload_ask(f, c) || !upload_hand(f, c))
			f->untold = true;
	}
}
