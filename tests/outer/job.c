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
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"

#define SOURCE_MAX 32768

int __real_main(int, char **);
int __wrap_main(int, char **);

static void
escape(char *self, char *dir, char *name)
{
	char flag[] = "--act", none[] = "", *arg = strchr(name, ' ');
	char *argv[] = { self, flag, dir, name, arg != NULL ? arg + 1 : none,
		NULL };
	pid_t pid;

	if (arg != NULL)
		*arg = '\0';
	(void)dprintf(2, "ACT %s(%s)\n", name, argv[4]);
	pid = fork();
	if (pid == 0)
		exit(__real_main(5, argv));
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
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
			outer_acts("job", -1);
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
