/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <stdio.h>

int
cmd_version(int argc, char *argv[])
{
	if (argc > 1) {
		cli_complain(argv[1], "unknown option", "try immure help");
		return CLI_EXIT_USAGE;
	}
	(void)puts("immure " IMMURE_VERSION);
	return CLI_EXIT_OK;
}
