/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See run.h.  What comes out of a jail is bytes: kept up to a limit. */
#include "run.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <node/common/memfd.h>
#include <node/common/message.h>
#include <poll.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct words {
	char buf[RUNNER_WORDS_MAX];
	size_t len;
	uint32_t n;
};

static int
put_word(struct words *w, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > sizeof(w->buf) - w->len || w->n == RUNNER_ARGC_MAX)
		return -E2BIG;
	memcpy(w->buf + w->len, s, n);
	w->len += n;
	w->n++;
	return 0;
}

static int
put_words(struct words *w, const struct run_spec *s, struct runner_run *q)
{
	int r = put_word(w, s->object ? s->object : "-");

	if (r == 0)
		r = put_word(w, s->source ? s->source : "-");
	if (r == 0)
		r = put_word(w, s->text ? s->text : "");
	if (r == 0)
		r = put_word(w, s->program);
	if (r == 0)
		r = put_word(w, s->argv0);
	for (size_t i = 0; r == 0 && s->args[i] != NULL; i++)
		r = put_word(w, s->args[i]);
	q->argc = w->n;
	for (size_t i = 0; r == 0 && s->env[i] != NULL; i++)
		r = put_word(w, s->env[i]);
	q->envc = w->n - q->argc;
	q->words_len = w->len;
	return r;
}

/* A sealed memfd of the words; -errno. */
static int
words_fd(const struct run_spec *s, struct runner_run *q)
{
	struct words *w = calloc(1, sizeof(*w));
	int fd = -ENOMEM, r;

	if (w == NULL)
		return fd;
	r = put_words(w, s, q);
	fd = r < 0 ? r : memfd_new("words");
	if (fd >= 0) {
		if (write(fd, w->buf, w->len) != (ssize_t)w->len)
			r = -EIO;
		if (r == 0)
			r = memfd_seal(fd);
		if (r < 0) {
			(void)close(fd);
			fd = r;
		}
	}
	free(w);
	return fd;
}

struct stream {
	uint8_t *buf; /* owned */
	size_t len, cap, max;
};

/* 1 = go on, 0 = at its end, -errno. */
static int
stream_read(struct stream *s, int fd)
{
	ssize_t n;

	if (s->len == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 65536;
		uint8_t *buf;

		if (s->cap >= s->max)
			return -EFBIG;
		buf = realloc(s->buf, cap);
		if (buf == NULL)
			return -ENOMEM;
		s->buf = buf;
		s->cap = cap;
	}
	n = read(fd, s->buf + s->len, s->cap - s->len);
	if (n < 0)
		return errno == EAGAIN ? 1 : -errno;
	s->len += (size_t)n;
	return n > 0;
}

/* Both pipes to their ends, or the runner's: what died with it. */
static int
drain(struct pollfd p[2], struct stream s[2])
{
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		/* Longer than any run may take: then the runner hangs. */
		int r = poll(p, 2, 2 * (int)RUNNER_WALL_MS);

		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		for (int i = 0; i < 2; i++) {
			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			r = stream_read(&s[i], p[i].fd);
			if (r < 0)
				return r;
			if (r == 0)
				p[i].fd = fd_close(p[i].fd);
		}
	}
	return 0;
}

static int
answer(int runner, struct runner_ran *a)
{
	static struct msg m;
	int r = msg_recv_wait(runner, &m, 2 * (int)RUNNER_WALL_MS);

	if (r == 0)
		return -EPIPE;
	if (r < 0)
		return r;
	r = m.hdr.type == RUNNER_RAN && m.hdr.len == sizeof(*a) &&
	    m.nfds == 0 ? 0 : -EPROTO;
	if (r == 0) {
		memcpy(a, m.body, sizeof(*a));
		a->where[sizeof(a->where) - 1] = '\0';
	}
	msg_done(&m);
	return r;
}

/* Send the request; the writing ends of the pipes go with it. */
static int
request(int runner, const struct run_spec *s, struct pollfd p[2])
{
	struct runner_run q = { .place = s->place, .image = s->image };
	cleanup_fd int words = words_fd(s, &q);
	int out[2], err[2], r;

	if (words < 0)
		return words;
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(err, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(out[0]);
		(void)close(out[1]);
		return r;
	}
	const int fds[3] = { words, out[1], err[1] };

	r = msg_send(runner, RUNNER_RUN, 0, &q, sizeof(q), fds, 3);
	(void)close(out[1]);
	(void)close(err[1]);
	p[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	return r;
}

static int
run_once(int runner, const struct run_spec *s, struct run_output *ret,
    const char **ret_where)
{
	static struct runner_ran a;
	struct pollfd p[2] = { { .fd = -1 }, { .fd = -1 } };
	struct stream st[2] = { { .max = RUN_OUT_MAX },
		{ .max = RUN_ERR_MAX } };
	int r, r2;

	*ret_where = "runner";
	memset(&a, 0, sizeof(a));
	r = request(runner, s, p);
	if (r == 0) {
		r = drain(p, st);
		/* A closed pipe ends what still prints; then the answer. */
		p[0].fd = fd_close(p[0].fd);
		p[1].fd = fd_close(p[1].fd);
		r2 = answer(runner, &a);
		r = r2 < 0 ? r2 : r;
	}
	(void)fd_close(p[0].fd);
	(void)fd_close(p[1].fd);
	if (r == 0 && a.error != 0) {
		*ret_where = a.where;
		r = a.error;
	}
	if (r == 0 && a.killed)
		r = -ETIME;
	if (r < 0) {
		free(st[0].buf);
		free(st[1].buf);
		return r;
	}
	*ret = (struct run_output){ .status = a.status, .out = st[0].buf,
		.out_len = st[0].len, .err = (char *)st[1].buf,
		.err_len = st[1].len };
	return 0;
}

/* Who is short of memory kills with SIGKILL, and what a compiler did not get to
 * say must not cost its toolchain: it may say it again. */
#define RUN_TRIES 3

int
run_compiler(int runner, const struct run_spec *s, struct run_output *ret,
    const char **ret_where)
{
	int r = -EAGAIN;

	for (int i = 0; i < RUN_TRIES; i++) {
		r = run_once(runner, s, ret, ret_where);
		if (r < 0 || !WIFSIGNALED(ret->status) ||
		    WTERMSIG(ret->status) != SIGKILL || i == RUN_TRIES - 1)
			break;
		run_output_done(ret);
	}
	return r;
}

void
run_output_done(struct run_output *o)
{
	free(o->out);
	free(o->err);
	memset(o, 0, sizeof(*o));
}

int
run_succeeded(const struct run_output *o)
{
	return WIFEXITED(o->status) && WEXITSTATUS(o->status) == 0;
}

static int
simple(int runner, uint32_t type, const void *body, size_t len)
{
	struct runner_ran a = { .error = 0 };
	int r = msg_send(runner, type, 0, body, len, NULL, 0);

	if (r == 0)
		r = answer(runner, &a);
	return r < 0 ? r : a.error;
}

int
run_make_image(int runner, uint32_t image, uint32_t tops)
{
	const struct runner_image q = { .image = image, .tops = tops };

	return simple(runner, RUNNER_IMAGE, &q, sizeof(q));
}

int
run_close_images(int runner)
{
	return simple(runner, RUNNER_CLOSE, NULL, 0);
}
