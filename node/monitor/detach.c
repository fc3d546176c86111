/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Into the background, as distccd does after it has bound its port; but the
 * parent stays until the node serves, so that whoever starts us learns the
 * outcome from the exit status.
 */
#include "monitor.h"
#include "../common/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
wait_for_daemon(int fd, pid_t pid)
{
	int status = 0;
	char c;

	if (read(fd, &c, 1) == 1)
		_exit(0);
	(void)waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
	    WEXITSTATUS(status) : CMDLINE_EXIT_FAILED);
}

int
detach(struct monitor *m)
{
	int p[2], null;
	pid_t pid;

	m->ready_fd = -1;
	if (!m->cl->detach)
		return 0;
	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		(void)close(p[1]);
		wait_for_daemon(p[0], pid);
	}
	(void)close(p[0]);
	m->ready_fd = p[1];
	(void)setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)close(null);
	}
	return 0;
}

int
detach_ready(struct monitor *m)
{
	int r = 0;

	/* EPIPE: it was told to end while it waited, ^C for one. */
	if (m->ready_fd >= 0 && write(m->ready_fd, "", 1) != 1)
		r = -errno;
	m->ready_fd = fd_close(m->ready_fd);
	return r;
}

int
pid_file_write(const char *path)
{
	char text[32];
	int fd, n;

	if (path == NULL)
		return 0;
	/* Not through a link that somebody put there. */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0644);
	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (write(fd, text, (size_t)n) != n) {
		n = -errno;
		(void)close(fd);
		return n;
	}
	(void)close(fd);
	return 0;
}
