/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsing the heads of a request (request.h), in the broker.  The front has
 * framed them, but the front is the role a stranger reaches first: everything
 * is checked again, and what frame.c would not have let through is
 * REQUEST_E_FORM, which means that the front is broken or taken over.
 *
 * Strings stay where they are.  The NUL behind a string goes over the first
 * byte of the header that follows, so it is written only once that header has
 * been read: cursor.nul remembers where.
 */
#include "request.h"
#include "request_path.h"
#include "token.h"
#include "../common/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
	uint8_t *at;
	size_t left;
	uint8_t *nul;	 /* a NUL belongs here, or NULL */
	uint64_t bodies; /* bytes of bodies announced so far */
};

/* The next header and its number; false: there is none, or not a number. */
static bool
take_header(struct cursor *c, uint8_t tok[WIRE_TOKEN], uint32_t *value)
{
	if (c->left < WIRE_TOKEN)
		return false;
	memcpy(tok, c->at, WIRE_TOKEN);
	c->at += WIRE_TOKEN;
	c->left -= WIRE_TOKEN;
	if (c->nul != NULL)
		*c->nul = '\0';
	c->nul = NULL;
	return token_value(tok, value);
}

static bool
take_number(struct cursor *c, const char *name, uint32_t *value)
{
	uint8_t tok[WIRE_TOKEN];

	return take_header(c, tok, value) && token_is(tok, name);
}

/* The @n bytes of a string of @min to @max; NULL when they are not right. */
static char *
take_bytes(struct cursor *c, size_t n, size_t min, size_t max)
{
	char *s = (char *)c->at;

	if (n < min || n > max || n > c->left || memchr(s, '\0', n) != NULL)
		return NULL;
	c->at += n;
	c->left -= n;
	c->nul = c->at;
	return s;
}

static char *
take_string(struct cursor *c, const char *name, size_t min, size_t max)
{
	uint32_t n;

	if (!take_number(c, name, &n))
		return NULL;
	return take_bytes(c, n, min, max);
}

static bool
take_body(struct cursor *c, uint32_t n)
{
	c->bodies += n;
	return c->bodies <= LIMIT_BODIES_BYTES;
}

static int
parse_argv(struct request *r, struct cursor *c)
{
	size_t bytes = 0;
	uint32_t n;

	if (!take_number(c, "ARGC", &n) || n == 0 || n > LIMIT_ARGC)
		return REQUEST_E_FORM;
	r->argv = calloc((size_t)n + 1, sizeof(*r->argv));
	if (r->argv == NULL)
		return -ENOMEM;
	while (r->argc < n) {
		const uint8_t *start;
		char *s = take_string(c, "ARGV", 0, LIMIT_ARG_BYTES);

		if (s == NULL)
			return REQUEST_E_FORM;
		start = (const uint8_t *)s;
		bytes += (size_t)(c->at - start) + 1;
		if (bytes > LIMIT_ARGV_BYTES)
			return REQUEST_E_FORM;
		r->argv[r->argc++] = s;
	}
	return REQUEST_OK;
}

static int
parse_source(struct request *r, struct cursor *c)
{
	uint32_t n;

	if (!take_number(c, "DOTI", &n) || !take_body(c, n))
		return REQUEST_E_FORM;
	r->source_len = n;
	return REQUEST_OK;
}

/* One NAME and its FILE or LINK: form only, the strings have no NUL yet. */
static int
parse_file(struct request_file *f, struct cursor *c)
{
	uint8_t tok[WIRE_TOKEN];
	uint32_t n;

	f->name = take_string(c, "NAME", 1, LIMIT_PATH);
	if (f->name == NULL || !take_header(c, tok, &n))
		return REQUEST_E_FORM;
	if (token_is(tok, "LINK")) {
		f->kind = FILE_LINK;
		f->target = take_bytes(c, n, 1, LIMIT_PATH);
		return f->target != NULL ? REQUEST_OK : REQUEST_E_FORM;
	}
	f->kind = FILE_BODY;
	f->body_off = c->bodies;
	f->body_len = n;
	if (!token_is(tok, "FILE") || !take_body(c, n))
		return REQUEST_E_FORM;
	return REQUEST_OK;
}

