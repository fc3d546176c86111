/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acts of the attacker: limits and process state, the loader, and what is meant
 * for more than one job (sequences.py).  Each names its cases of jail.md.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attacker.h"

extern char **environ;

/* -- files -- */

/* 19: the bit as a mode of open(2), not of chmod(2); then to run it. */
static int
act_setuid_exec(void)
{
	char *const argv[] = { (char *)(uintptr_t) "gcc",
		(char *)(uintptr_t) "--nothing", NULL };
	int e = copy_file(arg, in_out("copy"));
	int fd = e != 0 ? -1 : open(in_out("suid"), O_WRONLY | O_CREAT, 06755);

	if (fd < 0)
		return e != 0 ? e : errno;
	(void)close(fd);
	e = copy_file(arg, in_out("suid"));
	if (e != 0)
		return e;
	(void)execve(in_out("suid"), argv, argv + 2);
	return errno;
}

/* 21: files of a job for the next one to find, wherever it may write. */
static int
act_leave(void)
{
	(void)make_file("left", "left", 4, 0666);
	return make_file(in_out("left"), "left", 4, 0666);
}

/* 18: pages of one generation each, written over and over. */
#define PAGE  4096
#define PAGES 64

static void
write_generation(int fd, int generation)
{
	char page[PAGE];

	memset(page, generation, sizeof(page));
	for (int i = 0; i < PAGES; i++)
		(void)!pwrite(fd, page, sizeof(page), (off_t)i * PAGE);
}

static int
act_rewrite(void)
{
	int fd = open(in_out("o"), O_RDWR | O_CREAT | O_TRUNC, 0644);
	unsigned char g = 1;
	pid_t pid;

	if (fd < 0)
		return errno;
	object_made = true;
	write_generation(fd, 1);
	pid = fork();
	if (pid < 0)
		return errno;
	for (int i = 2; pid == 0; i = i % 250 + 1)
		write_generation(fd, i);
	while (g < 4) /* it is at work */
		if (pread(fd, &g, 1, 0) != 1)
			return errno;
	return 0;
}

/* 77: a child without a parent that keeps stdout and stderr. */
static int
act_keep_open(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		(void)setpgid(0, 0);
		if (fork() != 0)
			_exit(0);
		for (;;)
			(void)sleep(1);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : errno;
}

/* 94: what nobody else may be given. */
static int
act_echo(void)
{
	object = arg;
	return 0;
}

/* 16: what the collector is to find in the object's place. */
static int
act_object_dir(void)
{
	object_made = true;
	return done(mkdir(in_out("o"), 0755));
}

/* Bytes of @path, as one number; 0: it cannot be read. */
static unsigned long
sum_of(const char *path)
{
	static unsigned char piece[1 << 16];
	unsigned long sum = 5381;
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return 0;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		for (ssize_t i = 0; i < n; i++)
			sum = sum * 33 + piece[i];
	(void)close(fd);
	return sum;
}

/* Not an attack: does one of the files of @arg become another in ten seconds?
 * (tests/compat/replaced.py) */
static int
act_watch(void)
{
	char paths[1024], *rest = paths, *word[8];
	unsigned long first[8];
	int n = 0;

	(void)snprintf(paths, sizeof(paths), "%s", arg);
	for (; n < 8 && (word[n] = strsep(&rest, " ")) != NULL; n++) {
		first[n] = sum_of(word[n]);
		if (first[n] == 0)
			return ENOENT;
	}
	for (int i = 0; i < 100; i++) {
		(void)usleep(100000);
		for (int k = 0; k < n; k++)
			if (sum_of(word[k]) != first[k])
				return 0;
	}
	return EAGAIN;
}

/* 81: a call that is refused each time, as often as is said. */
static int
act_denied(void)
{
	for (long i = strtol(arg, NULL, 10); i > 0; i--)
		if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
			return 0;
	return errno;
}

/* -- the loader: gcc-97 alone has one -- */

static const char *
loader(void)
{
	const ElfW(Phdr) *p = (const void *)getauxval(AT_PHDR);
	unsigned long n = getauxval(AT_PHNUM);
	uintptr_t base = 0;

	for (unsigned long i = 0; i < n; i++)
		if (p[i].p_type == PT_PHDR)
			base = (uintptr_t)p - p[i].p_vaddr;
	for (unsigned long i = 0; i < n; i++)
		if (p[i].p_type == PT_INTERP)
			return (const char *)(base + p[i].p_vaddr);
	return NULL;
}

