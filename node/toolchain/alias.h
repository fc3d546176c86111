/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For clients of a network, a compiler by another name: a line "name = target"
 * of a section [alias NETWORK] of the configuration file.  The monitor sends
 * them to the broker, a message each.  Pure.
 */
#ifndef IMMURE_ALIAS_H
#define IMMURE_ALIAS_H

#include <node/common/limits.h>
#include <node/common/peer.h>
#include <node/common/acl.h>
#include <stddef.h>
#include <stdint.h>

/* NUL-terminated words of A-Za-z0-9+-._ alone, so neither is a path. */
struct alias {
	struct acl_rule net;
	char name[LIMIT_ALIAS_NAME];   /* what argv[0] says */
	char target[LIMIT_ALIAS_NAME]; /* the compiler that is meant */
};

struct aliases {
	struct alias v[LIMIT_ALIASES];
	unsigned n;
};

/* Body of IMSG_ALIAS: one of @count, in their order.  They hold once the last
 * one is there; no alias at all is one message of count 0. */
struct alias_message {
	uint32_t index, count;
	struct alias alias;
};

/*
 * May @target stand for @name as far as their names tell: the same language,
 * the same family of compilers, the same target?  NULL, or why not.  A name
 * without a triple says nothing about its target; whether @target is there at
 * all, and what it compiles for, the table of toolchains says (choose.h).
 */
const char *alias_objection(const char *name, const char *target);

/* Take @m into @a, which grows.  1 = it is complete, 0 = more will come,
 * -EPROTO = that was not the next one. */
int aliases_take(struct aliases *a, const struct alias_message *m);

/* What client @p means by @name: the one of its smallest network, or NULL.  A
 * target is not looked up again.  No network holds a local user. */
const struct alias *alias_find(const struct aliases *a, const struct peer *p,
    const char *name);

#endif
