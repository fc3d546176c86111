/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acts of the attacker that use something up.  Each takes all that it can get
 * and then goes on trying for as many ms as its argument says, so that whoever
 * runs beside it has time to notice, before it says what it was refused with
 * (resources.py).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attacker.h"

#define PIECE (1UL << 20)

static int
hold_ms(void)
{
	return (int)strtol(arg, NULL, 10);
}

static int
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* @more takes one and says 0, or why it cannot; outside it may have @most. */
static int
take(int (*more)(void), long most)
{
	int begin = now_ms(), e = 0;
	long n = 0;

	while (e == 0 && n++ < most)
		e = more();
	while (e != 0 && now_ms() - begin < hold_ms())
		if (more() != 0)
			(void)usleep(1000);
	return e;
}

/* -- memory -- */

/* 70: pages that are written to. */
static int
more_memory(void)
{
	char *p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < PIECE; i += 4096)
		p[i] = 1;
	return 0;
}

static int
act_eat_memory(void)
{
	return take(more_memory, 400);
}

/* … and the compiler says that it had too little. */
static int
act_memory_error(void)
{
	int e = act_eat_memory();

	if (e != 0)
		_exit(1);
	return 0;
}

/* 70: frames, each with a page that is written to. */
static int
deeper(volatile char *above, long n)
{
	volatile char page[4096];

	page[0] = *above;
	return n == 0 ? page[0] : deeper(page, n - 1) + page[0];
}

static int
act_eat_stack(void)
{
	volatile char c = 0;

	/* 6 MiB and more: outside there is that much */
	return deeper(&c, 1500) == 1 ? 1 : 0;
}

/* 72: mappings that the kernel cannot join. */
static int
more_maps(void)
{
	static bool writable;

	writable = !writable;
	return mmap(NULL, 8 * 4096,
		   writable ? PROT_READ | PROT_WRITE : PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? errno
		   : 0;
}

static int
act_eat_maps(void)
{
	return take(more_maps, 30000);
}

/* -- processes -- */

/* 41: they end with their parent. */
static int
more_processes(void)
{
	pid_t self = getpid(), pid = fork();

	while (pid == 0) {
		(void)usleep(50000);
		if (getppid() != self)
			_exit(0);
	}
	return pid < 0 ? errno : 0;
}

static int
act_eat_processes(void)
{
	return take(more_processes, 300);
}

static void *
waits(void *nothing)
{
	(void)pause();
	return nothing;
}

static int
more_threads(void)
{
	pthread_attr_t a;
	pthread_t t;
	int e;

	(void)pthread_attr_init(&a);
	(void)pthread_attr_setstacksize(&a, 65536);
	e = pthread_create(&t, &a, waits, NULL);
	(void)pthread_attr_destroy(&a);
	return e;
}

static int
act_eat_threads(void)
{
	return take(more_threads, 1000);
}

/* 50: every signal that can be ignored is. */
static _Noreturn int
act_eat_cpu(void)
{
	for (int s = 1; s < 32; s++)
		(void)signal(s, SIG_IGN);
	for (;;)
		;
}

/* -- files -- */

/* 69 */
static int
more_files(void)
{
	return done(dup(0));
}

static int
act_eat_files(void)
{
	return take(more_files, 1000);
}

/* 68, 71: bytes of the tmpfs, in files of a length that may be. */
static int
more_bytes(void)
{
	static const char piece[65536] = "x";
	static int fd = -1, n;
	char name[32];

	if (fd < 0 || ++n % 64 == 0) {
		(void)close(fd);
		(void)snprintf(name, sizeof(name), "b%d", n);
		fd = open(in_out(name), O_WRONLY | O_CREAT, 0600);
	}
	return done(write(fd, piece, sizeof(piece)));
}

static int
act_eat_bytes(void)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	return take(more_bytes, 1024); /* 64 MiB */
}

/* 68 */
static int
more_inodes(void)
{
	static int n;
	char name[32];

	(void)snprintf(name, sizeof(name), "i%d", n++);
	return make_file(in_out(name), "", 0, 0600);
}

