/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits_page: the list of limits of immured.conf(5), from the table of them.
 * limits_page --rows: key, field, least, default, most, word, unit by tabs, for
 * tests/abuse/limits.py.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/common/limit_rows.h"
#include "node/config/setting.h"

/* As it stands in a file. */
static const char *
shown(const struct limit_row *r, uint64_t v, char out[32])
{
	if (r->unit == LIMIT_BYTES || r->unit == LIMIT_RATE)
		setting_bytes(v, out, 32);
	else
		(void)snprintf(out, 32, "%" PRIu64,
		    r->unit == LIMIT_SECONDS ? v / 1000 : v);
	return out;
}

static void
print_item(const struct limit_row *r)
{
	static const char *const args[] = { [LIMIT_NUMBER] = "number",
		[LIMIT_BYTES] = "bytes", [LIMIT_SECONDS] = "seconds",
		[LIMIT_RATE] = "bytes" };
	char built_in[32], least[32], most[32];

	printf(".It Ic %s Ar %s\n", r->key, args[r->unit]);
	for (const char *p = r->why; *p != '\0'; p++) {
		/* A sentence or what ends with a colon or semicolon: a line. */
		if (*p == ' ' && p > r->why && strchr(";:", p[-1]) != NULL)
			putchar('\n');
		else
			putchar(*p);
	}
	printf("\nThe default is %s, from %s to %s",
	    shown(r, r->built_in, built_in), shown(r, r->least, least),
	    shown(r, r->most, most));
	if (r->word[0] != '\0')
		printf(";\n.Ql %s .\n", r->word);
	else
		printf(".\nIt has no word.\n");
	if (r->reloads)
		printf("(reload)\n");
}

static void
print_row(const struct limit_row *r)
{
	printf("%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%d\n",
	    r->key, r->field, r->least, r->built_in, r->most, r->word,
	    (int)r->unit);
}

int
main(int argc, char *argv[])
{
	bool rows = argc == 2 && strcmp(argv[1], "--rows") == 0;

	for (size_t i = 0; i < LIMITS_COUNT; i++)
		(rows ? print_row : print_item)(&limit_rows[i]);
	return 0;
}
