/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See own_name.h. */
#include "own_name.h"
#include "hosts_line.h"
#include "../common/role.h"
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKUP_S 3

static size_t
length_of(int family)
{
	return family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	    family == AF_INET ? sizeof(struct sockaddr_in) : 0;
}

static const void *
bytes_of(const struct sockaddr *a, size_t *len)
{
	*len = a->sa_family == AF_INET6 ? 16 : 4;
	return a->sa_family == AF_INET6 ?
	    (const void *)&((const struct sockaddr_in6 *)(const void *)a)
	        ->sin6_addr :
	    (const void *)&((const struct sockaddr_in *)(const void *)a)
	        ->sin_addr;
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	size_t len;
	const void *x = bytes_of(a, &len);

	return a->sa_family == b->sa_family &&
	    memcmp(x, bytes_of(b, &len), len) == 0;
}

/* Is @own listened on, and of use to others? */
static bool
serves(const struct sockaddr *own, const struct sockaddr_storage *at,
    unsigned n)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	size_t len = own != NULL ? length_of(own->sa_family) : 0;

	if (len == 0)
		return false;
	memcpy(&ss, own, len);
	for (unsigned i = 0; i < n && !hosts_is_local(&ss); i++)
		if (at[i].ss_family == ss.ss_family && (hosts_is_any(&at[i]) ||
		    same_address((const void *)&at[i], own)))
			return true;
	return false;
}

/* What reads a name server's answer may not be root: security-rules 1, 15. */
static void
give_up_rights(void)
{
	uint32_t uid, gid;

	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() != 0)
		return;
	role_ids(ROLE_STATUS, &uid, &gid);
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0 || geteuid() == 0)
		_exit(1);
}

/* In a process of its own: does @name lead to an address of @own? */
static void __attribute__((noreturn))
look_up(const char *name, const struct ifaddrs *own,
    const struct sockaddr_storage *at, unsigned n)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	give_up_rights();
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(LOOKUP_S);
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		_exit(1);
	for (; list != NULL; list = list->ai_next)
		for (const struct ifaddrs *i = own; i != NULL; i = i->ifa_next)
			if (serves(i->ifa_addr, at, n) &&
			    same_address(list->ai_addr, i->ifa_addr))
				_exit(0);
	_exit(1);
}

static bool
is_known(const char *name, const struct ifaddrs *own,
    const struct sockaddr_storage *at, unsigned n)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0)
		look_up(name, own, at, n);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && status == 0;
}

static void
put_address(const struct sockaddr *a, char *name, size_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool six = a->sa_family == AF_INET6;
	size_t n;

	(void)inet_ntop(a->sa_family, bytes_of(a, &n), text, sizeof(text));
	(void)snprintf(name, len, "%s%s%s", six ? "[" : "", text,
	    six ? "]" : "");
}

void
own_name(const struct sockaddr_storage *at, unsigned n, char *name, size_t len)
{
	struct ifaddrs *own = NULL;
	const struct ifaddrs *i;

	if (gethostname(name, len) < 0 || memchr(name, '\0', len) == NULL)
		(void)snprintf(name, len, "localhost");
	if (getifaddrs(&own) < 0)
		return;
	for (i = own; i != NULL && !serves(i->ifa_addr, at, n);)
		i = i->ifa_next;
	if (i != NULL && !is_known(name, own, at, n))
		put_address(i->ifa_addr, name, len);
	else if (i == NULL) /* nobody else can reach it */
		(void)snprintf(name, len, "127.0.0.1");
	freeifaddrs(own);
}
