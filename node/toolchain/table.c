/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the table of toolchains, and choosing from it.
 *
 * The imager made the table, and the imager has read whatever lies in the
 * host's toolchain directories; so nothing in the table is trusted: every
 * array is checked for its NUL, every path for being absolute and plain, every
 * index and enum for its range, before table_parse() gives out a view.  A
 * client's word only ever selects a row: it is compared, never opened, never
 * joined to a path (security-rules 5, 12).  Of argv[0], the last component
 * selects, or with DISTCC_CMDLIST the last `words` of them.
 *
 * The digest of an image is BLAKE2b-256 over its entries in strcmp order of
 * their paths (relative to the image's directory: "x/usr/bin/…", "inc/…"),
 * one after the other:
 *
 *   path, NUL
 *   one byte of type: 'd', 'f' or 'l'
 *   four bytes, little-endian: permission bits ("l": 0)
 *   eight bytes, little-endian: length of the content ("d": 0)
 *   content: the file's bytes, or the link's target
 *
 * Neither owner nor times nor link counts are in it: two nodes with the same
 * packages have the same digest.
 */
#include <node/toolchain/table.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define IMAGE_PREFIX "/.immure/"

/* @s, an array of @cap bytes, ends in a NUL and holds printable ASCII. */
static bool
text_ok(const char *s, size_t cap)
{
	size_t len = strnlen(s, cap);

	if (len == cap)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

/* An absolute path, not "/" itself, without empty, "." or ".." components. */
static bool
path_ok(const char *s, size_t cap)
{
	const char *part, *end;

	if (!text_ok(s, cap) || s[0] != '/')
		return false;
	for (part = s + 1;; part = end + 1) {
		end = strchrnul(part, '/');
		size_t len = (size_t)(end - part);

		if (len == 0 || (len == 1 && part[0] == '.') ||
		    (len == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		if (*end == '\0')
			return true;
	}
}

/* A path of the image. */
static bool
image_path_ok(const char *s, size_t cap)
{
	return path_ok(s, cap) &&
	    strncmp(s, IMAGE_PREFIX, sizeof(IMAGE_PREFIX) - 1) == 0;
}

/* "NAME=value", the name made of capitals, digits and underscores. */
static bool
env_ok(const char *s, size_t cap)
{
	size_t n;

	if (!text_ok(s, cap))
		return false;
	n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return n > 0 && s[n] == '=';
}

/*
 * An array of @n strings of @cap bytes: each passes @ok up to the first "",
 * and behind that there are only "".
 */
static bool
list_ok(const char *list, size_t n, size_t cap,
    bool (*ok)(const char *s, size_t cap))
{
	bool over = false;

	for (size_t i = 0; i < n; i++) {
		const char *s = list + i * cap;

		if (s[0] == '\0')
			over = true;
		else if (over || !ok(s, cap))
			return false;
	}
	return true;
}

/* True when @path is @dir or lies below it. */
static bool
path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* Each of inc[] is a mount point of its own in a pump cell: a nested one
 * would be hidden by, or hide, another. */
static bool
inc_disjoint(const struct toolchain *t)
{
	for (size_t i = 0; i < TOOLCHAIN_INC_MAX && t->inc[i][0]; i++)
		for (size_t k = 0; k < TOOLCHAIN_INC_MAX && t->inc[k][0]; k++)
			if (i != k && path_below(t->inc[i], t->inc[k]))
				return false;
	return true;
}

static bool
toolchain_ok(const struct toolchain *t)
{
	if (t->family != FAMILY_GCC && t->family != FAMILY_CLANG)
		return false;
	if (t->flags & ~(uint32_t)(TOOLCHAIN_USUAL_PLACES | TOOLCHAIN_HEADERS))
		return false;
	if (!text_ok(t->machine, sizeof(t->machine)) ||
	    !text_ok(t->version, sizeof(t->version)) ||
	    !text_ok(t->title, sizeof(t->title)))
		return false;
	return list_ok(t->inc[0], TOOLCHAIN_INC_MAX, sizeof(t->inc[0]),
		   path_ok) &&
	    list_ok(t->env[0], TOOLCHAIN_ENV_MAX, sizeof(t->env[0]), env_ok) &&
	    list_ok(t->exec[0], TOOLCHAIN_EXEC_MAX, sizeof(t->exec[0]),
		image_path_ok) &&
	    list_ok(t->dirs[0], TOOLCHAIN_DIRS_MAX, sizeof(t->dirs[0]),
		path_ok) &&
	    inc_disjoint(t);
}

/* A component of a path as commands have them; also safe in a log line. */
static bool
word_ok(const char *s, size_t len)
{
	static const char chars[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789+._-";

	if (len == 0 || s[0] == '.' || s[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] == '\0' || strchr(chars, s[i]) == NULL)
			return false;
	return true;
}

/* One to @words of those, with a '/' between them. */
static bool
words_ok(const char *s, size_t cap, unsigned words)
{
	const char *end;

	if (strnlen(s, cap) == cap)
		return false;
	for (; words > 0; words--) {
		end = strchrnul(s, '/');
		if (!word_ok(s, (size_t)(end - s)))
			return false;
		if (*end == '\0')
			return true;
		s = end + 1;
	}
	return false;
}

bool
table_name_ok(const char *name, unsigned words)
{
	return words_ok(name, strlen(name) + 1, words);
}

/* What a ready name runs is in its toolchain's list of programs. */
static bool
program_listed(const struct toolchain *t, const char *program)
{
	for (size_t i = 0; i < TOOLCHAIN_EXEC_MAX && t->exec[i][0]; i++)
		if (strcmp(t->exec[i], program) == 0)
			return true;
	return false;
}

static bool
name_ok(const struct toolchain_name *n, const struct table *t)
{
	if (!words_ok(n->name, sizeof(n->name), t->words > 1 ? t->words : 1) ||
	    !text_ok(n->program, sizeof(n->program)) ||
	    !text_ok(n->argv0, sizeof(n->argv0)) ||
	    !text_ok(n->extra, sizeof(n->extra)) ||
	    !text_ok(n->reason, sizeof(n->reason)))
		return false;
	if (n->state == NAME_REFUSED || n->state == NAME_UNLISTED)
		return n->reason[0] != '\0';
	if (n->state != NAME_READY || n->toolchain >= t->ntoolchains)
		return false;
	if (n->extra[0] != '\0' && n->extra[0] != '-')
		return false;
	return path_ok(n->argv0, sizeof(n->argv0)) &&
	    image_path_ok(n->program, sizeof(n->program)) &&
	    program_listed(&t->toolchains[n->toolchain], n->program);
}

/* One name for both sides: what a client may say is what the image has. */
static bool
specs_ok(const struct toolchain_specs *s)
{
	size_t host, name;

	if (!path_ok(s->host, sizeof(s->host)) ||
	    !words_ok(s->name, sizeof(s->name), TABLE_SPECS_DEPTH))
		return false;
	host = strlen(s->host);
	name = strlen(s->name);
	return host > name + 1 && s->host[host - name - 1] == '/' &&
	    strcmp(s->host + host - name, s->name) == 0;
}

static bool
hdr_ok(const struct table_hdr *h, size_t len)
{
	return memcmp(h->magic, TABLE_MAGIC, sizeof(h->magic)) == 0 &&
	    h->version == TABLE_VERSION && h->words <= TABLE_WORDS_MAX &&
	    (h->flags & ~(unsigned)TABLE_ANY_PATH) == 0 &&
	    h->ntoolchains <= TABLE_TOOLCHAINS_MAX &&
	    h->nnames <= TABLE_NAMES_MAX && h->nspecs <= TABLE_SPECS_MAX &&
	    len == sizeof(*h) + h->ntoolchains * sizeof(struct toolchain) +
		h->nnames * sizeof(struct toolchain_name) +
		h->nspecs * sizeof(struct toolchain_specs);
}

static bool
rows_ok(const struct table *t)
{
	for (uint32_t i = 0; i < t->ntoolchains; i++)
		if (!toolchain_ok(&t->toolchains[i]))
			return false;
	for (uint32_t i = 0; i < t->nnames; i++) {
		if (!name_ok(&t->names[i], t))
			return false;
		if (i > 0 && strcmp(t->names[i - 1].name, t->names[i].name) >= 0)
			return false;
	}
	for (uint32_t i = 0; i < t->nspecs; i++)
		if (!specs_ok(&t->specs[i]))
			return false;
	return true;
}

int
table_parse(struct table *t, const void *buf, size_t len)
{
	const struct table_hdr *h = buf;
	struct table v;

	if (len < sizeof(*h) || (uintptr_t)buf % _Alignof(struct toolchain))
		return -EPROTO;
	if (!hdr_ok(h, len))
		return -EPROTO;
	v.toolchains = (const void *)(h + 1);
	v.names = (const void *)(v.toolchains + h->ntoolchains);
	v.specs = (const void *)(v.names + h->nnames);
	v.ntoolchains = h->ntoolchains;
	v.nnames = h->nnames;
	v.nspecs = h->nspecs;
	v.words = h->words;
	v.flags = h->flags;
	if (!rows_ok(&v))
		return -EPROTO;
	*t = v;
	return 0;
}

bool
table_is_usable(const struct table *t, uint32_t index)
{
	for (uint32_t i = 0; i < t->nnames; i++)
		if (t->names[i].state == NAME_READY &&
		    t->names[i].toolchain == index)
			return true;
	return false;
}

/* As distccd's stringmap_lookup(): a word of fewer components is whole; but
 * rows have no '/' in front. */
const char *
table_tail(const struct table *t, const char *word)
{
	unsigned words = t->words > 0 ? t->words : 1;

	for (const char *s = word + strlen(word); s > word; s--)
		if (s[-1] == '/' && --words == 0)
			return s;
	return word[0] == '/' ? word + 1 : word;
}

const struct toolchain_name *
table_find(const struct table *t, const char *name)
{
	uint32_t lo = 0, hi = t->nnames;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, t->names[mid].name);

		if (c == 0)
			return &t->names[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
