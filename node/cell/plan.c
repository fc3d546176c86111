/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a plan (plan.h).  The broker wrote it, but the broker has parsed a
 * client's bytes, so nothing in it is trusted: every length is checked against
 * what is really there before it is used, and plan_parse() has seen all items
 * before unpack acts on the first.
 *
 * Linked into the static stages: string.h and nothing else of libc, no
 * allocation, no output.  Must never return a pointer to bytes that do not
 * end in a NUL inside the buffer.
 */
#include "plan.h"

#include <errno.h>
#include <string.h>

#define PLAN_NAME_MAX 4095U /* PATH_MAX without its NUL: limits.h */

/* Is @s, @n bytes followed by one more, a C string of just that length? */
static int
is_string(const uint8_t *s, size_t n)
{
	return s[n] == '\0' && memchr(s, '\0', n) == NULL;
}

/* Is the component @s, @n bytes, one that a canonical path may have? */
static int
is_component(const char *s, size_t n)
{
	if (n == 0 || (n == 1 && s[0] == '.'))
		return 0;
	return !(n == 2 && s[0] == '.' && s[1] == '.');
}

/*
 * Absolute, with no empty, "." or ".." part and no slash at its end: what
 * unpack may walk a component at a time without asking what ".." means.
 */
static int
is_canonical(const char *path)
{
	const char *p = path;
	size_t n;

	if (*p != '/')
		return 0;
	while (*p == '/') {
		p++;
		n = strcspn(p, "/");
		if (!is_component(p, n))
			return 0;
		p += n;
	}
	return 1;
}

static int
dir_is_valid(const struct plan_item *it, const char *name)
{
	if (it->target_len != 0 || it->body_off != 0 || it->body_len != 0)
		return 0;
	/* The root is there already, and the only name without a part. */
	return strcmp(name, "/") == 0 || is_canonical(name);
}

static int
file_is_valid(const struct plan_item *it, const char *name)
{
	uint64_t end;

	if (it->target_len != 0)
		return 0;
	/* Offsets are off_t in unpack: signed. */
	if (__builtin_add_overflow(it->body_off, it->body_len, &end) ||
	    end > INT64_MAX)
		return 0;
	return is_canonical(name);
}

static int
link_is_valid(const struct plan_item *it, const char *name)
{
	if (it->target_len == 0 || it->target_len > PLAN_NAME_MAX)
		return 0;
	if (it->body_off != 0 || it->body_len != 0)
		return 0;
	return is_canonical(name);
}

static int
item_is_valid(const struct plan_item *it, const char *name)
{
	switch (it->kind) {
	case PLAN_DIR:
		return dir_is_valid(it, name);
	case PLAN_FILE:
		return file_is_valid(it, name);
	case PLAN_LINK:
		return link_is_valid(it, name);
	default:
		return 0;
	}
}

/*
 * The strings of @it start at @text, of which @room bytes are there.  Returns
 * how many bytes they take, NULs included, or 0 when they are not right.
 */
static size_t
item_strings(const struct plan_item *it, const uint8_t *text, size_t room)
{
	size_t need;

	if (it->name_len == 0 || it->name_len > PLAN_NAME_MAX ||
	    it->target_len > PLAN_NAME_MAX)
		return 0;
	need = (size_t)it->name_len + 1;
	if (it->kind == PLAN_LINK)
		need += (size_t)it->target_len + 1;
	if (need > room || !is_string(text, it->name_len))
		return 0;
	if (it->kind == PLAN_LINK &&
	    !is_string(text + it->name_len + 1, it->target_len))
		return 0;
	return need;
}

