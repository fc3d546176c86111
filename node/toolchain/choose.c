/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See choose.h. */
#include "choose.h"
#include "compiler_name.h"
#include "target.h"
#include <stdio.h>
#include <string.h>

#define IMAGE_DIR "/.immure" /* before the host's path in names[].program */

const char *
choice_word(enum choice c)
{
	static const char *const words[CHOICE_COUNT] = {
		[CHOICE_UNKNOWN] = "toolchain.unknown",
		[CHOICE_REFUSED] = "toolchain.refused",
		[CHOICE_UNLISTED] = "toolchain.not-listed",
		[CHOICE_TARGET] = "toolchain.target",
		[CHOICE_PATH] = "toolchain.path",
	};

	return words[c];
}

/* Is @path in directory @dir itself? */
static bool
lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' &&
	    strchr(path + n + 1, '/') == NULL;
}

/* Do @a and @b name a file of the same directory? */
static bool
same_dir(const char *a, const char *b)
{
	size_t n = (size_t)(strrchr(a, '/') - a);

	return strncmp(a, b, n) == 0 && b[n] == '/' &&
	    strchr(b + n + 1, '/') == NULL;
}

static const char *
host_path(const char *in_image)
{
	size_t n = strlen(IMAGE_DIR);

	return strncmp(in_image, IMAGE_DIR "/", n + 1) == 0 ? in_image + n :
	    in_image;
}

/* May a client mean row @n by the path @word? */
static bool
path_fits(const struct table *t, const struct toolchain_name *n,
    const char *word)
{
	if (strchr(word, '/') == NULL || t->words > 0 ||
	    (t->flags & TABLE_ANY_PATH) != 0)
		return true;
	if (lies_in(word, "/usr/bin") || lies_in(word, "/bin"))
		return true;
	if (n->state != NAME_READY)
		return true; /* what is wrong with it says more */
	return word[0] == '/' && (same_dir(word, host_path(n->argv0)) ||
	    same_dir(word, host_path(n->program)));
}

static bool
has_target(const struct table *t, const struct compiler_name *as)
{
	const uint32_t family = as->base == BASE_CLANG ||
	    as->base == BASE_CLANGXX ? FAMILY_CLANG : FAMILY_GCC;

	for (uint32_t i = 0; i < t->ntoolchains; i++)
		if (t->toolchains[i].family == family &&
		    strcmp(t->toolchains[i].machine, as->triple) == 0 &&
		    table_is_usable(t, i))
			return true;
	return false;
}

/* No row: is it the target that is missing, or the name alone? */
static enum choice
missing(const struct table *t, const char *name, struct chosen *ret)
{
	struct compiler_name as;

	if (!compiler_name_parse(&as, name) || as.triple[0] == '\0' ||
	    has_target(t, &as))
		return CHOICE_UNKNOWN;
	(void)snprintf(ret->target, sizeof(ret->target), "%s", as.triple);
	return CHOICE_TARGET;
}

static enum choice
state_of(const struct toolchain_name *n)
{
	return n->state == NAME_READY ? CHOICE_READY :
	    n->state == NAME_UNLISTED ? CHOICE_UNLISTED : CHOICE_REFUSED;
}

/* clang compiles for the triple that it is called by (clang's
 * ToolChain::getTargetAndModeFromProgramName). */
static const char *
target_of(const struct table *t, const struct chosen *c,
    const struct compiler_name *as)
{
	const struct toolchain *tc = &t->toolchains[c->name->toolchain];

	return tc->family == FAMILY_CLANG && as->triple[0] != '\0' ?
	    as->triple : tc->machine;
}

void
chosen_target(const struct table *t, const struct chosen *c, char ret[64])
{
	struct compiler_name as = { .triple = "" };

	(void)compiler_name_parse(&as, c->name->name);
	(void)snprintf(ret, 64, "%s", target_of(t, c, &as));
}

enum choice
choose_alias(const struct table *t, const struct alias *a,
    struct chosen *ret)
{
	struct compiler_name as, to;
	enum choice c;

	*ret = (struct chosen){ .alias = a,
		.name = table_find(t, a->target) };
	if (ret->name == NULL)
		return missing(t, a->target, ret);
	c = state_of(ret->name);
	if (c != CHOICE_READY)
		return c;
	(void)compiler_name_parse(&as, a->name);
	(void)compiler_name_parse(&to, a->target);
	/* The names alone are alike, or else this one is not; but a bare name
	 * may stand for a compiler of any target. */
	if (alias_objection(a->name, a->target) == NULL &&
	    (as.triple[0] == '\0' ||
	        target_alike(as.triple, target_of(t, ret, &to))))
		return CHOICE_READY;
	(void)snprintf(ret->target, sizeof(ret->target), "%s", as.triple);
	return CHOICE_TARGET;
}

enum choice
choose(const struct table *t, const struct aliases *a, const struct peer *p,
    const char *word, struct chosen *ret)
{
	const char *name = table_tail(t, word);
	const struct alias *alias = alias_find(a, p, name);
	const struct toolchain_name *n = table_find(t, name);

	*ret = (struct chosen){ .name = n };
	/* A path that an alias may stand for is one of the usual ones. */
	if (alias != NULL && (strchr(word, '/') == NULL ||
	    lies_in(word, "/usr/bin") || lies_in(word, "/bin") ||
	    (t->flags & TABLE_ANY_PATH) != 0))
		return choose_alias(t, alias, ret);
	if (n == NULL)
		return missing(t, name, ret);
	if (!path_fits(t, n, word))
		return CHOICE_PATH;
	return state_of(n);
}
