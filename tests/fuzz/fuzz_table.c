/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A toolchain's record has 32 KiB, nearly all of it zero, so the input is not
 * the table but how it differs from a good one:
 *
 *   1 byte   toolchains (0..3) and specs files (0..3, times 4), 1 byte names
 *            (0..7), 2 bytes cut off its end
 *   then changes: 3 bytes offset, 1 byte length, so many bytes
 *
 * (little-endian, taken modulo what there is).
 */
#include "fuzz.h"
#include "node/toolchain/choose.h"

#include <errno.h>
#include <string.h>

static void
set(char *field, size_t cap, const char *text)
{
	size_t n = strlen(text) + 1;

	MUST(n <= cap);
	memcpy(field, text, n);
}

#define SET(field, text) set((field), sizeof(field), (text))

static void
good_toolchain(struct toolchain *t)
{
	t->family = FAMILY_GCC;
	t->flags = TOOLCHAIN_USUAL_PLACES | TOOLCHAIN_HEADERS;
	SET(t->machine, "x86_64-linux-gnu");
	SET(t->version, "12.2.0");
	SET(t->title, "gcc (Debian 12.2.0-14) 12.2.0");
	SET(t->inc[0], "/usr/include");
	SET(t->inc[1], "/usr/local/include");
	SET(t->env[0], "LC_ALL=C.UTF-8");
	SET(t->env[1], "TMPDIR=/tmp/.immure");
	SET(t->exec[0], "/.immure/usr/bin/gcc-12");
	SET(t->exec[1], "/.immure/usr/lib/gcc/cc1");
	SET(t->dirs[0], "/usr/lib/gcc");
}

static void
good_name(struct toolchain_name *n, unsigned i, unsigned ntoolchains)
{
	static const char *const names[] = { "c++", "c99", "cc", "g++", "gcc",
		"gcc-12", "x86_64-linux-gnu-gcc" };

	SET(n->name, names[i]);
	if (ntoolchains == 0 || i == 3) {
		n->state = NAME_REFUSED;
		SET(n->reason, "its cc1plus is not there");
		return;
	}
	n->state = NAME_READY;
	n->toolchain = i % ntoolchains;
	SET(n->program, "/.immure/usr/bin/gcc-12");
	SET(n->argv0, "/usr/bin/gcc");
	if (i == 1)
		SET(n->extra, "-std=c99");
}

/* Owned by the caller; malloc's alignment is as good as a mapping's. */
static uint8_t *
good_table(unsigned ntoolchains, unsigned nnames, unsigned nspecs, size_t *len)
{
	struct table_hdr h = { .version = TABLE_VERSION,
		.ntoolchains = ntoolchains,
		.nnames = nnames,
		.nspecs = (uint16_t)nspecs };
	struct toolchain *t;
	struct toolchain_name *n;
	struct toolchain_specs *s;
	uint8_t *buf;
	unsigned i;

	*len = sizeof(h) + ntoolchains * sizeof(*t) + nnames * sizeof(*n) +
	    nspecs * sizeof(*s);
	buf = calloc(1, *len);
	MUST(buf != NULL);
	memcpy(h.magic, TABLE_MAGIC, sizeof(h.magic));
	memcpy(buf, &h, sizeof(h));
	t = (struct toolchain *)(void *)(buf + sizeof(h));
	for (i = 0; i < ntoolchains; i++)
		good_toolchain(&t[i]);
	n = (struct toolchain_name *)(void *)(t + ntoolchains);
	for (i = 0; i < nnames; i++)
		good_name(&n[i], i, ntoolchains);
	s = (struct toolchain_specs *)(void *)(n + nnames);
	for (i = 0; i < nspecs; i++) {
		SET(s[i].name, "arm/nano.specs");
		SET(s[i].host, "/srv/specs/arm/nano.specs");
	}
	return buf;
}

static void
change(uint8_t *buf, size_t len, const uint8_t *data, size_t size)
{
	size_t off, n, i;

	while (size >= 4) {
		off = data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
		n = data[3];
		data += 4;
		size -= 4;
		if (n > size)
			n = size;
		for (i = 0; i < n; i++)
			buf[(off + i) % len] = data[i];
		data += n;
		size -= n;
	}
}

/* Each name is found by itself, and by a path where the last component counts;
 * choose() gives a compiler only for one that is ready. */
static void
check_names(const struct table *t)
{
	static const struct aliases none;
	static const struct peer peer;
	char word[sizeof(t->names[0].name) + 16];
	struct chosen c;
	uint32_t i;

	for (i = 0; i < t->nnames; i++) {
		const struct toolchain_name *n = &t->names[i];

		MUST(table_find(t, n->name) == n);
		snprintf(word, sizeof(word), "/usr/bin/%s", n->name);
		if (strchr(n->name, '/') == NULL && t->words <= 1)
			MUST(table_find(t, table_tail(t, word)) == n);
		snprintf(word, sizeof(word), "%s/", n->name);
		MUST(table_find(t, word) == NULL);
		MUST((choose(t, &none, &peer, n->name, &c) == CHOICE_READY) ==
		    (n->state == NAME_READY));
		if (n->state == NAME_READY) {
			MUST(n->toolchain < t->ntoolchains);
			MUST(strncmp(n->program, "/.immure/", 9) == 0);
		}
	}
	for (i = 0; i < t->nspecs; i++)
		MUST(t->specs[i].name[0] != '/' && t->specs[i].host[0] == '/');
	MUST(table_find(t, "") == NULL);
	MUST(table_find(t, "/") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table t;
	uint8_t *buf, *exact;
	size_t len, cut;
	int r;

	if (size < 4)
		return 0;
	buf = good_table(data[0] % 4, data[1] % 8, data[0] / 4 % 4, &len);
	cut = (data[2] | (size_t)data[3] << 8) % (len + 1);
	change(buf, len, data + 4, size - 4);
	/* Allocated anew, so that ASan sees what is read behind its end. */
	len -= cut;
	exact = malloc(len != 0 ? len : 1);
	MUST(exact != NULL);
	memcpy(exact, buf, len);
	r = table_parse(&t, exact, len);
	MUST(r == 0 || r == -EPROTO);
	if (r == 0)
		check_names(&t);
	free(exact);
	free(buf);
	return 0;
}
