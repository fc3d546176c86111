/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See look_up.h. */
#include "look_up.h"
#include "../common/clock.h"
#include "../common/fd.h"
#include "../common/role.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sandbox/caps.h>
#include <sandbox/user_mode.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_FD (STDERR_FILENO + 1)

/* What the process that asks says. */
struct answer {
	int32_t eai;
	struct look_up found;
};

socklen_t
look_up_length(int family)
{
	return family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	    family == AF_INET ? sizeof(struct sockaddr_in) : 0;
}

static int
ask(struct look_up *l, const char *host, uint16_t port, int flags)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV | flags,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list = NULL;
	char service[8];
	int r;

	*l = (struct look_up){ .n = 0 };
	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	r = getaddrinfo(host, service, &hints, &list);
	for (const struct addrinfo *i = list;
	     r == 0 && i != NULL && l->n < LOOK_UP_MAX; i = i->ai_next)
		if (look_up_length(i->ai_family) != 0 &&
		    look_up_length(i->ai_family) == i->ai_addrlen)
			memcpy(&l->at[l->n++], i->ai_addr, i->ai_addrlen);
	if (list != NULL)
		freeaddrinfo(list);
	return r;
}

/* What reads a name server's answer may not be root: security-rules 1, 15. */
static void
give_up_rights(int keep)
{
	/* It is killed in the end, and is to leave no other behind. */
	const struct rlimit none = { 0, 0 };
	uint32_t uid, gid;
	int r = 0;

	if (dup2(keep, ANSWER_FD) < 0)
		_exit(1);
	(void)close_range(ANSWER_FD + 1, ~0U, 0);
	if (geteuid() == 0 && !user_mode()) {
		role_ids(ROLE_STATUS, &uid, &gid);
		r = caps_become(uid, gid, 0, user_mode_groups_stay());
	}
	if (r != 0 || caps_none() != 0 || setrlimit(RLIMIT_NPROC, &none) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
}

/* The process that asks. */
static void __attribute__((noreturn))
ask_and_tell(int to, const char *host, uint16_t port)
{
	static struct answer a;

	give_up_rights(to);
	a.eai = ask(&a.found, host, port, 0);
	_exit(fd_write_all(ANSWER_FD, &a, sizeof(a)) != 0);
}

/* Nothing of @a is believed but that it holds addresses. */
static bool
is_answer(const struct answer *a)
{
	if (a->found.n > LOOK_UP_MAX)
		return false;
	for (unsigned i = 0; i < a->found.n; i++)
		if (look_up_length(a->found.at[i].ss_family) == 0)
			return false;
	return a->eai != 0 || a->found.n > 0;
}

/* All @n bytes, before @until. */
static bool
read_before(int fd, void *buf, size_t n, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *at = buf;
	uint64_t now;
	ssize_t r;

	for (; n > 0; at += r, n -= (size_t)r) {
		now = now_us();
		if (now >= until)
			return false;
		r = poll(&p, 1, (int)((until - now) / 1000 + 1));
		if (r > 0)
			r = read(fd, at, n);
		if (r < 0 && errno == EINTR)
			r = 0; /* and again */
		else if (r <= 0)
			return false;
	}
	return true;
}

/* It is ended, whatever it does: it may be the name server's by now. */
static void
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int
ask_elsewhere(struct look_up *l, const char *host, uint16_t port,
    unsigned seconds)
{
	static struct answer a;
	uint64_t until = now_us() + seconds * UINT64_C(1000000);
	int ends[2], r = EAI_AGAIN;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return EAI_SYSTEM;
	pid = fork();
	if (pid == 0)
		ask_and_tell(ends[1], host, port);
	(void)fd_close(ends[1]);
	if (pid > 0 && read_before(ends[0], &a, sizeof(a), until) &&
	    is_answer(&a)) {
		*l = a.found;
		r = a.eai;
	}
	(void)fd_close(ends[0]);
	if (pid > 0)
		end(pid);
	return r;
}

int
look_up(struct look_up *l, const char *host, uint16_t port, unsigned seconds)
{
	int r = ask(l, host, port, host != NULL ? AI_NUMERICHOST : 0);

	return r != EAI_NONAME || host == NULL ? r :
	    ask_elsewhere(l, host, port, seconds);
}
