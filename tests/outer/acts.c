/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See acts.h.  Every act aims at what tests/outer/run has made for it, or
 * changes nothing where it goes through: files are opened, not written, except
 * those in a directory immure-outer and the log's neighbours.  Linked into
 * programs of glibc and into static stages of musl, so by system calls where
 * libc differs.
 */
#include "acts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/common/imsg.h"
#include "node/common/message.h"

/* libc has them, but no header. */
int capget(cap_user_header_t, cap_user_data_t);
int capset(cap_user_header_t, const cap_user_data_t);

#define DIR	    "/run/immure-outer/"
#define LOGS	    "/var/log/immure/"
#define NODE_PORT   3632 /* the node itself listens there, on TEST_NET too */
#define OWN_PORT    3640
#define CONNECT_MS  2000
#define SIGNALLED   1000
#define PLAN_MARK   "IMMURE-OUTER-PLAN:"
#define ROOM_MARGIN 32

/* Of an act that aims at no file. */
#define UNUSED                                                                 \
	const char *no_path __attribute__((unused)),                           \
	    int no_arg __attribute__((unused))

/* Not static and not constant: it is changed in the file. */
volatile char outer_plan_words[] = PLAN_MARK "........";

bool
outer_plan(char letter)
{
	for (unsigned i = sizeof(PLAN_MARK) - 1; outer_plan_words[i] != '\0';
	     i++)
		if (outer_plan_words[i] == letter)
			return true;
	return false;
}

static int
done(long r)
{
	return r < 0 ? errno : 0;
}

/* -- files -- */

static int
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0644);
	int e = done(fd);

	if (fd >= 0)
		(void)close(fd);
	return e;
}

static int
reads(const char *path, int unused)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char c;
	int e = done(fd);

	(void)unused;
	if (fd < 0)
		return e;
	e = done(read(fd, &c, 1));
	(void)close(fd);
	return e;
}

/* A name that no neighbour takes at the same time: @path, @sign and numbers. */
static int
creates(const char *path, int sign)
{
	char mine[160];
	struct timespec t;
	int e;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	(void)snprintf(mine, sizeof(mine), "%s%c%ld.%d", path, sign, t.tv_nsec,
	    (int)getpid());
	e = opens(mine, O_WRONLY | O_CREAT | O_EXCL);
	if (e == 0)
		(void)unlink(mine);
	return e;
}

static int
truncates(const char *path, int unused)
{
	(void)unused;
	return done(truncate(path, 0));
}

/* There and back again: whoever comes next finds it too. */
static int
unlinks(const char *path, int unused)
{
	int e = done(unlink(path));

	(void)unused;
	if (e == 0)
		(void)opens(path, O_WRONLY | O_CREAT);
	return e;
}

/* -- programs and code -- */

static int
runs(const char *path, const char *const argv[])
{
	static const char *const env[] = { NULL };

	(void)execve(path, (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)env);
	return errno;
}

static int
exec_sh(const char *path, int unused)
{
	static const char *const argv[] = { "sh", "-c", "exit 0", NULL };

	(void)unused;
	return runs(path, argv);
}

/* Static, and in a directory that anybody may write to. */
static int
exec_out(const char *path, int unused)
{
	static const char *const argv[] = { "launch", "--help", NULL };

	(void)unused;
	return runs(path, argv);
}

static int
forks(UNUSED)
{
	pid_t pid = fork();
	int e = done(pid);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return e;
}

static int
maps(int prot, int flags, int fd)
{
	void *p = mmap(NULL, 4096, prot, flags, fd, 0);
	int e = p == MAP_FAILED ? errno : 0;

	if (p != MAP_FAILED)
		(void)munmap(p, 4096);
	return e;
}

