/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What immure selftest asks of the node. */
#include "selftest.h"

#include "cli.h"
#include "job_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <node/common/clock.h>
#include <node/common/fd.h>
#include <node/common/install_dir.h>
#include <node/common/memfd.h>
#include <node/common/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An image and a slot are made; a slot that was spoilt is made again. */
#define BEGIN_MS 30000
#define JOB_US	 (20ULL * 1000 * 1000)

/* All of file @from into @to; bytes, or -errno. */
static ssize_t
copy(int from, int to)
{
	static char buf[1 << 16];
	ssize_t n, sum = 0;

	while ((n = read(from, buf, sizeof(buf))) > 0) {
		int r = fd_write_all(to, buf, (size_t)n);

		if (r < 0)
			return r;
		sum += n;
	}
	return n < 0 ? -errno : sum;
}

/* The program as a sealed memfd, and its length; or -errno. */
static int
load_program(uint64_t *ret_len)
{
	const char *dir = install_libexec();
	char path[PATH_MAX];
	cleanup_fd int file = -1, fd = -1;
	ssize_t n;
	int r;

	if (dir == NULL)
		return -ENOENT;
	(void)snprintf(path, sizeof(path), "%s/stage-selftest", dir);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	fd = memfd_new("immure-selftest");
	if (fd < 0)
		return fd;
	n = copy(file, fd);
	r = n < 0 ? (int)n : memfd_seal(fd);
	if (r < 0)
		return r;
	*ret_len = (uint64_t)n;
	return fd_take(&fd);
}

static int
complain(const struct selftest *s, const char *why, int error)
{
	char what[SOCKET_PATH_MAX + 64];

	snprintf(what, sizeof(what), "selftest: the node at %s",
	    s->control.path);
	cli_complain(what, why, "its log may say more (selftest.start, "
	    "role.*)");
	return error;
}

/* The answer to CONTROL_SELFTEST or CONTROL_CONNECT; *ret_fd, if one came. */
static int
receive(struct selftest *s, uint32_t type, struct control_result *ret,
    int *ret_fd, int timeout_ms)
{
	static struct msg m;
	int r = msg_recv_wait(s->control.fd, &m, timeout_ms);

	if (r == 0)
		return -ECONNRESET;
	if (r < 0)
		return r;
	r = m.hdr.type == type && m.hdr.len == sizeof(*ret) ? 0 : -EPROTO;
	if (r == 0) {
		memcpy(ret, m.body, sizeof(*ret));
		ret->text[sizeof(ret->text) - 1] = '\0';
		if (ret_fd != NULL)
			*ret_fd = msg_take_fd(&m, 0);
	}
	msg_done(&m);
	return r;
}

static int
ask_begin(struct selftest *s, int program, uint64_t len, int records)
{
	const struct control_selftest ask = { .program_len = len };
	const int fds[2] = { program, records };
	struct control_result a;
	int r;

	r = msg_send(s->control.fd, CONTROL_SELFTEST, 0, &ask, sizeof(ask),
	    fds, 2);
	if (r == 0)
		r = receive(s, CONTROL_SELFTEST + 1, &a, NULL, BEGIN_MS);
	if (r < 0)
		return complain(s, strerror(-r), r);
	return a.error == 0 ? 0 : complain(s, a.text, a.error);
}

int
st_begin(struct selftest *s)
{
	cleanup_fd int program = -1, end = -1;
	uint64_t len;
	int p[2];

	program = load_program(&len);
	if (program < 0) {
		cli_complain("selftest: libexec/stage-selftest",
		    strerror(-program), "is immure installed whole?");
		return program;
	}
	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	end = p[1];
	s->records = p[0];
	(void)fcntl(p[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(p[0], F_SETPIPE_SZ, 1 << 20);
	return ask_begin(s, program, len, end);
}

void
st_end(struct selftest *s)
{
	st_records(s);
	control_close(&s->control);
}

int
st_connect(struct selftest *s)
{
	struct control_result a;
	int fd = -1, r;

	r = msg_send(s->control.fd, CONTROL_CONNECT, 0, NULL, 0, NULL, 0);
	if (r == 0)
		r = receive(s, CONTROL_CONNECT + 1, &a, &fd, CONTROL_WAIT_MS);
	if (r == 0)
		r = a.error;
	if (r == 0 && fd < 0)
		r = -EPROTO;
	return r < 0 ? r : fd;
}

int
st_job(struct selftest *s, struct talk *t, const char *const *argv,
    unsigned argc, const char *source)
{
	const struct job_ask a = { .proto = 1, .argv = argv, .argc = argc,
		.source = source };
	cleanup_fd int fd = -1;
	uint8_t *request;
	size_t len;

	fd = st_connect(s);
	if (fd < 0)
		return fd;
	request = job_ask_compose(&a, &len);
	if (request == NULL)
		return -ENOMEM;
	s->jobs++;
	talk(t, fd, request, len, 1, now_us() + JOB_US);
	free(request);
	st_records(s);
	return 0;
}

/* Of a node that serves there are others' records too: what is whole and not
 * ours goes. */
static void
keep_ours(struct selftest *s, size_t from)
{
	char *at = s->recorded + from, *to = at, *end;

	for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		*end = '\0';
		if (strstr(at, CONTROL_PROGRAM) != NULL) {
			memmove(to, at, (size_t)(end - at));
			to += end - at;
			*to++ = '\n';
		}
	}
	memmove(to, at, strlen(at) + 1);
	s->recorded_len = (size_t)(to - s->recorded) + strlen(to);
	s->recorded_whole = (size_t)(to - s->recorded);
}

void
st_records(struct selftest *s)
{
	char buf[4096], *more;
	ssize_t n;

	while (s->records >= 0 && (n = read(s->records, buf, sizeof(buf))) > 0) {
		more = realloc(s->recorded, s->recorded_len + (size_t)n + 1);
		if (more == NULL)
			return;
		memcpy(more + s->recorded_len, buf, (size_t)n);
		s->recorded = more;
		s->recorded_len += (size_t)n;
		s->recorded[s->recorded_len] = '\0';
		keep_ours(s, s->recorded_whole);
	}
}
