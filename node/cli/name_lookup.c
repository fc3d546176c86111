/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name_lookup.h"

#include "wait_until.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <node/common/fd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
ask(struct lookup *l, const char *name, uint16_t port, int flags)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | flags };
	struct addrinfo *list = NULL;
	char service[8];
	int r;

	memset(l, 0, sizeof(*l));
	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	r = getaddrinfo(name, service, &hints, &list);
	if (r != 0) {
		(void)snprintf(l->error, sizeof(l->error), "%s",
		    r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
		return;
	}
	for (const struct addrinfo *ai = list; ai != NULL && l->n < LOOKUP_MAX;
	     ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(l->at[0].addr))
			continue;
		memcpy(&l->at[l->n].addr, ai->ai_addr, ai->ai_addrlen);
		l->at[l->n++].len = ai->ai_addrlen;
	}
	freeaddrinfo(list);
}

/* The child's answer is at most PIPE_BUF: written and read as one. */
_Static_assert(sizeof(struct lookup) <= 4096, "one write of a pipe");

static int
read_answer(struct lookup *l, int fd, uint64_t deadline_us)
{
	struct lookup got;
	int r = wait_until(fd, POLLIN, deadline_us);

	if (r < 0)
		return r;
	if (read(fd, &got, sizeof(got)) != (ssize_t)sizeof(got) ||
	    got.n > LOOKUP_MAX)
		return -EIO;
	*l = got;
	return 0;
}

static int
ask_in_child(struct lookup *l, const char *name, uint16_t port,
    uint64_t deadline_us)
{
	int pair[2], r;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		ask(l, name, port, 0);
		_exit(write(pair[1], l, sizeof(*l)) != (ssize_t)sizeof(*l));
	}
	(void)close(pair[1]);
	r = pid < 0 ? -EAGAIN : read_answer(l, pair[0], deadline_us);
	(void)close(pair[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	return r;
}

int
lookup(struct lookup *l, const char *name, uint16_t port, uint64_t deadline_us)
{
	int r;

	ask(l, name, port, AI_NUMERICHOST); /* asks nobody */
	if (l->n > 0)
		return 0;
	r = ask_in_child(l, name, port, deadline_us);
	if (r < 0) {
		l->n = 0;
		(void)snprintf(l->error, sizeof(l->error), "%s",
		    r == -ETIMEDOUT ? "nobody told within the time" :
				      strerror(-r));
	} else if (l->n == 0 && l->error[0] == '\0') {
		(void)snprintf(l->error, sizeof(l->error), "no address");
	}
	return l->n > 0 ? 0 : -ENOENT;
}

void
lookup_text(const struct lookup *l, unsigned i, char out[LOOKUP_TEXT])
{
	char host[64], port[8];

	if (getnameinfo((const void *)&l->at[i].addr, l->at[i].len, host,
		sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		(void)snprintf(out, LOOKUP_TEXT, "?");
	else
		(void)snprintf(out, LOOKUP_TEXT,
		    strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
		    port);
}
