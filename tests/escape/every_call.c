/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * every_call ABI COUNT: each system call from 0 on, by its number, with
 * arguments that none takes, in a child each.  ABI: native, x32 or i386.  For
 * each a line: the number, and "ok", an errno's number, or "SIG" and a number.
 * Static: it runs in a jail without a file.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32_BIT 0x40000000L
#define NOBODY	65534

static long
call(const char *abi, long nr)
{
#ifdef __x86_64__
	if (strcmp(abi, "i386") == 0) {
		long r;

		__asm__ volatile(
		    "int $0x80"
		    : "=a"(r)
		    : "a"(nr), "b"(-1L), "c"(-1L), "d"(-1L), "S"(-1L), "D"(-1L)
		    : "memory", "r8", "r9", "r10", "r11");
		if (r > -4096 && r < 0)
			errno = (int)-r;
		return r > -4096 && r < 0 ? -1 : r;
	}
	if (strcmp(abi, "x32") == 0)
		nr |= X32_BIT;
#endif
	return syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
}

/* In a child that can harm nobody, and that does not wait for ever. */
static void
attempt(const char *abi, long nr)
{
	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(255);
	_exit(call(abi, nr) == -1 ? errno : 0);
}

/* One that waits for ever, maybe without any signal, exists. */
static int
status_of(pid_t pid)
{
	int status = 0;

	for (int ms = 0; ms < 500; ms++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		(void)usleep(1000);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return status;
}

static void
tell(const char *abi, long nr)
{
	char line[64];
	int status, n;
	pid_t pid = fork();

	if (pid == 0)
		attempt(abi, nr);
	if (pid < 0)
		_exit(2);
	status = status_of(pid);
	if (WIFSIGNALED(status))
		n = snprintf(
		    line, sizeof(line), "%ld SIG%d\n", nr, WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		n = snprintf(line, sizeof(line), "%ld ok\n", nr);
	else
		n = snprintf(
		    line, sizeof(line), "%ld %d\n", nr, WEXITSTATUS(status));
	(void)!write(1, line, (size_t)n);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	for (long nr = 0; nr < strtol(argv[2], NULL, 10); nr++)
		tell(argv[1], nr);
	return 0;
}
