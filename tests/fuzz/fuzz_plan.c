/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input: one byte, the room for words of the exec part; then a plan, or,
 * if that byte is odd, an exec part alone.  A plan that reads well and is
 * written again from what was read must be the same plan.
 */
#include "fuzz.h"
#include "node/cell/plan.h"

#include <errno.h>
#include <string.h>

#define WORDS_MAX 256

struct exec_words {
	const char *program, *cwd;
	const char *argv[WORDS_MAX];
	const char **env;
};

static int
parse_exec(struct exec_words *x, const uint8_t *buf, size_t len, size_t room)
{
	uint8_t *exact = malloc(len + 1);
	const char *program, *cwd, **env;
	const char **argv = malloc((room + 1) * sizeof(*argv));
	int r;

	/* First with buffers that end where they must not be left. */
	MUST(exact != NULL && argv != NULL);
	memcpy(exact, buf, len);
	r = plan_exec_parse(exact, len, &program, &cwd, argv, room, &env);
	MUST(r == 0 || r == -EPROTO);
	if (r == 0)
		MUST(program[0] == '/' && cwd[0] == '/' && argv[0] != NULL);
	free(argv);
	free(exact);
	MUST(plan_exec_parse(
		 buf, len, &x->program, &x->cwd, x->argv, room, &x->env) == r);
	return r;
}

static void
write_item(struct plan_writer *w, const struct plan_entry *e)
{
	MUST(e->name[0] == '/');
	switch (e->kind) {
	case PLAN_DIR:
		plan_dir(w, e->name);
		break;
	case PLAN_FILE:
		MUST(e->body_off + e->body_len <= INT64_MAX);
		plan_file(w, e->name, e->body_off, e->body_len);
		break;
	case PLAN_LINK:
		MUST(e->target[0] != '\0');
		plan_link(w, e->name, e->target);
		break;
	default:
		MUST(0);
	}
}

static void
write_again(const struct plan *p, const struct exec_words *x,
    const uint8_t *data, size_t size)
{
	struct plan_writer w;
	struct plan_entry e;
	size_t off = 0;
	uint32_t n = 0;
	int r;

	plan_begin(&w);
	plan_exec(&w, x->program, x->cwd, x->argv, x->env);
	while ((r = plan_next(p, &off, &e)) == 1) {
		write_item(&w, &e);
		n++;
	}
	MUST(r == 0 && n == p->nitems && off == p->items_len);
	MUST(plan_finish(&w) == 0);
	MUST(w.len == size && memcmp(w.buf, data, size) == 0);
	plan_writer_done(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exec_words x;
	struct plan_entry e;
	struct plan p;
	size_t room, off;
	int r;

	if (size < 1)
		return 0;
	room = data[0];
	data++;
	size--;
	if (room & 1) {
		parse_exec(&x, data, size, room);
		return 0;
	}
	r = plan_parse(&p, data, size);
	MUST(r == 0 || r == -EPROTO);
	if (r != 0)
		return 0;
	if (parse_exec(&x, p.exec, p.exec_len, room) == 0)
		write_again(&p, &x, data, size);
	/* An offset of the caller's own making. */
	off = room;
	r = plan_next(&p, &off, &e);
	MUST(r == 1 || r == 0 || r == -EPROTO);
	return 0;
}
