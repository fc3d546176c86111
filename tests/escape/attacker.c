/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arbitrary code as a job: a "compiler" that answers what the imager asks of
 * gcc, writes a constant object for any source, and, when its source begins
 * with "attack NAME [ARG]", tries that act first.  The node takes it as a
 * toolchain of its own (escape.bats puts it where compilers are looked for),
 * so that it runs as what has taken over a compiler would: from its first
 * instruction under everything that holds a job.
 *
 *   attacker -c case.i -o OUT/o     the compiler
 *   attacker --act OUT NAME [ARG]   the same act without any jail
 *
 * Says "VERDICT NAME OK", an errno's number, "SIG" and a number, or what the
 * act itself says, on stderr.  Static: it must start where nothing is; gcc-97 is
 * the same with shared libraries, for what a loader can be made to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <dirent.h>
#include <netinet/in.h>
#include <unistd.h>

#include "attacker.h"
#include "attacker_calls.h"
#include "attacker_pairs.h"

const char *out = "/tmp/.immure";
const char *arg = "";
const char *object = "object";
bool object_made = false;
static char said[256]; /* an act's own words */

const char *
in_out(const char *name)
{
	static char path[4][512];
	static unsigned n;

	n = (n + 1) % 4;
	(void)snprintf(path[n], sizeof(path[n]), "%s/%s", out, name);
	return path[n];
}

static int
number(void)
{
	return (int)strtol(arg, NULL, 10);
}

int
done(long r)
{
	return r < 0 ? errno : 0;
}

int
make_file(const char *path, const void *bytes, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	int e = fd < 0 ? errno : 0;

	if (fd < 0)
		return e;
	if (n > 0 && write(fd, bytes, n) != (ssize_t)n)
		e = errno;
	(void)close(fd);
	return e;
}

/* -- files -- */

static int
act_read(void)
{
	char c;
	int fd = open(arg, O_RDONLY);

	return fd < 0 ? errno : read(fd, &c, 1) < 0 ? errno : 0;
}

static int
act_stat(void)
{
	struct stat st;

	return done(stat(arg, &st));
}

static int
act_readdir(void)
{
	DIR *d = opendir(arg);

	return d == NULL ? errno : 0;
}

/* A new file there, removed again. */
static int
act_create(void)
{
	int e = make_file(arg, "x", 1, 0644);

	if (e == 0)
		(void)unlink(arg);
	return e;
}

static int
act_overwrite(void)
{
	int fd = open(arg, O_WRONLY);

	return done(fd);
}

static int
act_truncate(void)
{
	return done(truncate(arg, 0));
}

static int
act_unlink(void)
{
	return done(unlink(arg));
}

static int
act_rename_away(void)
{
	return done(rename(arg, in_out("stolen")));
}

static int
act_rename_over(void)
{
	int e = make_file(in_out("evil"), "x", 1, 0755);

	return e != 0 ? e : done(rename(in_out("evil"), arg));
}

static int
act_chmod(void)
{
	return done(chmod(arg, 0777));
}

static int
act_utimes(void)
{
	const struct timespec t[2] = { { 1, 0 }, { 1, 0 } };

	return done(utimensat(AT_FDCWD, arg, t, 0));
}

static int
act_hardlink(void)
{
	return done(link(arg, in_out("link")));
}

static int
act_mkdir(void)
{
	return done(mkdir(arg, 0755));
}

static int
act_symlink(void)
{
	return done(symlink("/etc/shadow", in_out("sym")));
}

static int
act_fifo(void)
{
	return done(mkfifo(in_out("fifo"), 0600));
}

static int
act_device(void)
{
	/* char device 1:3 is /dev/null */
	return done(mknod(in_out("null"), S_IFCHR | 0666, 1 << 8 | 3));
}

static int
act_setuid_bit(void)
{
	int e = make_file(in_out("suid"), "x", 1, 0755);

	return e != 0 ? e : done(chmod(in_out("suid"), 04755));
}

static int
act_chown(void)
{
	int e = make_file(in_out("own"), "x", 1, 0644);

	return e != 0 ? e : done(chown(in_out("own"), 0, 0));
}

