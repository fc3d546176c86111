/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of toolchains as JSON (node/wire/query.h).  What it tells is what
 * anybody who may send jobs could find out by sending them.  The table's
 * strings are printable ASCII (table_parse()); quotes and backslashes, which
 * no name of a compiler has, become '?' rather than need escapes.
 */
#include "query.h"

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *out;
	size_t room, at;
	bool full;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->out + t->at, t->room - t->at, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->room - t->at)
		t->full = true;
	else
		t->at += (size_t)n;
}

static void
add_string(struct text *t, const char *s)
{
	add(t, "\"");
	for (; *s != '\0' && !t->full; s++)
		add(t, "%c", *s == '"' || *s == '\\' ? '?' : *s);
	add(t, "\"");
}

static void
add_names(struct text *t, const struct table *tab, uint32_t index)
{
	const char *comma = "";

	for (uint32_t i = 0; i < tab->nnames && !t->full; i++) {
		const struct toolchain_name *n = &tab->names[i];

		if (n->state != NAME_READY || n->toolchain != index)
			continue;
		add(t, "%s", comma);
		add_string(t, n->name);
		comma = ",";
	}
}

static void
add_toolchain(struct text *t, const struct table *tab, uint32_t index)
{
	const struct toolchain *tc = &tab->toolchains[index];

	add(t, "{\"digest\":\"");
	for (size_t i = 0; i < sizeof(tc->digest); i++)
		add(t, "%02x", (unsigned)tc->digest[i]);
	add(t, "\",\"family\":\"%s\",\"target\":",
	    tc->family == FAMILY_GCC ? "gcc" : "clang");
	add_string(t, tc->machine);
	add(t, ",\"version\":");
	add_string(t, tc->version);
	add(t, ",\"pump\":%s,\"names\":[",
	    tc->flags & TOOLCHAIN_HEADERS ? "true" : "false");
	add_names(t, tab, index);
	add(t, "]}");
}

size_t
query_text(char *out, size_t room, const struct table *tab, unsigned jobs)
{
	struct text t = { .out = out, .room = room };
	const char *comma = "";

	add(&t, "{\"immured\":\"%s\",\"jobs\":%u,\"toolchains\":[",
	    IMMURE_VERSION, jobs);
	for (uint32_t i = 0; i < tab->ntoolchains && !t.full; i++) {
		if (!table_is_usable(tab, i))
			continue;
		add(&t, "%s", comma);
		add_toolchain(&t, tab, i);
		comma = ",";
	}
	add(&t, "]}\n");
	return t.full ? 0 : t.at;
}