static int
map_wx(UNUSED)
{
	return maps(PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* Written first: only a page that was is new code. */
static int
protect_x(UNUSED)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int e;

	if (p == MAP_FAILED)
		return errno;
	p[0] = 1;
	e = done(mprotect(p, 4096, PROT_READ | PROT_EXEC));
	(void)munmap(p, 4096);
	return e;
}

static int
map_memfd_x(UNUSED)
{
	int fd = (int)syscall(SYS_memfd_create, "outer", 1U /* CLOEXEC */);
	int e = done(fd);

	if (fd < 0)
		return e;
	e = done(ftruncate(fd, 4096));
	if (e == 0)
		e = maps(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
	(void)close(fd);
	return e;
}

/* -- the network -- */

static int
dials(const void *addr, socklen_t len, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int e = done(fd);

	if (fd < 0)
		return e;
	e = done(connect(fd, addr, len));
	if (e == EINPROGRESS) {
		e = ETIMEDOUT;
		if (poll(&p, 1, CONNECT_MS) > 0)
			(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
	}
	(void)close(fd);
	return e;
}

#define TEST_NET htonl(0xc0000201) /* 192.0.2.1 */

static int
connect_v4(UNUSED)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(NODE_PORT),
		.sin_addr.s_addr = TEST_NET };

	return dials(&a, sizeof(a), AF_INET);
}

static int
connect_v6(UNUSED)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
		.sin6_port = htons(NODE_PORT) };
	static const uint8_t doc[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	memcpy(&a.sin6_addr, doc, sizeof(doc));
	return dials(&a, sizeof(a), AF_INET6);
}

static int
connect_unix(const char *path, int unused)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)unused;
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%.100s", path);
	return dials(&a, sizeof(a), AF_UNIX);
}

static int
send_udp(UNUSED)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(514),
		.sin_addr.s_addr = TEST_NET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int e = done(fd);

	if (fd < 0)
		return e;
	e = done(sendto(fd, "x", 1, 0, (const void *)&a, sizeof(a)));
	(void)close(fd);
	return e;
}

static int
listen_v4(UNUSED)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(OWN_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	int e = done(fd);

	if (fd < 0)
		return e;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	e = done(bind(fd, (const void *)&a, sizeof(a)));
	if (e == 0)
		e = done(listen(fd, 1));
	(void)close(fd);
	return e == EADDRINUSE ? 0 : e; /* a neighbour is at it too */
}

static int
raw_socket(const char *unused, int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC,
	    family == AF_INET ? IPPROTO_ICMP : 0);
	int e = done(fd);

	(void)unused;
	if (fd >= 0)
		(void)close(fd);
	return e;
}

/* -- neighbours: the parent; a cell's pid 1 sees none -- */

static int
ptrace_parent(UNUSED)
{
	const pid_t pid = getppid();
	int e = EPERM;

	if (pid <= 0)
		return -1;
	/* Perhaps another child of it is at it. */
	for (int i = 0; e == EPERM && i < 10; i++) {
		if (i > 0)
			(void)poll(NULL, 0, 20);
		e = done(syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0));
	}
	if (e != 0)
		return e;
	(void)syscall(SYS_ptrace, PTRACE_INTERRUPT, pid, 0, 0);
	(void)waitpid(pid, NULL, __WALL);
	(void)syscall(SYS_ptrace, PTRACE_DETACH, pid, 0, 0);
	return 0;
}

/* Of no effect on who has not stopped. */
static int
signal_parent(UNUSED)
{
	return getppid() <= 0 ? -1 : done(kill(getppid(), SIGCONT));
}

static int
open_parent(const char *proc, int flags)
{
	char path[128];

	if (getppid() <= 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%d/mem", proc, (int)getppid());
	return opens(path, flags);
}

/* -- the kernel -- */

static int
mounts(const char *path, int unused)
{
	int e = done(mount("outer", path, "tmpfs", 0, NULL));

	(void)unused;
	if (e == 0)
		(void)umount2(path, MNT_DETACH);
	return e;
}

/* What is no module is found out only behind every permission. */
static int
load_module(UNUSED)
{
	static const char none[64];
	int e = done(syscall(SYS_init_module, none, sizeof(none), ""));

	return e == ENOEXEC ? 0 : e;
}

static int
bpf_map(UNUSED)
{
	union bpf_attr a;
	long fd;

	memset(&a, 0, sizeof(a));
	a.map_type = BPF_MAP_TYPE_ARRAY;
	a.key_size = a.value_size = 4;
	a.max_entries = 1;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a));
	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

