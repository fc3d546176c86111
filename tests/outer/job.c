/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attacker of tests/escape (a "compiler") for a node whose walls are off:
 * linked in front of its main() (ld's --wrap).  A source may have the lines
 *
 *   outer acts            all of acts.c
 *   outer NAME [ARG]      the attacker's act of that name
 *
 * What comes of it is on stderr, which the client gets: for the former as
 * acts.c says it, for the latter "ACT NAME(ARG)" and then "VERDICT NAME …".
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"

#define SOURCE_MAX 32768

int __real_main(int, char **);
int __wrap_main(int, char **);

extern const struct filter filter_job;

struct order {
	char *self, *dir, *name, *arg;
};

static int
act(const void *order)
{
	const struct order *o = order;
	char flag[] = "--act";
	char *argv[] = { o->self, flag, o->dir, o->name, o->arg, NULL };

	exit(__real_main(5, argv));
}

/* The attacker does it in a child of its own, and says what came of it; if it
 * cannot, what it died of is said here. */
static void
escape(char *self, char *dir, char *name)
{
	char none[] = "", *end = strchr(name, ' ');
	const struct order o = { self, dir, name,
		end != NULL ? end + 1 : none };
	int e;

	if (end != NULL)
		*end = '\0';
	(void)dprintf(2, "ACT %s(%s)\n", o.name, o.arg);
	e = outer_behind(
	    outer_plan('F') ? &filter_job : NULL, filter_install, act, &o);
	if (e != 0)
		(void)dprintf(2, "VERDICT %s %d\n", o.name, e);
}

static void
obey(char *self, char *dir, const char *source)
{
	static char text[SOURCE_MAX];
	int fd = open(source, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *at = text, *line;

	if (fd >= 0)
		(void)close(fd);
	while (n > 0 && (line = strsep(&at, "\n")) != NULL) {
		if (strcmp(line, "outer acts") == 0)
			outer_acts("job", -1, &filter_job, filter_install);
		else if (strncmp(line, "outer ", 6) == 0)
			escape(self, dir, line + 6);
	}
}

int
__wrap_main(int argc, char **argv)
{
	char *to = NULL, *source = NULL, *end;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			to = strdup(argv[++i]);
		else if (argv[i][0] != '-')
			source = argv[i];
	}
	end = to != NULL ? strrchr(to, '/') : NULL;
	if (end != NULL && source != NULL) {
		*end = '\0';
		obey(argv[0], to, source);
	}
	return __real_main(argc, argv);
}
