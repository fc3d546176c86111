/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An honest job, by the way that this machine's users take: its object must be
 * the one that the same compiler makes here. */
#include "selftest.h"

#include "job_ask.h"
#include "run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <node/common/clock.h>
#include <node/common/fd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OBJECT_MAX (1U << 20)
#define COMPILE_MS 20000U
#define NAME	   "immure-selftest.i"

static const char source[] =
    "# 1 \"immure-selftest.c\"\n"
    "extern int other(const char *, ...);\n"
    "static const int table[] = { 2, 3, 5, 7, 11, 13 };\n"
    "int honest(int n)\n"
    "{ int i, s = 0; for (i = 0; i < n; i++) s += table[i % 6] * other(\"%d\", "
    "i); return s; }\n";

/* As a job of this machine's users. */
static int
connect_job(const struct selftest *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	cleanup_fd int fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, s->control.path, sizeof(a.sun_path));
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd_take(&fd);
}

/* The node's object by @compiler; *len bytes, the caller's.  NULL: none. */
static uint8_t *
theirs(const struct selftest *s, const char *compiler, size_t *len)
{
	const char *const argv[] = { compiler, "-O2", "-c", NAME, "-o",
		"immure-selftest.o" };
	const struct job_ask a = { .proto = 1, .argv = argv, .argc = 6,
		.source = source };
	cleanup_fd int fd = connect_job(s);
	uint8_t *request = NULL, *object = NULL;
	struct talk t;
	size_t n;

	if (fd >= 0)
		request = job_ask_compose(&a, &n);
	if (request == NULL)
		return NULL;
	talk(&t, fd, request, n, 1, now_us() + COMPILE_MS * 1000ULL);
	if (t.end == TALK_REPLY && t.reply.status == 0)
		object = job_reply_unpack(&t.reply.object, 1, OBJECT_MAX, len);
	talk_done(&t);
	free(request);
	return object;
}

/* This machine's, made in directory @dir. */
static uint8_t *
make_ours(const char *dir, const char *compiler, size_t *len)
{
	char script[512];
	const char *const argv[] = { "sh", "-c", script, "sh", dir, compiler,
		NULL };
	const struct run r = { .argv = argv, .err = RUN_STDERR_NONE,
		.timeout_ms = COMPILE_MS, .max = OBJECT_MAX };
	struct ran ran;

	(void)snprintf(script, sizeof(script), "cd \"$1\" && "
	    "\"$2\" -O2 -c " NAME " -o o >&2 && cat o");
	if (run_program(&r, &ran) < 0)
		return NULL;
	if (ran.status != 0 || ran.len == 0) {
		free(ran.out);
		return NULL;
	}
	*len = ran.len;
	return (uint8_t *)ran.out;
}

static uint8_t *
ours(const char *compiler, size_t *len)
{
	char dir[] = "/tmp/immure-selftest.XXXXXX", path[64];
	uint8_t *object = NULL;
	int fd;

	if (mkdtemp(dir) == NULL)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/" NAME, dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && fd_write_all(fd, source, sizeof(source) - 1) == 0)
		object = make_ours(dir, compiler, len);
	(void)fd_close(fd);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/o", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return object;
}

/* The first compiler that both have. */
void
st_try_compile(struct selftest *s)
{
	static const char *const names[] = { "gcc", "cc", "clang" };
	uint8_t *here = NULL, *there = NULL;
	size_t n = 0, m = 0;

	st_progress(s, st_whats[ROW_COMPILE]);
	for (size_t i = 0; i < 3 && there == NULL; i++) {
		free(here);
		here = ours(names[i], &n);
		if (here != NULL)
			there = theirs(s, names[i], &m);
	}
	if (there == NULL)
		st_unknown(s, ROW_COMPILE, "gcc, cc, clang: none that this "
		    "machine and the node both have");
	else if (n == m && memcmp(here, there, n) == 0)
		st_kept(s, ROW_COMPILE);
	else
		st_broken(s, ROW_COMPILE, "the object differs");
	free(here);
	free(there);
}