static int
perf_event(UNUSED)
{
	struct perf_event_attr a;
	long fd;

	memset(&a, 0, sizeof(a));
	a.type = PERF_TYPE_SOFTWARE;
	a.size = sizeof(a);
	a.config = PERF_COUNT_SW_CPU_CLOCK;
	fd = syscall(SYS_perf_event_open, &a, 0, -1, -1, 8UL /* CLOEXEC */);
	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

static int
add_key(UNUSED)
{
	return done(syscall(SYS_add_key, "user", "outer", "x", 1,
	    -2 /* KEY_SPEC_PROCESS_KEYRING */));
}

static int
uring(UNUSED)
{
	uint8_t params[120] = { 0 };
	long fd = syscall(425 /* io_uring_setup */, 1, params);

	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

static int
userfault(UNUSED)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

/* Where it is 0 already: to another one, which takes the same right. */
static int
new_uid(UNUSED)
{
	return done(syscall(SYS_setresuid, -1, geteuid() == 0 ? 1 : 0, -1));
}

/* By syscall(2), as below: libc's functions are among the calls that are walled
 * off (walls_*.c). */
static int
unshares(const char *unused, int flags)
{
	(void)unused;
	return done(syscall(SYS_unshare, flags));
}

static int
new_root(const char *unused, int arg)
{
	(void)unused;
	(void)arg;
	return done(chroot("/"));
}

static int
hostname(UNUSED)
{
	char name[65] = "";

	if (gethostname(name, sizeof(name) - 1) < 0)
		return errno;
	return done(syscall(SYS_sethostname, name, strlen(name)));
}

static const struct act {
	const char *name;
	/* errno; 0: it went through; -1: there is nobody to do it to */
	int (*fn)(const char *path, int arg);
	const char *path; /* of the host */
	int arg;
	bool apart;
} acts[] = {
	{ "read-passwd", reads, "/etc/passwd", 0, false },
	{ "read-shadow", reads, "/etc/shadow", 0, false },
	{ "read-key", reads, "/etc/immure/outer.key", 0, false },
	{ "read-environ", reads, "/proc/1/environ", 0, false },
	{ "read-audit", reads, LOGS "outer.audit", 0, false },
	{ "write-audit", opens, LOGS "outer.audit", O_WRONLY, false },
	{ "truncate-log", truncates, LOGS "outer.old", 0, false },
	{ "unlink-log", unlinks, LOGS "outer.gone", 0, false },
	{ "create-log", creates, LOGS "outer.new", '.', false },
	{ "write-out", creates, DIR "out/file", '.', false },
	{ "write-srv", creates, "/srv/immure-outer/file", '.', false },
	{ "write-tool", creates, "/opt/immure-outer/bin/gcc", '-', false },
	{ "write-library", creates, "/opt/immure-outer/bin/x.so", '.', false },
	{ "exec-sh", exec_sh, "/bin/sh", 0, true },
	{ "exec-out", exec_out, DIR "out/program", 0, true },
	{ "fork", forks, NULL, 0, false },
	{ "map-wx", map_wx, NULL, 0, false },
	{ "protect-x", protect_x, NULL, 0, false },
	{ "map-memfd-x", map_memfd_x, NULL, 0, false },
	{ "connect-v4", connect_v4, NULL, 0, false },
	{ "connect-v6", connect_v6, NULL, 0, false },
	{ "connect-unix", connect_unix, DIR "job.sock", 0, false },
	{ "send-udp", send_udp, NULL, 0, false },
	{ "listen-v4", listen_v4, NULL, 0, false },
	{ "raw-socket", raw_socket, NULL, AF_INET, false },
	{ "packet-socket", raw_socket, NULL, AF_PACKET, false },
	{ "netlink-socket", raw_socket, NULL, AF_NETLINK, false },
	{ "ptrace-parent", ptrace_parent, NULL, 0, false },
	{ "signal-parent", signal_parent, NULL, 0, false },
	{ "open-parent-mem", open_parent, "/proc", O_RDONLY, false },
	{ "mount", mounts, DIR "mnt", 0, false },
	{ "load-module", load_module, NULL, 0, false },
	{ "bpf", bpf_map, NULL, 0, false },
	{ "perf-event", perf_event, NULL, 0, false },
	{ "add-key", add_key, NULL, 0, false },
	{ "io-uring", uring, NULL, 0, false },
	{ "userfaultfd", userfault, NULL, 0, false },
	{ "setuid-0", new_uid, NULL, 0, true },
	{ "chroot", new_root, NULL, 0, true },
	{ "user-ns", unshares, NULL, CLONE_NEWUSER, true },
	{ "net-ns", unshares, NULL, CLONE_NEWNET, true },
	{ "sethostname", hostname, NULL, 0, false },
	{ "dev-mem", opens, "/dev/mem", O_RDONLY, false },
	{ "dev-kmsg", opens, "/dev/kmsg", O_RDONLY, false },
	{ "core-pattern", opens, "/proc/sys/kernel/core_pattern", O_WRONLY,
	    false },
	{ "sysrq", opens, "/proc/sysrq-trigger", O_WRONLY, false },
	{ "cgroup-procs", opens, DIR "cg/cgroup.procs", O_WRONLY, false },
};

/* Who has left the host's root sees it as /.. (walls_zygote.c). */
static int
attempt_there(const struct act *a)
{
	static const char *const hosts[] = { "", "/.." };
	char path[100];
	int e = ENOENT;

	if (a->path == NULL)
		return a->fn(NULL, a->arg);
	for (unsigned i = 0; e == ENOENT && i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", hosts[i], a->path);
		e = a->fn(path, a->arg);
	}
	return e;
}

/* What is not there just now a neighbour has perhaps removed (unlinks). */
static int
attempt(const struct act *a)
{
	int e = attempt_there(a);

	for (int i = 0; e == ENOENT && a->fn == unlinks && i < 20; i++) {
		(void)poll(NULL, 0, 20);
		e = attempt_there(a);
	}
	return e;
}

static int
attempt_it(const void *act)
{
	return attempt(act);
}

/* In a child, if there may be one: what it does to itself goes with it.  Else
 * here, for who may not fork may still do that. */
int
outer_behind(const struct filter *f, int (*install)(const struct filter *),
    int (*fn)(const void *), const void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return fn(arg);
	if (pid == 0)
		_exit(f != NULL && install(f) != 0 ? ENOTRECOVERABLE : fn(arg));
	if (waitpid(pid, &status, 0) != pid)
		return ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : SIGNALLED + WTERMSIG(status);
}

static void
say(int sock, const char *text)
{
	struct imsg_audit_event e;

	if (sock < 0) {
		(void)dprintf(2, "outer.act: %s\n", text);
		return;
	}
	memset(&e, 0, sizeof(e));
	e.level = 5; /* LOG_NOTICE */
	memcpy(e.word, "outer.act", sizeof("outer.act"));
	(void)snprintf(e.text, sizeof(e.text), "%s", text);
	while (msg_send(sock, IMSG_AUDIT_EVENT, 0, &e, sizeof(e), NULL, 0) ==
	       -EAGAIN)
		(void)poll(NULL, 0, 10);
}

void
outer_acts(const char *who, int sock, const struct filter *f,
    int (*install)(const struct filter *))
{
	const struct filter *behind = outer_plan('F') ? f : NULL;
	char text[sizeof(((struct imsg_audit_event *)0)->text)];
	size_t n = 0;
	int e;

	if (!outer_plan('A'))
		return;
	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (n == 0)
			n = (size_t)snprintf(text, sizeof(text), "%s", who);
		e = acts[i].apart || behind != NULL
			? outer_behind(behind, install, attempt_it, &acts[i])
			: attempt(&acts[i]);
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, " %s=%d", acts[i].name, e);
		if (n < sizeof(text) - ROOM_MARGIN)
			continue;
		say(sock, text);
		n = 0;
	}
	if (n > 0)
		say(sock, text);
	(void)snprintf(text, sizeof(text), "%s all", who);
	say(sock, text);
}

void
outer_all_caps(struct __user_cap_data_struct *d)
{
	memset(d, 0, 2 * sizeof(*d));
	for (unsigned long c = 0; c < 64; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			d[c / 32].permitted |= 1U << c % 32;
	for (int i = 0; i < 2; i++)
		d[i].effective = d[i].inheritable = d[i].permitted;
}

int
outer_take_caps(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct d[2];

	outer_all_caps(d);
	if (capset(&head, d) == 0)
		return 0;
	if (capget(&head, d) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		d[i].effective = d[i].inheritable = d[i].permitted;
	return capset(&head, d) < 0 ? -errno : 0;
}

int
outer_keep_caps(void)
{
	int r = outer_take_caps();

	for (unsigned long c = 0; r == 0 && c < 64; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1 &&
		    syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c,
			0, 0) < 0 &&
		    errno != EPERM)
			r = -errno;
	return r;
}