static int
act_xattr(void)
{
	int e = make_file(in_out("x"), "x", 1, 0644);

	return e != 0 ? e : done(syscall(SYS_setxattr, in_out("x"),
	    "trusted.a", "b", 1, 0));
}

static int
act_dotdot_fd(void)
{
	int fd = open(".", O_PATH | O_DIRECTORY);

	for (int i = 0; i < 40 && fd >= 0; i++)
		fd = openat(fd, "..", O_PATH | O_DIRECTORY);
	return fd < 0 ? errno : done(openat(fd, "etc/shadow", O_RDONLY));
}

static int
act_huge_file(void)
{
	int fd = open(in_out("huge"), O_RDWR | O_CREAT, 0600);

	(void)signal(SIGXFSZ, SIG_IGN);
	return fd < 0 ? errno : done(ftruncate(fd, 1LL << 42));
}

static int
act_by_handle(void)
{
	struct {
		struct file_handle h;
		char room[128];
	} u;
	int mount_id;

	u.h.handle_bytes = 128;
	return done(name_to_handle_at(AT_FDCWD, ".", &u.h, &mount_id, 0));
}

/* Anything but 0, 1, 2 that was open when we started. */
static int
act_leftover_fds(void)
{
	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 0;
	return EBADF;
}

/* stdio that leads anywhere but a pipe, or that could be mapped and run. */
static int
act_stdio(void)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) ||
		    mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) !=
		        MAP_FAILED)
			return 0;
	return EBADF;
}

/* -- running code -- */

int
copy_file(const char *from, const char *to)
{
	static char buf[1 << 16];
	int in = open(from, O_RDONLY), fd;
	ssize_t n;

	if (in < 0)
		return errno;
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (fd < 0)
		return errno;
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)n) != n)
			return errno;
	(void)close(fd);
	return n < 0 ? errno : 0;
}

static char word_gcc[] = "gcc", word_nothing[] = "--nothing";
static char *const exec_argv[] = { word_gcc, word_nothing, NULL };

/* Ends this child: 0 from what it becomes, or errno. */
static int
become(const char *path)
{
	static char *const env[] = { NULL };

	(void)execve(path, exec_argv, env);
	return errno;
}

static int
act_exec_copy(void)
{
	int e = copy_file(arg, in_out("copy"));

	return e != 0 ? e : become(in_out("copy"));
}

static int
act_exec(void)
{
	return become(arg);
}

static int
act_exec_script(void)
{
	char text[300];
	int n = snprintf(text, sizeof(text), "#!%s\n", arg);
	int e = make_file(in_out("script"), text, (size_t)n, 0755);

	return e != 0 ? e : become(in_out("script"));
}

static int
act_exec_memfd(void)
{
	long fd = syscall(SYS_memfd_create, "m", 0);

	return fd < 0 ? errno : 0;
}

static int
act_execveat(void)
{
	int fd = open(arg, O_PATH);

	if (fd < 0)
		return errno;
	return done(syscall(SYS_execveat, fd, "", exec_argv,
	    exec_argv + 2, AT_EMPTY_PATH));
}

static int
mapped(int prot, int flags, int fd)
{
	return mmap(NULL, 4096, prot, flags, fd, 0) == MAP_FAILED ? errno : 0;
}

