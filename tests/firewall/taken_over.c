/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * taken_over UID HOST PORT: what a front has that was taken over, and what it
 * does.  Root accepts a connection, on a port that it prints, and becomes UID;
 * what comes is sent back; then the socket is disconnected (connect(2),
 * AF_UNSPEC) and connected to HOST, a numeric address.  Exit status: the errno
 * of that, 0 where it goes through; 255: it did not come to that.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define NOTHING 255 /* no errno */
#define WAIT_S	5

static int
accepts(int family)
{
	struct sockaddr_storage a = { .ss_family = (sa_family_t)family };
	socklen_t len = sizeof(a);
	int l = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* its port is at the same place in both families */
	if (l < 0 || listen(l, 1) < 0 ||
	    getsockname(l, (struct sockaddr *)&a, &len) < 0)
		return -1;
	(void)printf("%d\n", ntohs(((struct sockaddr_in *)&a)->sin_port));
	(void)fflush(stdout);
	return accept(l, NULL, NULL);
}

/* It serves, as it shall. */
static int
answers(int fd)
{
	char text[16];
	ssize_t n = recv(fd, text, sizeof(text), 0);

	return n > 0 && send(fd, text, (size_t)n, 0) == n ? 0 : -1;
}

static int
connects_anew(int fd, const struct addrinfo *to)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	const struct timeval wait = { .tv_sec = WAIT_S };

	if (connect(fd, &none, sizeof(none)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)
		return NOTHING;
	return connect(fd, to->ai_addr, to->ai_addrlen) < 0 ? errno : 0;
}

int
main(int argc, char *argv[])
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *to;
	uid_t uid;
	int fd;

	if (argc != 4 || getaddrinfo(argv[2], argv[3], &hints, &to) != 0)
		return NOTHING;
	uid = (uid_t)strtoul(argv[1], NULL, 10);
	fd = accepts(to->ai_family);
	if (fd < 0 || setresuid(uid, uid, uid) < 0 || answers(fd) < 0)
		return NOTHING;
	return connects_anew(fd, to);
}
