/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dial.h"

#include "wait_until.h"

#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SSH_WORDS_MAX 32
#define SSH_END_MS    2000

static int
connect_until(int fd, const struct lookup *l, unsigned i, uint64_t deadline_us)
{
	socklen_t len = sizeof(int);
	int r, error = 0;

	if (connect(fd, (const void *)&l->at[i].addr, l->at[i].len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	r = wait_until(fd, POLLOUT, deadline_us);
	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

int
dial_tcp(struct dialed *d, const struct lookup *l, unsigned i,
    uint64_t deadline_us)
{
	cleanup_fd int fd = socket(l->at[i].addr.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	*d = (struct dialed){ .fd = -1 };
	if (fd < 0)
		return -errno;
	r = connect_until(fd, l, i, deadline_us);
	if (r == 0)
		d->fd = fd_take(&fd);
	return r;
}

/* The words of $DISTCC_SSH, or "ssh"; @room holds them. */
static size_t
ssh_program(const char *words[SSH_WORDS_MAX], char room[1024])
{
	const char *set = getenv("DISTCC_SSH");
	const char *word;
	size_t n = 0, len, used = 0;

	if (set == NULL || set[0] == '\0')
		set = "ssh";
	while (n < 16 && host_list_word(&set, &word, &len)) {
		if (len >= 1024 - used)
			break;
		memcpy(room + used, word, len);
		room[used + len] = '\0';
		words[n++] = room + used;
		used += len + 1;
	}
	return n;
}

static void
become_ssh(const struct host_spec *h, int end)
{
	const char *words[SSH_WORDS_MAX];
	char room[1024];
	size_t n = ssh_program(words, room);

	if (h->user[0] != '\0') {
		words[n++] = "-l";
		words[n++] = h->user;
	}
	words[n++] = h->name;
	words[n++] = h->command[0] != '\0' ? h->command : "distccd";
	words[n++] = "--inetd";
	words[n++] = "--enable-tcp-insecure";
	words[n] = NULL;
	if (dup2(end, 0) < 0 || dup2(end, 1) < 0)
		_exit(127);
	/* execvp() wants char *const[], and changes none of them. */
	(void)execvp(words[0], (char *const *)(uintptr_t)words);
	_exit(127);
}

int
dial_ssh(struct dialed *d, const struct host_spec *h)
{
	int pair[2];
	pid_t pid;

	*d = (struct dialed){ .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become_ssh(h, pair[1]);
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return -EAGAIN;
	}
	/* Only our end: ssh expects its own to block. */
	(void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
	d->fd = pair[0];
	d->ssh = pid;
	return 0;
}

/* ssh ends with its connection, or when it is asked to; else it is killed. */
static void
end_ssh(pid_t pid)
{
	for (int ms = 0; ms < SSH_END_MS; ms += 10) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		if (ms == SSH_END_MS / 2)
			(void)kill(pid, SIGTERM);
		(void)poll(NULL, 0, 10);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

void
dial_close(struct dialed *d)
{
	d->fd = fd_close(d->fd);
	if (d->ssh > 0)
		end_ssh(d->ssh);
	d->ssh = 0;
}
