/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <stdio.h>
#include <string.h>

int
cmd_help(int argc, char *argv[])
{
	const char *only = argc > 1 ? argv[1] : NULL;
	int shown = 0;

	for (const struct command *c = commands; c->name != NULL; c++) {
		char left[40];

		if (only != NULL && strcmp(only, c->name) != 0)
			continue;
		if (shown++ == 0)
			(void)puts("usage: immure COMMAND [OPTION]");
		(void)snprintf(left, sizeof(left), "%s %s", c->name, c->args);
		(void)printf("  %-22s %s\n", left, c->what);
	}
	if (shown == 0) {
		cli_complain(only, "no such command", "try immure help");
		return CLI_EXIT_USAGE;
	}
	(void)puts("See immure(1); the daemon is immured(8).");
	return CLI_EXIT_OK;
}
