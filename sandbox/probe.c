/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forbidden acts that fail with an errno.  They run in each prepared cell, so
 * they are few and leave nothing behind.  The errno is part of the answer
 * where two layers refuse the same act: a read-only mount says EROFS before
 * Landlock says EACCES, so the loss of one shows although the other holds.
 *
 * Linked into static stages: only system calls, no allocation, no stdio.
 */
#include "probe_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel_abi.h"

#define IMAGE "/.immure" /* node/cell/cell_paths.h; absent in other jails */
#define PIDS_LOOK 64     /* a host has a kernel thread at nearly all of them */
#define PIDS_MAX 16      /* a fresh cell has six */
#define LAUNCHER_FDS 5   /* 0, 1, 2 and the launcher's two pipes */
#define FDS_LOOK 1024

bool
probe_refused(long r, int want)
{
	return r == -1 && errno == want;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* What a root of the host would have, and no cell ever does: Landlock does
 * not hide existence, so this is the mount namespace's answer. */
static bool
root_of_host(void)
{
	static const char *const names[] = { "/etc/passwd", "/etc/machine-id",
		"/var/log", "/run/lock", "/boot",
		/* a root that pivot_root(2) left behind lies on ours, and ".."
		 * of our root leads onto it */
		"/../etc/passwd", "/../var/log", "/../boot" };
	bool there = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		there |= exists(names[i]);
	return there;
}

static bool
proc_dev_sys(void)
{
	return exists("/proc/self") || exists("/proc/version") ||
	    exists("/dev/null") || exists("/dev/zero") || exists("/sys/kernel");
}

/* The image, or the root, is the host's root's: in a user namespace that maps
 * none of the host's ids it looks like nobody's. */
static bool
ids_of_host(void)
{
	struct stat st;

	if (lstat(IMAGE, &st) != 0 && lstat("/", &st) != 0)
		return true;
	return st.st_uid == 0 || st.st_uid == getuid();
}

/*
 * Look at the low pids.  Any that takes a signal from here, itself apart, is
 * outside this Landlock domain (the killer is of the same uid).
 */
static uint64_t
processes(void)
{
	int there = 0;
	bool signalled = false;
	pid_t self = getpid();

	for (pid_t pid = 1; pid <= PIDS_LOOK; pid++) {
		if (pid == self)
			continue;
		if (kill(pid, 0) == 0)
			signalled = true;
		else if (errno == ESRCH)
			continue;
		there++;
	}
	return broken(LAYER_PID_NS, there > PIDS_MAX) |
	    broken(LAYER_LANDLOCK_SCOPE, signalled);
}

/* Making a name in @dir is refused by the mount itself. */
static bool
read_only(const char *dir)
{
	int fd, at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool held;

	if (at < 0)
		return true; /* not there */
	fd = openat(at, ".probe", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	held = probe_refused(fd, EROFS);
	if (fd >= 0) {
		close(fd);
		unlinkat(at, ".probe", 0);
	}
	held &= probe_refused(mkdirat(at, ".probe", 0700), EROFS);
	if (!held)
		unlinkat(at, ".probe", AT_REMOVEDIR);
	close(at);
	return held;
}

static bool
landlock_lets_list_root(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return !probe_refused(fd, EACCES);
}

/* A file of our own in @dir: map it as code, run it. */
static bool
runs_own_file(int dir)
{
	static char name[] = ".probe";
	static char *const argv[] = { name, NULL };
	static char *const none[] = { NULL };
	void *code;
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	bool works;

	if (fd < 0)
		return false;
	(void)!write(fd, "immure", 6); /* an empty file serves as well */
	code = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	works = code != MAP_FAILED || errno != EPERM;
	if (code != MAP_FAILED)
		munmap(code, 1);
	close(fd);
	/* the file is no program: where exec is open, that is ENOEXEC */
	if (fchdir(dir) == 0 && !probe_refused(execve(name, argv, none),
		EACCES))
		works = true;
	unlinkat(dir, name, 0);
	return works;
}

/* Every place a job could write to, as far as there is one here. */
static bool
writable_runs(void)
{
	static const char *const places[] = { "/tmp/.immure", "/tmp", "/work" };
	int home, dir;
	bool works = false;

	home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		dir = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		works |= runs_own_file(dir);
		close(dir);
	}
	if (home >= 0 && fchdir(home) == 0)
		close(home);
	return works;
}

/* Each of these works, or fails otherwise, on a kernel without our filter. */
static bool
filter_lets(void)
{
	void *p;
	int fd;
	bool lets = false;

	fd = (int)syscall(__NR_memfd_create, "probe", MFD_CLOEXEC);
	lets |= !probe_refused(fd, ENOSYS);
	if (fd >= 0)
		close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	lets |= !probe_refused(fd, EAFNOSUPPORT);
	if (fd >= 0)
		close(fd);
	lets |= !probe_refused(syscall(__NR_clone3, NULL, 0), ENOSYS);
	lets |= !probe_refused(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), EINVAL);
	/* not writable as well: that MDWE would refuse with the same errno */
	p = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	lets |= p != MAP_FAILED || errno != EACCES;
	if (p != MAP_FAILED)
		munmap(p, 1);
	return lets;
}

/* Any call that no compiler makes. */
static bool
trips_unheard(void)
{
	return !probe_refused(
	    syscall(__NR_kcmp, 0, 0, 0, 0, 0), PROBE_TRIP_ANSWER);
}

static bool
limits_open(void)
{
	struct rlimit l, more;

	if (getrlimit(RLIMIT_NPROC, &l) != 0 || l.rlim_max == RLIM_INFINITY)
		return true;
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_max == RLIM_INFINITY)
		return true;
	more = l;
	more.rlim_max++;
	return setrlimit(RLIMIT_NOFILE, &more) == 0;
}

static bool
core_open(void)
{
	struct rlimit l;

	return getrlimit(RLIMIT_CORE, &l) != 0 || l.rlim_max > 1;
}

bool
probe_descriptors(int first)
{
	struct stat st;

	for (int fd = 0; fd < FDS_LOOK; fd++) {
		if (fstat(fd, &st) != 0)
			continue;
		if (fd >= first || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ||
		    S_ISBLK(st.st_mode) || S_ISSOCK(st.st_mode))
			return true;
	}
	return false;
}

static bool
name_of_host(void)
{
	struct utsname u;

	return uname(&u) != 0 || strcmp(u.nodename, PROBE_HOSTNAME) != 0;
}

uint64_t
probe_quick(uint64_t expected)
{
	uint64_t b = 0;

	b |= broken(LAYER_FDS, probe_descriptors(LAUNCHER_FDS));
	b |= broken(LAYER_USER_NS, ids_of_host());
	b |= broken(LAYER_MOUNT_NS, root_of_host());
	b |= broken(LAYER_NO_PROC, proc_dev_sys());
	b |= broken(LAYER_UTS_NS, name_of_host());
	b |= broken(LAYER_READ_ONLY, !read_only("/") || !read_only(IMAGE));
	b |= broken(LAYER_LANDLOCK, landlock_lets_list_root());
	b |= broken(LAYER_NOEXEC, writable_runs());
	b |= broken(LAYER_SECCOMP_ERRNO, filter_lets());
	/* where nobody hears it, it kills */
	if ((expected & layer_bit(LAYER_TRIP)) != 0)
		b |= broken(LAYER_TRIP, trips_unheard());
	b |= broken(LAYER_RLIMITS, limits_open());
	b |= broken(LAYER_NO_DUMP, core_open());
	b |= processes();
	return b & expected;
}
