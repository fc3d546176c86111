/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "talk.h"

#include "wait_until.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_ROOM 16384U

/* What is left to send goes; errors show when reading: the peer may have
 * answered before it closed. */
static void
push(int fd, const uint8_t **request, size_t *len)
{
	ssize_t n = send(fd, *request, *len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		*len = 0;
		return;
	}
	*request += n;
	*len -= (size_t)n;
}

static bool
has_room(struct talk *t, size_t *room)
{
	uint8_t *buf;
	size_t want = *room == 0 ? FIRST_ROOM : *room * 2;

	if (t->len < *room)
		return true;
	buf = realloc(t->buf, want);
	if (buf == NULL)
		return false;
	t->buf = buf;
	*room = want;
	return true;
}

/* End as the state of the reply says; false: it is not at its end. */
static bool
over(struct talk *t, unsigned proto)
{
	static const enum talk_end ends[] = {
		[JOB_REPLY_WHOLE] = TALK_REPLY,
		[JOB_REPLY_STRANGER] = TALK_STRANGER,
		[JOB_REPLY_VERSION] = TALK_VERSION,
		[JOB_REPLY_BAD] = TALK_BAD,
		[JOB_REPLY_BIG] = TALK_BIG,
	};
	enum job_reply_state s =
	    job_reply_read(&t->reply, t->buf, t->len, proto);

	if (s == JOB_REPLY_MORE)
		return false;
	t->end = ends[s];
	return true;
}

/* Take what has come; true: that was all. */
static bool
pull(struct talk *t, int fd, size_t *room, unsigned proto)
{
	ssize_t n;

	if (!has_room(t, room)) {
		t->end = TALK_BROKEN;
		t->error = ENOMEM;
		return true;
	}
	n = recv(fd, t->buf + t->len, *room - t->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		t->end = t->len == 0 ? TALK_CLOSED : TALK_CUT;
		return true;
	}
	t->len += (size_t)n;
	return over(t, proto);
}

void
talk(struct talk *t, int fd, const uint8_t *request, size_t len,
    unsigned proto, uint64_t deadline_us)
{
	uint64_t start = now_us();
	size_t room = 0;
	int r;

	memset(t, 0, sizeof(*t));
	for (;;) {
		r = wait_until(fd, (short)(POLLIN | (len > 0 ? POLLOUT : 0)),
		    deadline_us);
		if (r < 0)
			break;
		if (len > 0 && (r & POLLOUT) != 0)
			push(fd, &request, &len);
		if ((r & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    pull(t, fd, &room, proto))
			break;
	}
	if (r == -ETIMEDOUT)
		t->end = t->len == 0 ? TALK_SILENT : TALK_SLOW;
	else if (r < 0)
		t->end = TALK_BROKEN;
	if (t->end == TALK_BROKEN && t->error == 0)
		t->error = -r;
	t->us = now_us() - start;
}

void
talk_done(struct talk *t)
{
	free(t->buf);
	memset(t, 0, sizeof(*t));
}

void
talk_text(const struct talk *t, unsigned proto, char *out, size_t room)
{
	static const char *const texts[] = {
		[TALK_REPLY] = "answered",
		[TALK_SILENT] = "no answer within the time",
		[TALK_SLOW] = "half an answer within the time",
		[TALK_CLOSED] = "closed without an answer",
		[TALK_CUT] = "closed in the middle of its answer",
		[TALK_BAD] = "the answer is not one of distcc's",
		[TALK_BIG] = "the answer is longer than any can be",
	};

	if (t->end == TALK_STRANGER)
		(void)snprintf(out, room, "not distcc: %s answers there",
		    job_reply_stranger(t->buf, t->len));
	else if (t->end == TALK_VERSION)
		(void)snprintf(out, room,
		    "asked in protocol %u, it answers in protocol %u", proto,
		    t->reply.proto);
	else if (t->end == TALK_BROKEN)
		(void)snprintf(out, room, "%s", strerror(t->error));
	else
		(void)snprintf(out, room, "%s", texts[t->end]);
}
