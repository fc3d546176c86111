/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stage-try: runs a compiler within a discovery jail, under the jail's whole
 * policy.  A jail gives its command nothing but three pipes, and an assembler
 * must seek in its object: so this writes the source, runs the compiler, and
 * then gives the object out through stdout.
 *
 *   stage-try OBJECT SOURCE TEXT PROGRAM ARGV0 ARG…
 *
 * OBJECT and SOURCE are files below /tmp, "-" for none.  Words come from the
 * imager's scanner, which is not trusted more than the compiler is: nothing
 * here has any right that the compiler has not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_TRY 125 /* no compiler's status */

static int
write_all(int fd, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0)
			return -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
put_source(const char *path, const char *text)
{
	int fd, r;

	if (strcmp(path, "-") == 0)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, strlen(text));
	(void)close(fd);
	return r;
}

static int
give_object(const char *path)
{
	char buf[16384];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write_all(STDOUT_FILENO, buf, (size_t)n) < 0)
			return -EIO;
	(void)close(fd);
	return n < 0 ? -errno : 0;
}

/* The wait status of @program, run with @argv. */
static int
run(const char *program, char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		/* What a compiler prints is not what its object is. */
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		execv(program, argv);
		_exit(EXIT_TRY);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static int
by_hand(bool asked)
{
	static const char text[] =
	    "stage-try is a part of immured(8) and runs in the jails of its "
	    "imager; by hand it does nothing.  See immure-roles(8).\n";

	(void)write_all(asked ? STDOUT_FILENO : STDERR_FILENO, text,
	    sizeof(text) - 1);
	return asked ? 0 : EXIT_TRY;
}

int
main(int argc, char *argv[])
{
	int status;

	if (argc < 6)
		return by_hand(argc == 2 && strcmp(argv[1], "--help") == 0);
	(void)mkdir("/tmp/.immure", 0700); /* TMPDIR of a cell's compiler */
	if (put_source(argv[2], argv[3]) < 0)
		return EXIT_TRY;
	if (strcmp(argv[1], "-") == 0) {
		execv(argv[4], argv + 5);
		return EXIT_TRY;
	}
	status = run(argv[4], argv + 5);
	if (status < 0 || !WIFEXITED(status))
		return EXIT_TRY;
	if (WEXITSTATUS(status) == 0 && give_object(argv[1]) < 0)
		return EXIT_TRY;
	return WEXITSTATUS(status);
}
