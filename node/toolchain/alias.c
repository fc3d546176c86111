/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See alias.h. */
#include "alias.h"
#include "compiler_name.h"
#include "target.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool
is_clang(enum compiler_base b)
{
	return b == BASE_CLANG || b == BASE_CLANGXX;
}

static bool
is_cxx(enum compiler_base b)
{
	return b == BASE_GXX || b == BASE_CLANGXX;
}

const char *
alias_objection(const char *name, const char *target)
{
	struct compiler_name a, b;

	/* Names of no known form, and cc, may be anything. */
	if (!compiler_name_parse(&a, name) || !compiler_name_parse(&b, target))
		return NULL;
	if (a.triple[0] != '\0' && b.triple[0] != '\0' &&
	    !target_alike(a.triple, b.triple))
		return "they compile for different targets";
	if (a.base == BASE_CC || b.base == BASE_CC)
		return NULL;
	if (is_clang(a.base) != is_clang(b.base))
		return "one is gcc and the other clang";
	if (is_cxx(a.base) != is_cxx(b.base))
		return "one is for C and the other for C++";
	return NULL;
}

static bool
word_ok(const char s[LIMIT_ALIAS_NAME])
{
	size_t len = strnlen(s, LIMIT_ALIAS_NAME);

	return len > 0 && len < LIMIT_ALIAS_NAME && s[0] != '.' &&
	    s[0] != '-' &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	              "0123456789+._-") == len;
}

int
aliases_take(struct aliases *a, const struct alias_message *m)
{
	if (m->count > LIMIT_ALIASES)
		return -EPROTO;
	if (m->index == 0)
		a->n = 0;
	if (m->count == 0)
		return m->index == 0 ? 1 : -EPROTO;
	if (m->index != a->n || m->index >= m->count ||
	    m->alias.net.bits > 128 || !word_ok(m->alias.name) ||
	    !word_ok(m->alias.target))
		return -EPROTO;
	a->v[a->n++] = m->alias;
	return a->n == m->count;
}

const struct alias *
alias_find(const struct aliases *a, const struct peer *p, const char *name)
{
	const struct alias *best = NULL;

	if (p->kind != PEER_ADDRESS)
		return NULL;
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, name) == 0 &&
		    acl_rule_holds(&a->v[i].net, p) &&
		    (best == NULL || a->v[i].net.bits > best->net.bits))
			best = &a->v[i];
	return best;
}
