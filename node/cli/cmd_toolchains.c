/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The imager knows: it looks for compilers just as it does for the daemon. */
#include "cli.h"

#include <node/common/install_dir.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
cmd_toolchains(int argc, char *argv[])
{
	int json = cli_only_json(argc, argv);
	const char *dir = install_libexec();
	char program[PATH_MAX];

	if (json < 0)
		return CLI_EXIT_USAGE;
	if (dir == NULL || (size_t)snprintf(program, sizeof(program),
			       "%s/immure-imager", dir) >= sizeof(program)) {
		cli_complain("toolchains", "cannot tell where immure lies",
		    "is /proc mounted?");
		return CLI_EXIT_FAILED;
	}
	(void)execl(program, "immure-imager", "--list",
	    json > 0 ? "--json" : (char *)NULL, (char *)NULL);
	cli_complain(program, strerror(errno), "is immure installed whole?");
	return CLI_EXIT_FAILED;
}
