/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that only immured starts, started by a person; see by_hand.h. */
#include "by_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FD_PARENT 3

static int
is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

void
by_hand(int argc, char *const argv[], const char *what)
{
	const char *name = argc > 0 ? argv[0] : "immure";
	const char *slash = strrchr(name, '/');
	int asked = argc == 2 && strcmp(argv[1], "--help") == 0;

	if (!asked && is_socket(FD_PARENT))
		return;
	(void)fprintf(asked ? stdout : stderr,
	    "%s %s.\n"
	    "It is a part of immured(8), which starts it; by hand it does "
	    "nothing.  See immure-roles(8).\n",
	    slash != NULL ? slash + 1 : name, what);
	exit(asked ? EXIT_SUCCESS : BY_HAND_EXIT);
}
