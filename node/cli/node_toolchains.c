/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node_toolchains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define JOBS_MAX 10000

/* The string @key of @o, anything but printable ASCII as '?'. */
static bool
copy(const json_t *o, const char *key, char *out, size_t room)
{
	const char *s = json_string_value(json_object_get(o, key));
	size_t n;

	if (s == NULL)
		return false;
	for (n = 0; n < room - 1 && s[n] != '\0'; n++)
		out[n] = s[n] >= 0x20 && s[n] <= 0x7e ? s[n] : '?';
	out[n] = '\0';
	return true;
}

static bool
copy_digest(const json_t *o, char out[DIGEST_HEX + 1])
{
	return copy(o, "digest", out, DIGEST_HEX + 1) &&
	    strspn(out, "0123456789abcdef") == DIGEST_HEX;
}

static bool
copy_toolchain(const json_t *o, const char *pump, struct node_toolchain *ret)
{
	ret->pump = json_is_true(json_object_get(o, pump));
	return copy_digest(o, ret->digest) &&
	    copy(o, "target", ret->target, sizeof(ret->target)) &&
	    copy(o, "version", ret->version, sizeof(ret->version));
}

int
node_toolchains_parse(struct node_toolchains *n, const char *text, size_t len)
{
	json_int_t jobs;

	memset(n, 0, sizeof(*n));
	n->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	jobs = json_integer_value(json_object_get(n->root, "jobs"));
	if (n->root != NULL && jobs >= 1 && jobs <= JOBS_MAX &&
	    copy(n->root, "immured", n->version, sizeof(n->version)) &&
	    json_is_array(json_object_get(n->root, "toolchains"))) {
		n->jobs = (unsigned)jobs;
		return 0;
	}
	node_toolchains_done(n);
	return -EBADMSG;
}

void
node_toolchains_done(struct node_toolchains *n)
{
	json_decref(n->root);
	n->root = NULL;
}

static bool
has_name(const json_t *toolchain, const char *name)
{
	const json_t *names = json_object_get(toolchain, "names");
	const char *s;

	for (size_t i = 0; i < json_array_size(names); i++) {
		s = json_string_value(json_array_get(names, i));
		if (s != NULL && strcmp(s, name) == 0)
			return true;
	}
	return false;
}

bool
node_toolchains_find(const struct node_toolchains *n, const char *name,
    struct node_toolchain *ret)
{
	const json_t *list = json_object_get(n->root, "toolchains");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);

		if (has_name(t, name))
			return copy_toolchain(t, "pump", ret);
	}
	return false;
}

static int
own_find(const json_t *root, const char *name, struct node_toolchain *ret)
{
	const json_t *names = json_object_get(root, "names");
	const json_t *list = json_object_get(root, "toolchains");

	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *n = json_array_get(names, i);
		const char *s = json_string_value(json_object_get(n, "name"));
		const json_t *index = json_object_get(n, "toolchain");

		if (s == NULL || strcmp(s, name) != 0)
			continue;
		if (!json_is_integer(index))
			return -ENOENT;
		return copy_toolchain(json_array_get(list,
		    (size_t)json_integer_value(index)), "headers", ret) ?
		    0 : -EBADMSG;
	}
	return -ENOENT;
}

int
own_toolchain_find(const char *text, size_t len, const char *name,
    struct node_toolchain *ret)
{
	json_t *root = json_loadb(text, len, 0, NULL);
	int r = root == NULL ? -EBADMSG : own_find(root, name, ret);

	json_decref(root);
	return r;
}
