/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attempt NAME [ARG]: one act that a jailed command must not manage.  Exit
 * status 0: it worked; 1: refused, the errno's text on stdout.  A filter that
 * kills shows as SIGSYS.  The tests run each outside too, where it must work:
 * an attempt that fails everywhere shows nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKS_MAX 4096

/* Each returns whether the act worked; errno says why not. */

static bool
read_file(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &c, 1) == 1;
}

static bool
list_dir(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
}

static bool
write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	return fd >= 0 && write(fd, "x", 1) == 1;
}

static bool
make_symlink(const char *path)
{
	return symlink("/etc/passwd", path) == 0;
}

static bool
set_uid_bit(const char *path)
{
	struct stat st;

	return write_file(path) && chmod(path, 04755) == 0 &&
	    stat(path, &st) == 0 && (st.st_mode & S_ISUID) != 0;
}

/* This program, once more, at @path. */
static bool
copy_self(const char *path)
{
	static char bytes[4 << 20];
	int in = open("/attempt", O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	if (in < 0)
		in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	n = in < 0 || out < 0 ? -1 : read(in, bytes, sizeof(bytes));
	if (n <= 0 || write(out, bytes, (size_t)n) != n) {
		perror("copy");
		exit(2); /* the attempt itself is broken */
	}
	close(out);
	return true;
}

static bool
exec_own(const char *path)
{
	char *argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)"true",
		NULL };

	copy_self(path);
	execv(path, argv);
	return false;
}

static bool
map_own(const char *path)
{
	int fd;

	copy_self(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE,
	    fd, 0) != MAP_FAILED;
}

static bool
map_writable_code(const char *arg)
{
	(void)arg;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
protect_code(const char *arg)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
make_memfd(const char *arg)
{
	(void)arg;
	return memfd_create("x", 0) >= 0;
}

static bool
net_udp(const char *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	return fd >= 0 && sendto(fd, "x", 1, 0, (struct sockaddr *)&to,
	    sizeof(to)) == 1;
}

static bool
net_listen(const char *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	return fd >= 0 && listen(fd, 1) == 0;
}

static bool
unix_socket(const char *arg)
{
	int pair[2];

	(void)arg;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

static bool
trace(const char *arg)
{
	pid_t pid = fork();
	bool works;

	(void)arg;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	works = ptrace(PTRACE_SEIZE, pid, 0, 0) == 0;
	kill(pid, SIGKILL);
	return works;
}

static bool
signal_process(const char *pid)
{
	return kill((pid_t)strtol(pid, NULL, 10), 0) == 0;
}

static bool
new_user_ns(const char *arg)
{
	(void)arg;
	return unshare(CLONE_NEWUSER) == 0;
}

static bool
clone_user_ns(const char *arg)
{
	long pid = syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	(void)arg;
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool
mount_tmp(const char *path)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount("none", path, "tmpfs", 0, NULL) == 0;
}

static bool
become_root(const char *arg)
{
	(void)arg;
	return setresuid(0, 0, 0) == 0;
}

static bool
shared_memory(const char *arg)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	(void)arg;
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return id >= 0;
}

static bool
key(const char *arg)
{
	(void)arg;
	/* KEYCTL_GET_KEYRING_ID of the session keyring, created if need be */
	return syscall(__NR_keyctl, 0, -3, 1) > 0;
}

static bool
uring(const char *arg)
{
	char params[256];

	(void)arg;
	memset(params, 0, sizeof(params));
	return syscall(__NR_io_uring_setup, 1, params) >= 0;
}

static bool
raise_limit(const char *arg)
{
	struct rlimit l;

	(void)arg;
	/* within what even an ordinary root may: back to the hard limit that
	 * the caller had */
	getrlimit(RLIMIT_NPROC, &l);
	return l.rlim_max > 100;
}

static bool
forks(const char *count)
{
	long n = strtol(count, NULL, 10), made = 0;
	static pid_t pids[FORKS_MAX];
	int e = 0;

	while (made < n && made < FORKS_MAX) {
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0) {
			e = errno;
			break;
		}
		pids[made++] = pid;
	}
	for (long i = 0; i < made; i++)
		kill(pids[i], SIGKILL);
	errno = e;
	return made == n;
}

/* Address space, not memory: nothing is touched. */
static bool
map_mib(const char *count)
{
	size_t len = (size_t)strtoul(count, NULL, 10) << 20;

	return mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

/* 2 MiB into a file. */
static bool
fill(const char *path)
{
	static char block[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (int i = 0; fd >= 0 && i < 32; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return false;
	}
	return fd >= 0;
}

/* A process that outlives its parents, with a name the test looks for. */
static bool
daemonize(const char *name)
{
	char *argv[] = { (char *)(uintptr_t)name, (char *)(uintptr_t)"20",
		NULL };

	if (fork() != 0)
		return true;
	setsid();
	if (fork() != 0)
		_exit(0);
	execv("/usr/bin/sleep", argv);
	_exit(1);
}

static bool
inherited(const char *fd)
{
	return fcntl((int)strtol(fd, NULL, 10), F_GETFD) >= 0;
}

static bool
host_name(const char *host)
{
	char name[256];

	return gethostname(name, sizeof(name)) == 0 && strcmp(name, host) == 0;
}

static bool
nothing(const char *arg)
{
	(void)arg;
	return true;
}

static const struct {
	const char *name;
	bool (*act)(const char *arg);
} attempts[] = {
	{ "true", nothing },
	{ "read", read_file },
	{ "list", list_dir },
	{ "write", write_file },
	{ "symlink", make_symlink },
	{ "set-uid-bit", set_uid_bit },
	{ "exec-own", exec_own },
	{ "map-own", map_own },
	{ "map-wx", map_writable_code },
	{ "protect-x", protect_code },
	{ "memfd", make_memfd },
	{ "net-udp", net_udp },
	{ "net-listen", net_listen },
	{ "unix-socket", unix_socket },
	{ "ptrace", trace },
	{ "signal", signal_process },
	{ "unshare", new_user_ns },
	{ "clone-user", clone_user_ns },
	{ "mount", mount_tmp },
	{ "setuid", become_root },
	{ "shm", shared_memory },
	{ "keyctl", key },
	{ "io-uring", uring },
	{ "limit", raise_limit },
	{ "forks", forks },
	{ "map-mib", map_mib },
	{ "fill", fill },
	{ "daemon", daemonize },
	{ "fd", inherited },
	{ "host-name", host_name },
};

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		if (strcmp(attempts[i].name, name) != 0)
			continue;
		errno = 0;
		if (attempts[i].act(argc > 2 ? argv[2] : ""))
			return 0;
		puts(strerror(errno));
		return 1;
	}
	fprintf(stderr, "attempt: no attempt \"%s\"\n", name);
	return 2;
}
