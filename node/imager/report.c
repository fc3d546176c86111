/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See report.h.  Every line is an event: immured prints those of its start. */
#include "report.h"
#include <node/common/role.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define DIGEST_SHOWN 6 /* bytes of it: enough to tell two apart */

/* Which toolchain @c leads to, or -1; a script (c89, c99) to that of gcc. */
static int
leads_to(const struct found *f, const struct candidate *c)
{
	if (c->reason[0] != '\0' || c->unlisted)
		return -1;
	if (c->program >= 0)
		return f->p[c->program].toolchain;
	for (size_t i = 0; i < f->n && c->extra[0] != '\0'; i++)
		if (strcmp(f->c[i].name, "gcc") == 0 &&
		    f->c[i].reason[0] == '\0' && !f->c[i].unlisted &&
		    f->c[i].program >= 0)
			return f->p[f->c[i].program].toolchain;
	return -1;
}

/* Names that are ready and lead to toolchain @index, while there is room. */
static void
names_of(const struct build *b, uint32_t index, char *out, size_t len)
{
	const struct found *f = &b->found;
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->n; i++) {
		const struct candidate *c = &f->c[i];
		int n;

		if (leads_to(f, c) != (int)index)
			continue;
		n = snprintf(out + at, len - at, "%s%s", at > 0 ? " " : "",
		    c->name);
		if (n < 0 || (size_t)n >= len - at) {
			snprintf(out + (at < len - 4 ? at : len - 4), 4, "...");
			return;
		}
		at += (size_t)n;
	}
}

static void
report_toolchain(const struct build *b, uint32_t index)
{
	const struct toolchain *row = b->t[index].row;
	char names[200], digest[2 * DIGEST_SHOWN + 1];

	names_of(b, index, names, sizeof(names));
	sodium_bin2hex(digest, sizeof(digest), row->digest, DIGEST_SHOWN);
	role_log(LOG_NOTICE, NULL, "toolchain.ready",
	    "%s: %s, target %s, pump %s, digest %s", names,
	    row->title[0] ? row->title : row->version, row->machine,
	    row->flags & TOOLCHAIN_HEADERS ? "yes" : "no", digest);
}

static const char *
reason_of(const struct build *b, const char *path)
{
	const struct found *f = &b->found;

	for (size_t i = 0; i < f->n; i++) {
		const struct candidate *c = &f->c[i];
		const struct program *p;

		if (!c->named || strcmp(c->path, path) != 0)
			continue;
		if (c->reason[0] != '\0' || c->program < 0)
			return c->reason;
		p = &f->p[c->program];
		if (p->reason[0] != '\0')
			return p->reason;
		return p->toolchain < 0 ? "not identified" :
		    b->t[p->toolchain].reason;
	}
	return "not a path that can be served: it is absolute, and made of "
	    "letters, digits and + . _ -";
}

static void
report_named(const struct build *b)
{
	const struct wish *w = b->wish;

	for (size_t i = 0; i < w->nnamed; i++) {
		const char *reason = reason_of(b, w->named[i]);

		if (reason[0] != '\0')
			role_log(LOG_WARNING, NULL, "toolchain.compiler",
			    "%s %.150s is not served: %s", w->words > 0 ?
			    "DISTCC_CMDLIST:" : "--compiler", w->named[i],
			    reason);
	}
	if (w->full)
		role_log(LOG_WARNING, NULL, "toolchain.compiler",
		    "more than %d compilers are named; the rest is not served",
		    WISH_NAMED_MAX);
}

static void
report_unlisted(const struct build *b)
{
	const char *first = NULL;
	unsigned n = 0;

	for (size_t i = 0; i < b->found.n; i++) {
		if (!b->found.c[i].unlisted)
			continue;
		first = first != NULL ? first : b->found.c[i].name;
		n++;
	}
	if (n > 0)
		role_log(LOG_WARNING, NULL, "toolchain.not-listed",
		    "%u name%s found but not served (%s%s): not in "
		    "/usr/lib/distcc; list them there with "
		    "update-distcc-symlinks, name them with --compiler, or "
		    "serve all with --enable-tcp-insecure", n,
		    n > 1 ? "s" : "", first, n > 1 ? ", ..." : "");
}

void
report(const struct build *b)
{
	report_named(b);
	report_unlisted(b);
	if (b->specs.reason[0] != '\0')
		role_log(LOG_WARNING, NULL, "toolchain.specs",
		    "--sysroot: not served: %s", b->specs.reason);
	for (uint32_t i = 0; i < b->nt; i++)
		if (b->t[i].reason[0] == '\0')
			report_toolchain(b, i);
}
