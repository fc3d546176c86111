/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run_program.h"

#include "wait_until.h"

#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
become(const struct run *r, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setpgid(0, 0);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	if (r->err != RUN_STDERR_OURS)
		(void)dup2(r->err == RUN_STDERR_TOO ? out : null, 2);
	/* execvp() wants char *const[], and changes none of them. */
	(void)execvp(r->argv[0], (char *const *)(uintptr_t)r->argv);
	_exit(127);
}

/* All that comes until its end. */
static int
collect(const struct run *r, struct ran *ret, int fd)
{
	uint64_t deadline_us = now_us() + r->timeout_ms * 1000ULL;
	ssize_t n;
	int e;

	for (;;) {
		e = wait_until(fd, POLLIN, deadline_us);
		if (e < 0)
			return e;
		n = read(fd, ret->out + ret->len, r->max - ret->len);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		ret->len += (size_t)n;
		if (ret->len == r->max)
			return -E2BIG;
	}
	ret->out[ret->len] = '\0';
	return 0;
}

/* Its output has ended; it may not have. */
static int
reap(pid_t pid, const struct run *r, int *status)
{
	for (unsigned ms = 0; ms < r->timeout_ms; ms++) {
		if (waitpid(pid, status, WNOHANG) != 0)
			return 0;
		(void)poll(NULL, 0, 1);
	}
	return -ETIMEDOUT;
}

int
run_program(const struct run *r, struct ran *ret)
{
	struct ran got = { .out = malloc(r->max + 1) };
	int pair[2], e;
	pid_t pid;

	if (got.out == NULL)
		return -ENOMEM;
	if (pipe2(pair, O_CLOEXEC) < 0) {
		free(got.out);
		return -errno;
	}
	pid = fork();
	if (pid == 0)
		become(r, pair[1]);
	(void)close(pair[1]);
	e = pid < 0 ? -EAGAIN : collect(r, &got, pair[0]);
	(void)close(pair[0]);
	if (e == 0)
		e = reap(pid, r, &got.status);
	if (pid > 0 && e < 0) {
		(void)kill(-pid, SIGKILL);
		(void)kill(pid, SIGKILL); /* it may not lead its group yet */
		(void)waitpid(pid, NULL, 0);
	}
	if (e < 0)
		free(got.out);
	else
		*ret = got;
	return e;
}
