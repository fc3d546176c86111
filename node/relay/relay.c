/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-relay: one job between stdin, stdout and a node's unix socket, which
 * `immured --inetd` has connected for it.  It is the first to meet a client's
 * bytes when those come through ssh or inetd, runs as whoever logged in, and
 * can copy between three descriptors and end (relay.policy): it confines
 * itself before it reads.  Exit status: distccd's, by what went by
 * (wire-protocol §3.1).
 */
#include "reply_seen.h"
#include <errno.h>
#include <node/common/by_hand.h>
#include <poll.h>
#include <sandbox/caps.h>
#include <sandbox/filter.h>
#include <sandbox/landlock.h>
#include <sandbox/limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct filter filter_relay;

#define CLIENT_IN  0
#define CLIENT_OUT 1
#define NODE	   3

#define BUFFER_BYTES (64U * 1024U)
/* A pipe that polls writable takes so much without blocking (pipe(7)). */
#define PIPE_BYTES 4096U

enum relay_exit { /* distccd's */
	RELAY_OK = 0,
	RELAY_FAILED = 100,
	RELAY_IO = 107,       /* the client or the node went away midway */
	RELAY_TRUNCATED = 108,/* the client sent nothing */
	RELAY_PROTOCOL = 109  /* the node closed without an answer */
};

struct way { /* one direction */
	int from, to;
	bool to_pipe;
	bool ended; /* nothing more comes from @from */
	size_t have, done;
	uint8_t buf[BUFFER_BYTES];
};

static struct way up = { .from = CLIENT_IN, .to = NODE };
static struct way down = { .from = NODE, .to = CLIENT_OUT };
static struct reply_seen seen;
static bool client_spoke;

static bool
is_socket(int fd)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

static int
confine(void)
{
	const struct rlimits l = { .as_bytes = 256UL << 20, .fsize_bytes =
	    LIMIT_LEAVE, .stack_bytes = LIMIT_LEAVE, .cpu_s = LIMIT_LEAVE, .nofile = 4,
		.nproc = 0 };
	int ruleset, r;

	if (close_range(NODE + 1, ~0U, 0) < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = getuid() == 0 ? caps_drop_all() : caps_none();
	if (r < 0)
		return r;
	ruleset = landlock_new();
	r = ruleset < 0 ? ruleset : landlock_enter(ruleset);
	if (ruleset >= 0)
		(void)close(ruleset);
	if (r == 0)
		r = rlimits_apply(&l);
	return r < 0 ? r : filter_install(&filter_relay);
}

/* -1: whoever shall have it has gone. */
static int
drain(struct way *w)
{
	size_t n = w->have - w->done;
	ssize_t k;

	if (w->to_pipe)
		k = write(w->to, w->buf + w->done,
		    n < PIPE_BYTES ? n : PIPE_BYTES);
	else
		k = send(w->to, w->buf + w->done, n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (k < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	w->done += (size_t)k;
	if (w->done == w->have)
		w->have = w->done = 0;
	return 0;
}

/* Only after poll(2) has said so: both may be blocking descriptors, whose
 * mode is shared with others and so not ours to change. */
static void
fill(struct way *w)
{
	ssize_t n = read(w->from, w->buf, sizeof(w->buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		w->ended = true;
	else
		w->have = (size_t)n;
}

static void
watch(struct pollfd p[4])
{
	bool up_full = up.have > 0, down_full = down.have > 0;

	p[0] = (struct pollfd){ up.ended || up_full ? -1 : CLIENT_IN, POLLIN,
		0 };
	p[1] = (struct pollfd){ up_full ? NODE : -1, POLLOUT, 0 };
	p[2] = (struct pollfd){ down_full ? -1 : NODE, POLLIN, 0 };
	/* Always: that it has gone (POLLERR, POLLHUP). */
	p[3] = (struct pollfd){ CLIENT_OUT, down_full ? POLLOUT : 0, 0 };
}

static int
when_gone(void)
{
	switch (seen.state) {
	case REPLY_WHOLE:
		return RELAY_OK;
	case REPLY_NONE:
		return client_spoke ? RELAY_PROTOCOL : RELAY_TRUNCATED;
	case REPLY_BROKEN:
		return RELAY_PROTOCOL;
	case REPLY_PART:
	default:
		return RELAY_IO;
	}
}

static void
upwards(const struct pollfd p[4])
{
	if (p[0].revents != 0) {
		fill(&up);
		client_spoke |= up.have > 0;
		/* A client never half-closes (§1.4): it is gone, and the node
		 * ends its job. */
		if (up.ended)
			(void)shutdown(NODE, SHUT_WR);
	}
	/* A node that takes no more may still have an answer under way. */
	if (p[1].revents != 0 && drain(&up) < 0) {
		up.have = up.done = 0;
		up.ended = true;
	}
}

/* The exit status, or -1: go on. */
static int
downwards(const struct pollfd p[4])
{
	if (p[2].revents != 0) {
		fill(&down);
		reply_seen_add(&seen, down.buf, down.have);
		if (down.ended)
			return when_gone();
	}
	if (down.have == 0)
		return (p[3].revents & (POLLERR | POLLHUP)) != 0 ? RELAY_IO :
		                                                   -1;
	/* A pipe would block, unless it polled writable. */
	if ((p[3].revents != 0 || !down.to_pipe) && drain(&down) < 0)
		return RELAY_IO;
	/* It is complete: nobody need wait for the node to close. */
	return down.have == 0 && seen.state == REPLY_WHOLE ? RELAY_OK : -1;
}

int
main(int argc, char *argv[])
{
	struct pollfd p[4];
	int r, status = -1;

	by_hand(argc, argv, "copies one job between ssh or inetd and a node");
	down.to_pipe = !is_socket(CLIENT_OUT);
	r = confine();
	if (r < 0) {
		(void)dprintf(STDERR_FILENO,
		    "immure-relay: cannot confine itself: %s; not started\n",
		    strerror(-r));
		return RELAY_FAILED;
	}
	while (status < 0) {
		watch(p);
		if (poll(p, 4, -1) < 0 && errno != EINTR)
			status = RELAY_FAILED;
		else if (status < 0) {
			upwards(p);
			status = downwards(p);
		}
	}
	_exit(status);
}