int
plan_next(const struct plan *p, size_t *off, struct plan_entry *e)
{
	struct plan_item it;
	const uint8_t *text;
	size_t room, used;

	if (*off == p->items_len)
		return 0;
	if (*off > p->items_len || p->items_len - *off < sizeof(it))
		return -EPROTO;
	/* Items follow strings of any length: not aligned. */
	memcpy(&it, p->items + *off, sizeof(it));
	text = p->items + *off + sizeof(it);
	room = p->items_len - *off - sizeof(it);
	used = item_strings(&it, text, room);
	if (used == 0 || it.zero != 0 ||
	    !item_is_valid(&it, (const char *)text))
		return -EPROTO;
	e->kind = (enum plan_kind)it.kind;
	e->name = (const char *)text;
	e->target = it.kind == PLAN_LINK ? e->name + it.name_len + 1 : NULL;
	e->body_off = it.body_off;
	e->body_len = it.body_len;
	*off += sizeof(it) + used;
	return 1;
}

/* Do the items number what the header says, with nothing behind them? */
static int
check_items(const struct plan *p)
{
	struct plan_entry e;
	size_t off = 0;
	uint32_t n = 0;
	int r;

	while ((r = plan_next(p, &off, &e)) == 1)
		n++; /* an item is 32 bytes of at most PLAN_MAX: cannot wrap */
	if (r < 0 || n != p->nitems)
		return -EPROTO;
	return 0;
}

int
plan_parse(struct plan *p, const uint8_t *buf, size_t len)
{
	struct plan_hdr h;
	struct plan got;
	int r;

	if (len < sizeof(h) || len > PLAN_MAX)
		return -EPROTO;
	memcpy(&h, buf, sizeof(h));
	if (h.magic != PLAN_MAGIC || h.exec_len > PLAN_EXEC_MAX ||
	    h.exec_len > len - sizeof(h))
		return -EPROTO;
	if (h.exec_len < sizeof(struct plan_exec))
		return -EPROTO;
	got.exec = buf + sizeof(h);
	got.exec_len = (size_t)h.exec_len;
	got.items = got.exec + got.exec_len;
	got.items_len = len - sizeof(h) - got.exec_len;
	got.nitems = h.nitems;
	r = check_items(&got);
	if (r == 0)
		*p = got;
	return r;
}

/* -- the exec part -- */

struct words {
	const uint8_t *at;
	size_t left;
};

/* The next string, or NULL when no NUL is left to end it. */
static const char *
take_word(struct words *w)
{
	const uint8_t *end = memchr(w->at, '\0', w->left);
	const char *word = (const char *)w->at;

	if (end == NULL)
		return NULL;
	w->left -= (size_t)(end - w->at) + 1;
	w->at = end + 1;
	return word;
}

/* @n strings and a NULL into @v. */
static int
take_words(struct words *w, const char **v, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		v[i] = take_word(w);
		if (v[i] == NULL)
			return -EPROTO;
	}
	v[n] = NULL;
	return 0;
}

int
plan_exec_parse(const uint8_t *buf, size_t len, const char **ret_program,
    const char **ret_cwd, const char **argv, size_t max_words,
    const char ***ret_env)
{
	struct plan_exec x;
	struct words w;
	const char *program, *cwd;

	if (len < sizeof(x) || len > PLAN_EXEC_MAX)
		return -EPROTO;
	memcpy(&x, buf, sizeof(x));
	if (x.magic != PLAN_MAGIC || x.text_len != len - sizeof(x))
		return -EPROTO;
	if (x.argc == 0 || (uint64_t)x.argc + x.envc + 2 > max_words)
		return -EPROTO;
	w.at = buf + sizeof(x);
	w.left = len - sizeof(x);
	program = take_word(&w);
	cwd = program != NULL ? take_word(&w) : NULL;
	if (cwd == NULL || program[0] != '/' || cwd[0] != '/')
		return -EPROTO;
	if (take_words(&w, argv, x.argc) != 0 ||
	    take_words(&w, argv + x.argc + 1, x.envc) != 0 || w.left != 0)
		return -EPROTO;
	*ret_program = program;
	*ret_cwd = cwd;
	*ret_env = argv + x.argc + 1;
	return 0;
}