static int
parse_files(struct request *r, struct cursor *c)
{
	uint32_t n;
	int e;

	if (!take_number(c, "NFIL", &n) || n > LIMIT_FILES)
		return REQUEST_E_FORM;
	/* No more than can be there, so that a number alone costs nothing. */
	if (n > c->left / (2 * WIRE_TOKEN + 1))
		return REQUEST_E_FORM;
	if (n == 0)
		return REQUEST_OK;
	r->files = calloc(n, sizeof(*r->files));
	if (r->files == NULL)
		return -ENOMEM;
	while (r->nfiles < n) {
		e = parse_file(&r->files[r->nfiles], c);
		if (e != REQUEST_OK)
			return e;
		r->nfiles++;
	}
	return REQUEST_OK;
}

/* Everything is there and nothing else: finish the last string. */
static int
parse_end(struct request *r, struct cursor *c, uint64_t bodies_len)
{
	if (c->left != 0 || c->bodies != bodies_len)
		return REQUEST_E_FORM;
	if (c->nul != NULL)
		*c->nul = '\0';
	r->bodies_len = c->bodies;
	return REQUEST_OK;
}

static int
parse_form(struct request *r, struct cursor *c)
{
	uint32_t proto;
	int e;

	if (!take_number(c, "DIST", &proto) || proto < 1 || proto > 3)
		return REQUEST_E_FORM;
	r->proto = proto;
	if (proto == 3) {
		r->cdir = take_string(c, "CDIR", 1, LIMIT_PATH);
		if (r->cdir == NULL)
			return REQUEST_E_FORM;
	}
	e = parse_argv(r, c);
	if (e != REQUEST_OK)
		return e;
	return proto == 3 ? parse_files(r, c) : parse_source(r, c);
}

static int
check_file(struct request_file *f, uint8_t *heads)
{
	char *name = (char *)heads + (f->name - (const char *)heads);

	path_squeeze(name);
	if (!path_is_canonical(name))
		return REQUEST_E_NAME;
	if (f->kind == FILE_BODY) {
		if (f->body_len == 0 && name_is_forcing(name))
			f->kind = FILE_FORCE;
		return REQUEST_OK;
	}
	if (path_has_control(f->target))
		return REQUEST_E_LINK;
	if (f->target[0] == '/')
		return REQUEST_OK;
	if (!link_is_system(name, f->target))
		return REQUEST_E_LINK;
	f->kind = FILE_SYSTEM;
	f->target = NULL;
	return REQUEST_OK;
}

static int
check_paths(struct request *r, uint8_t *heads)
{
	size_t i;
	int e;

	/* A build may well run in the root directory. */
	if (strcmp(r->cdir, "/") != 0 && !path_is_canonical(r->cdir))
		return REQUEST_E_CDIR;
	for (i = 0; i < r->nfiles; i++) {
		e = check_file(&r->files[i], heads);
		if (e != REQUEST_OK)
			return e;
	}
	return check_tree(r, heads);
}

int
request_parse(
    struct request *r, uint8_t *heads, size_t len, uint64_t bodies_len)
{
	struct cursor c = { .at = heads, .left = len };
	int e;

	memset(r, 0, sizeof(*r));
	e = len <= LIMIT_HEADS_BYTES ? parse_form(r, &c) : REQUEST_E_FORM;
	if (e == REQUEST_OK)
		e = parse_end(r, &c, bodies_len);
	if (e == REQUEST_OK && r->proto == 3)
		e = check_paths(r, heads);
	if (e != REQUEST_OK)
		request_done(r);
	return e;
}

void
request_done(struct request *r)
{
	free(r->argv);
	free(r->files);
	memset(r, 0, sizeof(*r));
}

const char *
request_error_word(enum request_error e)
{
	static const char *const words[REQUEST_E_COUNT] = {
		[REQUEST_OK] = "request.ok",
		[REQUEST_E_FORM] = "request.form",
		[REQUEST_E_CDIR] = "request.cdir",
		[REQUEST_E_NAME] = "request.name",
		[REQUEST_E_LINK] = "request.link",
		[REQUEST_E_TWICE] = "request.twice",
	};

	if ((unsigned)e >= REQUEST_E_COUNT)
		return "request.unknown";
	return words[e];
}
