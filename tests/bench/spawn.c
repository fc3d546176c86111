/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn [-9 FILE] COMMAND [ARGUMENT...]: starts it with posix_spawn and waits
 * for it, as often as it is told (coprocess.h).  A number on its standard
 * output is taken for the time of its first instruction (first.c): the mark.
 * -9: FILE, opened anew each time, is its descriptor 9.
 */
#include "coprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char **command;
static posix_spawn_file_actions_t actions;
static int out[2];

static uint64_t
cpu_ns(const struct rusage *u)
{
	return ((uint64_t)u->ru_utime.tv_sec + (uint64_t)u->ru_stime.tv_sec) *
		   1000000000U +
	       ((uint64_t)u->ru_utime.tv_usec + (uint64_t)u->ru_stime.tv_usec) *
		   1000U;
}

/* Of what it wrote; anything but a time is dropped. */
static uint64_t
first_ns(uint64_t start)
{
	char text[4096];
	ssize_t n = read(out[0], text, sizeof(text) - 1);
	uint64_t at;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strtoull(text, NULL, 10);
	return at > start ? at - start : 0;
}

static void
once(struct timing *t)
{
	uint64_t start = now_ns();
	struct rusage use;
	pid_t pid;

	errno =
	    posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	if (errno != 0)
		bench_die(command[0]);
	if (wait4(pid, &t->status, 0, &use) != pid)
		bench_die("wait4");
	t->wall = now_ns() - start;
	t->cpu = cpu_ns(&use);
	t->mark = first_ns(start);
}

int
main(int argc, char **argv)
{
	const char *nine = NULL;

	command = argv + 1;
	if (argc > 3 && strcmp(argv[1], "-9") == 0) {
		nine = argv[2];
		command += 2;
	}
	if (argc < 2)
		return 2;
	/* What nobody reads must not block it: a pipe holds 64 KiB. */
	if (pipe2(out, O_CLOEXEC | O_NONBLOCK) < 0)
		bench_die("pipe2");
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(
		&actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, out[1], 1) != 0 ||
	    (nine != NULL && posix_spawn_file_actions_addopen(
				 &actions, 9, nine, O_RDONLY, 0) != 0))
		bench_die("posix_spawn_file_actions");
	coprocess(once);
	return 0;
}