static int
act_eat_inodes(void)
{
	return take(more_inodes, 5000);
}

/* 17, 74: one file, as long as it gets. */
static int
longer(void)
{
	static const char piece[65536] = "x";
	static int fd = -1;

	if (fd < 0)
		fd = open(in_out("long"), O_WRONLY | O_CREAT, 0600);
	return done(write(fd, piece, sizeof(piece)));
}

static int
act_eat_length(void)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	return take(longer, 1024);
}

/* 17: an object of 8 MiB. */
static int
act_long_object(void)
{
	static char piece[PIECE];
	int fd = open(in_out("o"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	object_made = true;
	for (int i = 0; i < 8; i++)
		if (write(fd, piece, sizeof(piece)) < 0)
			_exit(1);
	(void)usleep((useconds_t)hold_ms() * 1000);
	return 0;
}

/* -- what is said -- */

/* 76: 4 MiB in pieces of @n bytes; the end comes from outside. */
static _Noreturn void
flood(int fd, size_t n)
{
	static char text[65536];

	memset(text, 'x', sizeof(text));
	(void)usleep((useconds_t)hold_ms() * 1000);
	for (size_t sent = 0; sent < 4 * PIECE; sent += n)
		if (write(fd, text, n) < 0)
			_exit(1);
	_exit(0);
}

static _Noreturn int
act_flood_stderr(void)
{
	flood(2, 65536);
}

static _Noreturn int
act_flood_stdout(void)
{
	flood(1, 65536);
}

static _Noreturn int
act_drip_stderr(void)
{
	flood(2, 1);
}

/* -- memory of the kernel's -- */

/* Pipes, each filled as far as it goes. */
static int
more_pipes(void)
{
	static char text[65536];
	int p[2];

	if (pipe2(p, O_NONBLOCK) < 0)
		return errno;
	while (write(p[1], text, 4096) > 0)
		continue;
	return 0;
}

static int
act_eat_pipes(void)
{
	return take(more_pipes, 300);
}

static volatile sig_atomic_t got;

static void
on_signal(int s)
{
	(void)s;
	got++;
}

/* Queued signals: what is beyond the limit is lost. */
static int
act_eat_signals(void)
{
	sigset_t one;

	(void)signal(SIGRTMIN, on_signal);
	(void)sigemptyset(&one);
	(void)sigaddset(&one, SIGRTMIN);
	(void)sigprocmask(SIG_BLOCK, &one, NULL);
	for (int i = 0; i < 1000; i++)
		(void)kill(getpid(), SIGRTMIN);
	(void)usleep((useconds_t)hold_ms() * 1000);
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	return got >= 1000 ? 0 : EAGAIN;
}

/* 82: much to take down. */
static _Noreturn int
act_teardown(void)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)take(more_inodes, 3000);
	(void)take(more_bytes, 1024);
	(void)take(more_processes, 50);
	abort();
}

const struct act resource_acts[] = {
	{ "eat-memory", act_eat_memory, false },
	{ "memory-error", act_memory_error, true },
	{ "eat-stack", act_eat_stack, false },
	{ "eat-maps", act_eat_maps, false },
	{ "eat-processes", act_eat_processes, false },
	{ "eat-threads", act_eat_threads, false },
	{ "eat-cpu", act_eat_cpu, true },
	{ "eat-files", act_eat_files, false },
	{ "eat-bytes", act_eat_bytes, false },
	{ "eat-inodes", act_eat_inodes, false },
	{ "eat-length", act_eat_length, false },
	{ "long-object", act_long_object, true },
	{ "flood-stderr", act_flood_stderr, true },
	{ "flood-stdout", act_flood_stdout, true },
	{ "drip-stderr", act_drip_stderr, true },
	{ "eat-pipes", act_eat_pipes, false },
	{ "eat-signals", act_eat_signals, false },
	{ "teardown", act_teardown, true },
	{ NULL, NULL, false },
};