/* In a child, with one word of environment: its exit status, or -1. */
static int
status_of(const char *path, char *const *argv, char *word)
{
	char *const env[] = { word, NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(path, argv, env);
		_exit(126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* 25, 29: a file that may not be run, by a program that may. */
static int
act_loader(void)
{
	char *argv[] = { (char *)(uintptr_t)loader(), NULL,
		(char *)(uintptr_t) "--nothing", NULL };
	int e = 0;

	if (argv[0] == NULL)
		return ENOSYS;
	if (strcmp(arg, "/bin/sh") == 0) {
		argv[2] = (char *)(uintptr_t) "/dev/null";
		argv[1] = (char *)(uintptr_t)arg;
	} else {
		e = copy_file(arg, in_out("copy"));
		argv[1] = (char *)(uintptr_t)in_out("copy");
	}
	if (e != 0)
		return e;
	return status_of(argv[0], argv, NULL) == 0 ? 0 : ELIBACC;
}

__asm__(".section .rodata\n"
	"evil: .incbin \"" EVIL_SO "\"\nevil_end:\n"
	".text\n");
extern const char evil[], evil_end[];

/* 30, 37: code of one's own in a program that may run, by the environment. */
static int
by_environment(const char *name)
{
	char word[600];
	char *const argv[] = { (char *)(uintptr_t)arg,
		(char *)(uintptr_t) "--nothing", NULL };
	const char *path = in_out("evil.so");
	int e = make_file(path, evil, (size_t)(evil_end - evil), 0755);

	if (e != 0)
		return e;
	(void)snprintf(word, sizeof(word), "%s=%s", name, path);
	/* 42: see evil.c */
	return status_of(arg, argv, word) == 42 ? 0 : ELIBACC;
}

static int
act_preload(void)
{
	return by_environment("LD_PRELOAD");
}

static int
act_audit(void)
{
	return by_environment("LD_AUDIT");
}

/* 37: is there a word in the environment that the plan does not have? */
static int
act_env(void)
{
	static const char *const known[] = { "PATH=", "TMPDIR=", "LC_ALL=",
		"COMPILER_PATH=", "LD_LIBRARY_PATH=", "LD_ORIGIN_PATH=",
		"LOCPATH=", "PWD=" };
	size_t i;

	for (char **e = environ; *e != NULL; e++) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strncmp(*e, known[i], strlen(known[i])) == 0)
				break;
		if (i == sizeof(known) / sizeof(known[0]))
			return 0;
	}
	return ENOENT;
}

/* -- memory and processes -- */

/* 35 */
static int
act_map_zero(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED
		   ? errno
		   : 0;
}

/* 43: as many dead children as there may be. */
static int
act_zombies(void)
{
	int n, e = 0;

	for (n = 0; n < 1000 && e == 0; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		e = pid < 0 ? errno : 0;
	}
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return e;
}

/* 44: the hard limit of @arg, a number of getrlimit(2), by one. */
static int
act_raise(void)
{
	__rlimit_resource_t which = (__rlimit_resource_t)strtol(arg, NULL, 10);
	struct rlimit l;

	if (getrlimit(which, &l) < 0)
		return errno;
	if (l.rlim_max != RLIM_INFINITY)
		l.rlim_max++;
	l.rlim_cur = l.rlim_max;
	return done(setrlimit(which, &l));
}

/* 49: does a crash leave a core, or start what makes one? */
static int
act_core(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int status = 0, e = setrlimit(RLIMIT_CORE, &all) < 0 ? errno : 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		abort();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WCOREDUMP(status) ? 0 : e;
}

/* 49: the compiler itself. */
static _Noreturn int
act_crash(void)
{
	abort();
}

const struct act more_acts[] = {
	{ "setuid-exec", act_setuid_exec, false },
	{ "leave", act_leave, false },
	{ "rewrite", act_rewrite, true },
	{ "keep-open", act_keep_open, true },
	{ "echo", act_echo, true },
	{ "object-dir", act_object_dir, true },
	{ "watch", act_watch, false },
	{ "denied", act_denied, false },
	{ "loader", act_loader, false },
	{ "preload", act_preload, false },
	{ "audit", act_audit, false },
	{ "env", act_env, false },
	{ "map-zero", act_map_zero, false },
	{ "zombies", act_zombies, false },
	{ "raise", act_raise, false },
	{ "core", act_core, false },
	{ "crash", act_crash, true },
	{ NULL, NULL, false },
};
