/* SPDX-License-Identifier: GPL-2.0-or-later */
/* immure help: all commands, a line each, or one command and its options. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static void
show_all(void)
{
	(void)puts("usage: immure COMMAND [OPTION ...]");
	for (const struct command *c = commands; c->name != NULL; c++)
		(void)printf("  %-12s %s\n", c->name, c->what);
	(void)puts("immure help COMMAND shows what a command takes.\n"
	           "See immure(1); the daemon is immured(8).");
}

static void
show_one(const struct command *c)
{
	(void)printf("usage: immure %s %s\n", c->name, c->args);
	(void)printf("  %s\n", c->what);
	if (c->options != NULL)
		(void)fputs(c->options, stdout);
	(void)puts("See immure(1); the daemon is immured(8).");
}

int
cmd_help(int argc, char *argv[])
{
	if (argc < 2) {
		show_all();
		return CLI_EXIT_OK;
	}
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, argv[1]) == 0) {
			show_one(c);
			return CLI_EXIT_OK;
		}
	}
	cli_complain(argv[1], "no such command", "try immure help");
	return CLI_EXIT_USAGE;
}
