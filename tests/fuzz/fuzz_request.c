/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input: four bytes, the length of all bodies (little-endian), then heads
 * as a broken front could hand them on.  What is accepted must keep what
 * request.h promises; whether names fit into a tree is worked out again here,
 * the slow way.
 */
#include "fuzz.h"
#include "node/common/limits.h"
#include "node/wire/request.h"

#include <string.h>

#define SLOW_MAX 200 /* names that the quadratic check takes */

static void
check_string(const char *s, const uint8_t *heads, size_t len)
{
	size_t at = (size_t)(s - (const char *)heads);

	MUST(at < len);
	MUST(memchr(s, '\0', len + 1 - at) != NULL);
}

static void
check_path(const char *path)
{
	size_t n = strlen(path);

	MUST(path[0] == '/' && path[n - 1] != '/');
	MUST(strstr(path, "//") == NULL && strstr(path, "/./") == NULL);
	MUST(strstr(path, "/../") == NULL);
	MUST(n < 3 || strcmp(path + n - 3, "/..") != 0);
	MUST(n < 2 || strcmp(path + n - 2, "/.") != 0);
	MUST(strchr(path, '\n') == NULL);
}

static int
clash(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strncmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

static void
check_tree_slowly(const struct request *r)
{
	size_t i, k;

	if (r->nfiles > SLOW_MAX)
		return;
	for (i = 0; i < r->nfiles; i++) {
		MUST(!clash(r->files[i].name, r->cdir));
		for (k = 0; k < r->nfiles; k++)
			MUST(i == k ||
			     !clash(r->files[i].name, r->files[k].name));
	}
}

static void
check_file(const struct request_file *f, const uint8_t *heads, size_t len)
{
	check_string(f->name, heads, len);
	check_path(f->name);
	MUST((f->kind == FILE_LINK) == (f->target != NULL));
	MUST(f->kind == FILE_BODY || f->body_len == 0);
	if (f->target != NULL) {
		check_string(f->target, heads, len);
		MUST(f->target[0] == '/');
	}
}

static void
check_request(const struct request *r, const uint8_t *heads, size_t len)
{
	uint64_t bodies = 0;
	size_t i;

	MUST(r->argc >= 1 && r->argc <= LIMIT_ARGC);
	MUST(r->argv[r->argc] == NULL);
	for (i = 0; i < r->argc; i++)
		check_string(r->argv[i], heads, len + 1);
	for (i = 0; i < r->nfiles; i++) {
		check_file(&r->files[i], heads, len);
		if (r->files[i].kind == FILE_BODY)
			MUST(r->files[i].body_off == bodies);
		bodies += r->files[i].body_len;
	}
	MUST(bodies + r->source_len == r->bodies_len);
	MUST((r->proto == 3) == (r->cdir != NULL));
	if (r->proto != 3)
		return;
	if (strcmp(r->cdir, "/") != 0)
		check_path(r->cdir);
	check_tree_slowly(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request r;
	uint64_t bodies;
	uint8_t *heads;
	size_t len;
	int e;

	if (size < 4)
		return 0;
	bodies = data[0] | (uint64_t)data[1] << 8 | (uint64_t)data[2] << 16 |
		 (uint64_t)data[3] << 24;
	len = size - 4;
	heads = malloc(len + 1); /* just the room that request.h asks for */
	MUST(heads != NULL);
	memcpy(heads, data + 4, len);
	e = request_parse(&r, heads, len, bodies);
	MUST(e >= 0 && e < REQUEST_E_COUNT);
	MUST(strncmp(request_error_word((enum request_error)e), "request.",
		 8) == 0);
	if (e == REQUEST_OK) {
		MUST(r.bodies_len == bodies);
		check_request(&r, heads, len);
	} else {
		MUST(r.argv == NULL && r.files == NULL);
	}
	request_done(&r);
	free(heads);
	return 0;
}