static int
act_map_wx(void)
{
	return mapped(PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int
act_map_x(void)
{
	return mapped(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int
act_protect_x(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno :
	    done(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
act_map_file_x(void)
{
	static char page[4096];
	int e = make_file(in_out("code"), page, sizeof(page), 0755), fd;

	if (e != 0)
		return e;
	fd = open(in_out("code"), O_RDONLY);
	return fd < 0 ? errno : mapped(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
}

static int
act_map_shared_x(void)
{
	int fd = open(arg, O_RDONLY);

	return fd < 0 ? errno : mapped(PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

/* -- processes -- */

static int
act_kill0(void)
{
	return done(kill((pid_t)number(), 0));
}

/* A signal to one's own process group reaches all of it, in whatever pid
 * namespace.  A group whose leader is not in ours is 0 here (getpgid(2)); with
 * an argument other than 0 any group will do. */
static int
act_outer_group(void)
{
	pid_t group = getpgid(0);

	if (group < 0)
		return errno;
	return group == 0 || number() != 0 ? 0 : ESRCH;
}

static int
act_traceme(void)
{
	return done(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
act_peek(void)
{
	char c;
	struct iovec l = { &c, 1 }, r = { &c, 1 };

	return done(process_vm_readv(getpid(), &l, 1, &r, 1, 0));
}

/* Refused, they stay as they are; else nothing is left of them. */
static int
act_forks(void)
{
	static pid_t pid[300];
	int n;

	for (n = 0; n < 300; n++) {
		pid[n] = fork();
		if (pid[n] < 0)
			return errno;
		if (pid[n] == 0) {
			(void)pause();
			_exit(0);
		}
	}
	while (n-- > 0)
		(void)kill(pid[n], SIGKILL);
	return 0;
}

/* As many as may be, held for @arg seconds while the compiler lives on. */
static int
act_hold_forks(void)
{
	int n = 0;
	pid_t pid;

	while ((pid = fork()) > 0)
		n++;
	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	(void)dprintf(2, "HELD %d %d\n", n, errno);
	(void)sleep((unsigned)number());
	return 0;
}

/* Lives on, without parent, session and stdio, if it can. */
static int
act_daemon(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid > 0)
		return 0;
	(void)setpgid(0, 0);
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	if (fork() != 0)
		_exit(0);
	for (;;)
		(void)sleep(1);
}

/* As many as there may be, for as long as it is let, none in its group. */
static _Noreturn int
act_fork_bomb(void)
{
	for (;;)
		if (fork() == 0)
			(void)setpgid(0, 0);
}

/* Eight processes that fill what each of them may have. */
static _Noreturn int
act_memory_bomb(void)
{
	const size_t step = 4UL << 20;
	char *p;

	for (int i = 0; i < 3; i++)
		(void)fork();
	for (;;) {
		p = mmap(NULL, step, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; p != MAP_FAILED && i < step; i += 4096)
			p[i] = 1;
	}
}

static _Noreturn int
act_stop(void)
{
	(void)kill(getppid(), SIGSTOP);
	for (;;)
		(void)pause();
}

/* It stands still for a moment and goes on, as does who waits for it; what does
 * that to it stands still for good. */
static int
act_stop_cont(void)
{
	const pid_t self = getpid(), child = fork();

	if (child == 0) {
		(void)kill(self, SIGSTOP);
		(void)usleep(300000);
		(void)kill(self, SIGCONT);
		for (;;)
			(void)raise(SIGSTOP);
	}
	(void)kill(getppid(), SIGSTOP);
	(void)usleep(600000);
	(void)kill(getppid(), SIGCONT);
	return child < 0 ? errno : 0;
}

static _Noreturn int
act_burn(void)
{
	for (;;)
		;
}

/* An honest one that computes for @arg seconds, whatever it gets done. */
static int
act_work(void)
{
	time_t end = time(NULL) + number();

	while (time(NULL) < end)
		continue;
	return 0;
}

/* Many of them, each of which has used little. */
static _Noreturn int
act_burn_all(void)
{
	for (int i = 0; i < 4; i++)
		(void)fork();
	(void)act_burn();
}

static _Noreturn int
act_sleep(void)
{
	for (;;)
		(void)pause();
}

/* A long compile that says something, and in the end works. */
static int
act_nap(void)
{
	(void)sleep((unsigned)number());
	(void)dprintf(2, "a warning after a nap\n");
	return 0;
}

/* … or does not. */
static int
act_nap_fail(void)
{
	(void)act_nap();
	_exit(1);
}

static _Noreturn int
act_fail(void)
{
	(void)dprintf(2, "failed\n");
	_exit(1);
}

/* Success without an object. */
static _Noreturn int
act_no_object(void)
{
	_exit(0);
}

/* More messages than anybody reads. */
static int
act_chatter(void)
{
	static char text[65536];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 1024; i++)
		if (write(2, text, sizeof(text)) < 0)
			return errno;
	return 0;
}

/* All memory that there is, and then failure. */
static _Noreturn int
act_hog(void)
{
	const size_t step = 1UL << 20;
	char *p;

	for (;;) {
		p = mmap(NULL, step, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			break;
		memset(p, 1, step);
	}
	(void)act_fail();
}

static void
wake_up(int sig)
{
	(void)sig;
}

static void obey_line(char *line);

/* What @arg says, once somebody outside sends SIGUSR1. */
static int
act_late(void)
{
	(void)signal(SIGUSR1, wake_up);
	(void)pause();
	obey_line(strdup(arg));
	return 0;
}

static int
act_pair(void)
{
	pairs_main(arg);
	return 0;
}

/* A forbidden call of the compiler itself, not of a child. */
static int
act_violate(void)
{
	return done(syscall(SYS_kcmp, 0, 0, 0, 0, 0));
}

static void *
violate_in_thread(void *ret)
{
	*(int *)ret = act_violate();
	return NULL;
}

static void *
violate_for_ever(void *unused)
{
	for (;;)
		(void)act_violate();
	return unused;
}

/* Sixty at once, threads of processes. */
static _Noreturn int
act_flood(void)
{
	pthread_t t;

	for (int i = 0; i < 19; i++)
		if (fork() == 0)
			break;
	for (int i = 0; i < 2; i++)
		(void)pthread_create(&t, NULL, violate_for_ever, NULL);
	for (;;)
		(void)act_violate();
}

static int
act_thread(void)
{
	int e = 0;
	pthread_t t;

	if (pthread_create(&t, NULL, violate_in_thread, &e) != 0)
		return ENOMEM;
	(void)pthread_join(t, NULL);
	return e;
}

/* Everything that this uid can reach, itself last. */
static int
act_kill_all(void)
{
	return done(kill(-1, SIGKILL));
}

static int
act_raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return errno;
	l.rlim_cur = l.rlim_max = l.rlim_max + 1;
	return done(setrlimit(RLIMIT_NOFILE, &l));
}

static int
act_fds(void)
{
	for (int i = 0; i < 1000; i++)
		if (dup(0) < 0)
			return errno;
	return 0;
}

static int
act_memory(void)
{
	/* 64 GiB of addresses */
	for (int i = 0; i < 64; i++)
		if (mmap(NULL, 1UL << 30, PROT_READ | PROT_WRITE,
		        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
		    MAP_FAILED)
			return errno;
	return 0;
}

static int
act_setgroups(void)
{
	return done(syscall(SYS_setgroups, 0, NULL));
}

static int
act_capset(void)
{
	uint32_t head[2] = { 0x20080522, 0 }, data[6];

	if (syscall(SYS_capget, head, data) < 0)
		return errno;
	return done(syscall(SYS_capset, head, data));
}

static int
act_lock(void)
{
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET,
		.l_len = 1 };
	int fd = open(arg, O_RDONLY);

	return fd < 0 ? errno : done(fcntl(fd, F_GETLK, &l));
}

/* -- network -- */

static int
act_socket(void)
{
	int family = number(), e = 0;

	for (int type = 1; type <= 10; type++) {
		if (socket(family, type, 0) >= 0)
			return 0;
		if (errno != EAFNOSUPPORT)
			e = errno;
	}
	return e != 0 ? e : EAFNOSUPPORT;
}

static int
act_all_sockets(void)
{
	for (int family = 0; family < 64; family++)
		for (int type = 1; type <= 10; type++)
			if (socket(family, type, 0) >= 0)
				return 0;
	return errno;
}

static int
act_connect(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number()),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	return s < 0 ? errno : done(connect(s, (void *)&a, sizeof(a)));
}

static int
act_socketpair(void)
{
	int sv[2];

	return done(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
}

static int
act_send_fd(void)
{
	struct msghdr mh = { .msg_iovlen = 0 };

	return done(sendmsg(1, &mh, 0)) == ENOTSOCK ? 0 : errno;
}

static int
act_abstract(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "%s", arg);
	return s < 0 ? errno : done(bind(s, (void *)&a, sizeof(a)));
}

/* -- the kernel by its calls: attacker_calls.h -- */

static int
act_call(const struct call *c)
{
	return done(syscall(c->number, c->a[0], c->a[1], c->a[2], c->a[3],
	    c->a[4], c->a[5]));
}

#ifdef __x86_64__
static int
act_int80(void)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory", "r8",
	    "r9", "r10", "r11"); /* getpid of i386 */
	return r > 0 ? 0 : (int)-r;
}

static int
act_x32(void)
{
	return done(syscall(0x40000000L | SYS_getpid));
}
#endif

static int
act_nothing(void)
{
	return 0;
}

static const struct act acts[] = {
	{ "nothing", act_nothing, false },
	{ "read", act_read, false },
	{ "stat", act_stat, false },
	{ "readdir", act_readdir, false },
	{ "create", act_create, false },
	{ "overwrite", act_overwrite, false },
	{ "truncate", act_truncate, false },
	{ "unlink", act_unlink, false },
	{ "rename-away", act_rename_away, false },
	{ "rename-over", act_rename_over, false },
	{ "chmod", act_chmod, false },
	{ "utimes", act_utimes, false },
	{ "hardlink", act_hardlink, false },
	{ "mkdir", act_mkdir, false },
	{ "symlink", act_symlink, false },
	{ "fifo", act_fifo, false },
	{ "device", act_device, false },
	{ "setuid-bit", act_setuid_bit, false },
	{ "chown", act_chown, false },
	{ "xattr", act_xattr, false },
	{ "dotdot-fd", act_dotdot_fd, false },
	{ "huge-file", act_huge_file, false },
	{ "by-handle", act_by_handle, false },
	{ "leftover-fds", act_leftover_fds, false },
	{ "stdio", act_stdio, false },
	{ "exec-copy", act_exec_copy, false },
	{ "exec", act_exec, false },
	{ "exec-script", act_exec_script, false },
	{ "exec-memfd", act_exec_memfd, false },
	{ "execveat", act_execveat, false },
	{ "map-wx", act_map_wx, false },
	{ "map-x", act_map_x, false },
	{ "protect-x", act_protect_x, false },
	{ "map-file-x", act_map_file_x, false },
	{ "map-shared-x", act_map_shared_x, false },
	{ "kill0", act_kill0, false },
	{ "outer-group", act_outer_group, false },
	{ "traceme", act_traceme, false },
	{ "peek", act_peek, false },
	{ "forks", act_forks, false },
	{ "hold-forks", act_hold_forks, true },
	{ "daemon", act_daemon, false },
	{ "fork-bomb", act_fork_bomb, true },
	{ "memory-bomb", act_memory_bomb, true },
	{ "stop", act_stop, false },
	{ "stop-cont", act_stop_cont, false },
	{ "burn", act_burn, true },
	{ "burn-all", act_burn_all, true },
	{ "work", act_work, true },
	{ "sleep", act_sleep, true },
	{ "nap", act_nap, true },
	{ "nap-fail", act_nap_fail, true },
	{ "fail", act_fail, true },
	{ "no-object", act_no_object, true },
	{ "chatter", act_chatter, true },
	{ "hog", act_hog, true },
	{ "late", act_late, true },
	{ "pair", act_pair, true },
	{ "violate", act_violate, true },
	{ "thread", act_thread, false },
	{ "flood", act_flood, true },
	{ "kill-all", act_kill_all, true },
	{ "raise-limit", act_raise_limit, false },
	{ "fds", act_fds, false },
	{ "memory", act_memory, false },
	{ "setgroups", act_setgroups, false },
	{ "capset", act_capset, false },
	{ "lock", act_lock, false },
	{ "socket", act_socket, false },
	{ "all-sockets", act_all_sockets, false },
	{ "connect", act_connect, false },
	{ "socketpair", act_socketpair, false },
	{ "send-fd", act_send_fd, false },
	{ "abstract", act_abstract, false },
#ifdef __x86_64__
	{ "int80", act_int80, false },
	{ "x32", act_x32, false },
#endif
	{ NULL, NULL, false },
};

#define COUNT(t) (sizeof(t) / sizeof((t)[0]))

/* Run @name's act in a child, so that what kills it can be told. */
static void
verdict_of(const char *name, int (*fn)(void), const struct call *c)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn != NULL ? fn() : act_call(c));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		(void)snprintf(said, sizeof(said), "no child");
	else if (WIFSIGNALED(status))
		(void)snprintf(said, sizeof(said), "SIG%d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		(void)snprintf(said, sizeof(said), "OK");
	else
		(void)snprintf(said, sizeof(said), "%d", WEXITSTATUS(status));
	(void)dprintf(2, "VERDICT %s %s\n", name, said);
}

static const struct act *
act_named(const char *name)
{
	static const struct act *const all[] = { acts, more_acts,
		resource_acts };

	for (size_t i = 0; i < COUNT(all); i++)
		for (const struct act *a = all[i]; a->name != NULL; a++)
			if (strcmp(a->name, name) == 0)
				return a;
	return NULL;
}

static void
perform(const char *name)
{
	const struct act *a = act_named(name);

	if (a != NULL) {
		if (a->here)
			(void)a->fn();
		else
			verdict_of(name, a->fn, NULL);
		return;
	}
	for (size_t i = 0; i < COUNT(calls); i++) {
		if (strcmp(calls[i].name, name) == 0) {
			verdict_of(name, NULL, &calls[i]);
			return;
		}
	}
	(void)dprintf(2, "VERDICT %s unknown\n", name);
}

/* -- the compiler -- */

/* "NAME [ARG]" */
static void
obey_line(char *line)
{
	char *end = strchr(line, ' ');

	if (end != NULL)
		*end = '\0';
	arg = end != NULL ? end + 1 : "";
	perform(line);
}

/* "attack NAME [ARG]\n" at the start of a source. */
static void
obey(const char *source)
{
	static char line[4096];
	char *end;
	int fd = open(source, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n < 8 || strncmp(line, "attack ", 7) != 0)
		return;
	end = strchr(line, '\n');
	if (end != NULL)
		*end = '\0';
	obey_line(line + 7);
}

/* As gcc-98 it has no assembler, so that each node here has a compiler that it
 * must turn down.  gcc-97 is the same program, linked with shared libraries. */
static int
answer(const char *what, const char *self)
{
	bool whole = strstr(self, "-98") == NULL;
	const char *dash = strrchr(self, '-');

	if (strcmp(what, "-v") == 0) {
		(void)dprintf(2, "Target: x86_64-linux-gnu\n"
		    "gcc version %s.0.0 (attacker)\n"
		    "#include <...> search starts here:\n"
		    " /usr/local/include\n"
		    "End of search list.\n", dash != NULL ? dash + 1 : "99");
		return 0;
	}
	if (strcmp(what, "-print-prog-name=cc1") == 0 ||
	    (whole && strcmp(what, "-print-prog-name=as") == 0))
		(void)dprintf(1, "%s\n", self);
	else
		(void)dprintf(1, "/none\n");
	return 0;
}

static int
compile(int argc, char **argv)
{
	const char *to = NULL, *source = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0 ||
		    strncmp(argv[i], "-print-", 7) == 0)
			return answer(argv[i], argv[0]);
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			to = argv[++i];
		else if (strncmp(argv[i], "-x", 2) == 0 && argv[i][2] == '\0')
			i++;
		else if (argv[i][0] != '-')
			source = argv[i];
	}
	if (to == NULL || source == NULL)
		return strcmp(argv[argc - 1], "--nothing") == 0 ? 0 : 1;
	obey(source);
	return object_made ||
	    make_file(to, object, strlen(object), 0644) == 0 ? 0 : 1;
}

/* What escape.py looks for in the node's record. */
static int
print_calls(void)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		(void)printf("%s %ld\n", calls[i].name, calls[i].number);
	(void)printf("thread %ld\n", (long)SYS_kcmp);
	(void)printf("int80 20\nx32 %ld\n", 0x40000000L | SYS_getpid);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--calls") == 0)
		return print_calls();
	if (argc >= 4 && strcmp(argv[1], "--act") == 0) {
		out = argv[2];
		arg = argc > 4 ? argv[4] : "";
		perform(argv[3]);
		return 0;
	}
	return compile(argc, argv);
}
