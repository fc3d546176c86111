/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listing becomes lines that say where they belong, "chain input: iif lo
 * accept", "set clients4: 10.0.0.0/8", in their order.  nft(8) has brought
 * both into the same form; of that form this file knows the indentation, the
 * braces and the word "elements".
 */
#include "firewall.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct line {
	char *text; /* owned: "BLOCK: TEXT" */
	bool seen;
};

struct lines {
	struct line *at; /* owned */
	size_t n, room;
};

struct reader {
	struct lines *out;
	const char *block; /* "set clients4", of @block_len bytes; or NULL */
	size_t block_len;
	bool dynamic;  /* the kernel fills this set */
	bool elements; /* between the braces of "elements = {" */
	int error;
};

static void
add(struct reader *r, const char *text, size_t len)
{
	struct lines *l = r->out;
	const char *block = r->block != NULL ? r->block : "table";
	int block_len = r->block != NULL ? (int)r->block_len : 5;
	struct line *more;

	if (l->n == l->room) {
		more = reallocarray(l->at, l->room * 2 + 64, sizeof(*more));
		if (more == NULL) {
			r->error = -ENOMEM;
			return;
		}
		l->at = more;
		l->room = l->room * 2 + 64;
	}
	l->at[l->n] = (struct line){ .text = NULL };
	if (asprintf(&l->at[l->n].text, "%.*s: %.*s", block_len, block,
		(int)len, text) < 0)
		r->error = -ENOMEM;
	else
		l->n++;
}

/* "a, b," up to the brace: an element each. */
static void
elements(struct reader *r, const char *s, size_t len)
{
	const char *stop = s + len, *end, *last;

	while (s < stop && *s != '}') {
		s += strspn(s, " \t,");
		for (end = s; end < stop && *end != ',' && *end != '}';)
			end++;
		for (last = end; last > s && last[-1] == ' ';)
			last--;
		if (last > s && !r->dynamic)
			add(r, s, (size_t)(last - s));
		s = end;
	}
	r->elements = s >= stop;
}

/* A line within a block, without its indentation. */
static void
inner(struct reader *r, const char *s, size_t len)
{
	static const char open[] = "elements = {";

	if (r->elements) {
		elements(r, s, len);
	} else if (strncmp(s, open, sizeof(open) - 1) == 0) {
		elements(r, s + sizeof(open) - 1, len - (sizeof(open) - 1));
	} else {
		if (strncmp(s, "flags ", 6) == 0 &&
		    memmem(s, len, "dynamic", 7) != NULL)
			r->dynamic = true;
		add(r, s, len);
	}
}

static void
take(struct reader *r, const char *line, size_t len)
{
	size_t blanks = strspn(line, "\t ");

	if (blanks >= len || blanks == 0)
		return; /* empty, or the table itself */
	line += blanks;
	len -= blanks;
	if (blanks > 1) {
		inner(r, line, len);
	} else if (line[len - 1] == '{') {
		r->block = line;
		r->block_len = len - 2;
		r->dynamic = r->elements = false;
	} else if (line[0] == '}') {
		r->block = NULL;
	} else {
		add(r, line, len);
	}
}

static int
split(struct lines *out, const char *listing)
{
	struct reader r = { .out = out };

	while (*listing != '\0' && r.error == 0) {
		size_t len = strcspn(listing, "\n");

		take(&r, listing, len);
		listing += len + (listing[len] == '\n');
	}
	return r.error;
}

static void
release(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].text);
	free(l->at);
}

/* Mark what both have, as often as both have it. */
static void
match(struct lines *a, struct lines *b)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < b->n; k++) {
			if (b->at[k].seen ||
			    strcmp(a->at[i].text, b->at[k].text) != 0)
				continue;
			a->at[i].seen = b->at[k].seen = true;
			break;
		}
	}
}

static int
print_unseen(FILE *out, const struct lines *l, const char *what)
{
	int n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i].seen)
			continue;
		(void)fprintf(out, "%-9s%s\n", what, l->at[i].text);
		n++;
	}
	return n;
}

/* The same lines: are they in the same order?  Elements always are. */
static int
print_order(FILE *out, const struct lines *a, const struct lines *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (strcmp(a->at[i].text, b->at[i].text) == 0)
			continue;
		(void)fprintf(out, "moved    %s\n", a->at[i].text);
		return 1;
	}
	return 0;
}

int
firewall_diff(FILE *out, const char *wanted, const char *loaded)
{
	struct lines a = { .at = NULL }, b = { .at = NULL };
	int r = split(&a, wanted);

	if (r == 0)
		r = split(&b, loaded);
	if (r == 0) {
		match(&a, &b);
		r = print_unseen(out, &a, "missing");
		r += print_unseen(out, &b, "extra");
		if (r == 0)
			r = print_order(out, &a, &b);
	}
	release(&a);
	release(&b);
	return r;
}
