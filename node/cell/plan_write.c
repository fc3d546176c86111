/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a plan (plan.h), in the broker.  One growing buffer; a failure is
 * kept and reported by plan_finish(), so that callers need one check.  Paths
 * are taken as they are: request.c has checked the client's, and plan.c
 * refuses what is not canonical when it reads.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_FIRST_CAP 4096UL

static void
fail(struct plan_writer *w, int error)
{
	if (w->failed == 0)
		w->failed = error;
}

/* Room for @n more bytes; 0, or the failure is noted. */
static int
grow(struct plan_writer *w, size_t n)
{
	size_t cap = w->cap != 0 ? w->cap : PLAN_FIRST_CAP;
	uint8_t *buf;

	if (n > PLAN_MAX - w->len) {
		fail(w, -E2BIG);
		return w->failed;
	}
	while (cap < w->len + n)
		cap *= 2;
	if (cap == w->cap)
		return 0;
	buf = realloc(w->buf, cap);
	if (buf == NULL) {
		fail(w, -ENOMEM);
		return w->failed;
	}
	w->buf = buf;
	w->cap = cap;
	return 0;
}

static void
append(struct plan_writer *w, const void *bytes, size_t n)
{
	if (w->failed != 0 || n == 0 || grow(w, n) != 0)
		return;
	memcpy(w->buf + w->len, bytes, n);
	w->len += n;
}

/* With its NUL. */
static void
append_string(struct plan_writer *w, const char *s)
{
	append(w, s, strlen(s) + 1);
}

static uint32_t
append_strings(struct plan_writer *w, const char *const *v)
{
	uint32_t n;

	for (n = 0; v[n] != NULL; n++)
		append_string(w, v[n]);
	return n;
}

/* The header stands at the front from plan_begin() on. */
static void
count_item(struct plan_writer *w)
{
	struct plan_hdr h;

	if (w->failed != 0)
		return;
	memcpy(&h, w->buf, sizeof(h));
	h.nitems++;
	memcpy(w->buf, &h, sizeof(h));
}

void
plan_begin(struct plan_writer *w)
{
	static const struct plan_hdr h = { .magic = PLAN_MAGIC };

	memset(w, 0, sizeof(*w));
	append(w, &h, sizeof(h));
}

void
plan_exec(struct plan_writer *w, const char *program, const char *cwd,
    const char *const *argv, const char *const *env)
{
	struct plan_exec x = { .magic = PLAN_MAGIC };
	struct plan_hdr h;

	append(w, &x, sizeof(x));
	append_string(w, program);
	append_string(w, cwd);
	x.argc = append_strings(w, argv);
	x.envc = append_strings(w, env);
	if (w->failed != 0)
		return;
	memcpy(&h, w->buf, sizeof(h));
	h.exec_len = w->len - sizeof(h);
	if (h.exec_len > PLAN_EXEC_MAX) {
		fail(w, -E2BIG);
		return;
	}
	x.text_len = (uint32_t)(h.exec_len - sizeof(x));
	memcpy(w->buf, &h, sizeof(h));
	memcpy(w->buf + sizeof(h), &x, sizeof(x));
}

static void
append_item(struct plan_writer *w, struct plan_item *it, const char *path,
    const char *target)
{
	size_t name_len = strlen(path);
	size_t target_len = target != NULL ? strlen(target) : 0;

	if (name_len > UINT16_MAX || target_len > UINT16_MAX) {
		fail(w, -E2BIG); /* far over PATH_MAX; keeps the casts true */
		return;
	}
	it->name_len = (uint32_t)name_len;
	it->target_len = (uint32_t)target_len;
	append(w, it, sizeof(*it));
	append_string(w, path);
	if (target != NULL)
		append_string(w, target);
	count_item(w);
}

void
plan_dir(struct plan_writer *w, const char *path)
{
	struct plan_item it = { .kind = PLAN_DIR };

	append_item(w, &it, path, NULL);
}

void
plan_file(struct plan_writer *w, const char *path, uint64_t off, uint64_t len)
{
	struct plan_item it = {
		.kind = PLAN_FILE,
		.body_off = off,
		.body_len = len,
	};

	append_item(w, &it, path, NULL);
}

void
plan_link(struct plan_writer *w, const char *path, const char *target)
{
	struct plan_item it = { .kind = PLAN_LINK };

	append_item(w, &it, path, target);
}

int
plan_finish(struct plan_writer *w)
{
	return w->failed;
}

void
plan_writer_done(struct plan_writer *w)
{
	free(w->buf);
	memset(w, 0, sizeof(*w));
}
