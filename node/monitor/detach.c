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
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* From when there is a pid file: a SIGHUP would end the node until it has its
 * signalfd, and SIGTERM would leave its files behind. */
void
signals_wait(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, set, NULL);
}

static void
wait_for_daemon(int fd, pid_t pid)
{
	int status = 0;
	sigset_t waiting;
	char c;

	signals_wait(&waiting);
	(void)sigprocmask(SIG_UNBLOCK, &waiting, NULL);
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
	fd = file_open(path, O_WRONLY | O_TRUNC, 0644);
	if (fd < 0)
		return fd;
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (write(fd, text, (size_t)n) != n) {
		n = -errno;
		(void)close(fd);
		return n;
	}
	(void)close(fd);
	return 0;
}

/* Only what is still ours: another node may have written its own there since,
 * and a device is nobody's to remove. */
void
pid_file_remove(const char *path)
{
	char ours[32], there[32];
	cleanup_fd int fd = path == NULL ? -1 : open(path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const int n = snprintf(ours, sizeof(ours), "%d\n", (int)getpid());
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    read(fd, there, sizeof(there)) == n &&
	    memcmp(ours, there, (size_t)n) == 0)
		(void)unlink(path);
}
