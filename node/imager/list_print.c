/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing a table that table_parse() has accepted: its strings are printable
 * ASCII. */
#include "list.h"
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#define DIGEST_SHOWN 12

static void
digest_text(const struct toolchain *t, bool no_image, char ret[65])
{
	if (no_image)
		snprintf(ret, 65, "-");
	else
		sodium_bin2hex(ret, 65, t->digest, sizeof(t->digest));
}

void
list_print_text(FILE *f, const struct table *t, bool no_image)
{
	char digest[65];

	fprintf(f, "%-28s %-9s %-22s %-13s %s\n", "NAME", "VERSION", "TARGET",
	    "TOOLCHAIN", "STATE");
	for (uint32_t i = 0; i < t->nnames; i++) {
		const struct toolchain_name *n = &t->names[i];
		const struct toolchain *tc;

		if (n->state != NAME_READY) {
			fprintf(f, "%-28s %-9s %-22s %-13s refused: %s\n",
			    n->name, "-", "-", "-", n->reason);
			continue;
		}
		tc = &t->toolchains[n->toolchain];
		digest_text(tc, no_image, digest);
		fprintf(f, "%-28s %-9s %-22s %-13.*s ready%s%s%s\n", n->name,
		    tc->version, tc->machine, DIGEST_SHOWN, digest,
		    tc->flags & TOOLCHAIN_HEADERS ? "" : ", no pump",
		    n->extra[0] ? ", " : "", n->extra);
	}
}

static json_t *
strings(const char *list, size_t n, size_t cap)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n && list[i * cap] != '\0'; i++)
		json_array_append_new(a, json_string(list + i * cap));
	return a;
}

#define STRINGS(array)                                                         \
	strings((array)[0], sizeof(array) / sizeof((array)[0]),                \
	    sizeof((array)[0]))

static json_t *
toolchain_json(const struct toolchain *t, bool no_image)
{
	char digest[65];

	digest_text(t, no_image, digest);
	return json_pack("{s:s s:s s:s s:s s:I s:I s:b s:b s:o s:o s:o s:o}",
	    "digest", digest, "family",
	    t->family == FAMILY_GCC ? "gcc" : "clang", "target", t->machine,
	    "version", t->version, "files", (json_int_t)t->files, "bytes",
	    (json_int_t)t->bytes, "headers",
	    (int)((t->flags & TOOLCHAIN_HEADERS) != 0), "usual_places",
	    (int)((t->flags & TOOLCHAIN_USUAL_PLACES) != 0), "env",
	    STRINGS(t->env), "programs", STRINGS(t->exec), "include",
	    STRINGS(t->inc), "directories", STRINGS(t->dirs));
}

static json_t *
name_json(const struct toolchain_name *n)
{
	if (n->state != NAME_READY)
		return json_pack("{s:s s:s s:s}", "name", n->name, "state",
		    "refused", "reason", n->reason);
	return json_pack("{s:s s:s s:i s:s s:s s:s}", "name", n->name, "state",
	    "ready", "toolchain", (int)n->toolchain, "program", n->program,
	    "argv0", n->argv0, "extra", n->extra);
}

int
list_print_json(FILE *f, const struct table *t, bool no_image)
{
	json_t *root = json_object(), *tc = json_array(), *names = json_array();
	int r;

	for (uint32_t i = 0; i < t->ntoolchains; i++)
		json_array_append_new(tc,
		    toolchain_json(&t->toolchains[i], no_image));
	for (uint32_t i = 0; i < t->nnames; i++)
		json_array_append_new(names, name_json(&t->names[i]));
	json_object_set_new(root, "toolchains", tc);
	json_object_set_new(root, "names", names);
	r = json_dumpf(root, f, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	fputc('\n', f);
	json_decref(root);
	return r;
}
