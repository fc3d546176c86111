/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the compiler's place in `drive_executor hostile`: argv[1] is
 * what it does to its output, its pipes or its neighbours.  Static, so that
 * the image needs no loader.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT "/tmp/.immure/o"

static int
make_object(void)
{
	int fd = open(OUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	return fd < 0 || write(fd, "object", 6) != 6 || close(fd) != 0;
}

static int
sparse(off_t size)
{
	int fd = open(OUT, O_WRONLY | O_CREAT, 0644);

	return fd < 0 || ftruncate(fd, size) != 0;
}

static int
flood(int fd)
{
	static char text[65536];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 4096; i++)
		if (write(fd, text, sizeof(text)) < 0)
			return 1;
	return 0;
}

/* A child that holds the pipes and never ends. */
static int
orphan(void)
{
	pid_t pid = fork();

	for (; pid == 0;)
		(void)pause();
	return pid < 0 || make_object();
}

static int
bomb(void)
{
	pid_t pid;

	while ((pid = fork()) > 0)
		continue;
	for (; pid == 0;)
		(void)pause();
	if (errno != EAGAIN)
		return 1;
	/* The slot's next cell is made meanwhile, by the same uid. */
	(void)poll(NULL, 0, 500);
	return make_object();
}

/* All that it may signal, the killer among them where Landlock has no scopes;
 * then the object, as if nothing had been. */
static int
kill_all(void)
{
	(void)kill(-1, SIGKILL);
	for (pid_t pid = 1; pid < 64; pid++)
		if (pid != getpid())
			(void)kill(pid, SIGKILL);
	return make_object();
}

/* A forbidden call, again and again, once somebody has had the time to stop
 * whoever would hear of it. */
static _Noreturn void
late(void)
{
	(void)poll(NULL, 0, 1000);
	for (;;)
		(void)chroot("/");
}

int
main(int argc, char **argv)
{
	const char *act = argc > 1 ? argv[1] : "";

	if (strcmp(act, "object") == 0)
		return make_object();
	if (strcmp(act, "directory") == 0)
		return mkdir(OUT, 0755) != 0;
	if (strcmp(act, "unreadable") == 0)
		return make_object() || chmod(OUT, 0) != 0;
	if (strcmp(act, "sparse") == 0)
		return sparse(64L << 20);
	if (strcmp(act, "huge") == 0)
		return sparse((1L << 30) + 1);
	if (strcmp(act, "stderr") == 0)
		return flood(2);
	if (strcmp(act, "stdout") == 0)
		return flood(1);
	if (strcmp(act, "orphan") == 0)
		return orphan();
	if (strcmp(act, "bomb") == 0)
		return bomb();
	if (strcmp(act, "kill") == 0)
		return kill_all();
	if (strcmp(act, "stop") == 0)
		return raise(SIGSTOP);
	if (strcmp(act, "late") == 0)
		late();
	if (strcmp(act, "sigsys") == 0)
		return chroot("/");
	return act[0] != '\0'; /* "": nothing at all */
}
