/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node's answer to the question for toolchains (node/wire/query.h), and the
 * list that immure-imager prints of this machine's.  A node's answer is
 * foreign; strings out of here are printable ASCII, digests 64 hex digits.
 */
#ifndef IMMURE_NODE_TOOLCHAINS_H
#define IMMURE_NODE_TOOLCHAINS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define DIGEST_HEX 64

struct node_toolchains {
	json_t *root; /* owned */
	char version[32];
	unsigned jobs; /* at least 1 */
};

struct node_toolchain {
	char digest[DIGEST_HEX + 1];
	char target[64];
	char version[64];
	bool pump;
};

/* 0, and node_toolchains_done() later; -EBADMSG: it is no such answer. */
int node_toolchains_parse(
    struct node_toolchains *n, const char *text, size_t len);
void node_toolchains_done(struct node_toolchains *n);

/* The toolchain that compiler @name selects there; false: none. */
bool node_toolchains_find(const struct node_toolchains *n, const char *name,
    struct node_toolchain *ret);

/* The same in what `immure toolchains --json` prints.  0; -ENOENT: no such
 * name, or it is refused; -EBADMSG. */
int own_toolchain_find(const char *text, size_t len, const char *name,
    struct node_toolchain *ret);

#endif
