/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channels between two jobs that are alive at the same time (security-rules
 * 6), as arbitrary code would use them: for each a sender that does something
 * or leaves it, and a receiver that looks.  What it sees is printed; whether
 * the bits can be told from it is pairs.py's to say.  Nothing here knows of a
 * jail: outside all of it works.
 */
#include "attacker_pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIDS	 300 /* there are no more in either one's pid namespace */
#define CHILDREN 40
#define PIPES	 120  /* of one process, below a job's limit of files */
#define PIPERS	 10   /* together more than pipe-user-pages-soft allows */
#define BATCH	 1024 /* LAST_INO_BATCH of fs/inode.c */
#define KEY	 0x696d6d75
#define WORD	 ((volatile long *)0x500000000000) /* in each at the same place */
#define EVICTED	 (8 * 4096L)

static char path[512], out[512];
static int shared = -1;	   /* path */
static volatile int *page; /* path, mapped shared, untouched */
static long until;	   /* of this bit, in nanoseconds */
static volatile sig_atomic_t signals;
static long last;

static long
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void
sleep_until(long ns)
{
	const struct timespec t = { ns / 1000000000L, ns % 1000000000L };

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* What most receivers say: an answer, or what was said instead of one. */
static long
told(long r)
{
	return r < 0 ? -errno : r;
}

/* How much more than the last time. */
static long
more(long n)
{
	long d = n - last;

	last = n;
	return d;
}

static const char *
mine(const char *name)
{
	static char text[600];

	(void)snprintf(text, sizeof(text), "%s/%s", out, name);
	return text;
}

static long
number_in(const char *file, const char *after)
{
	static char text[8192];
	char *at;
	ssize_t n;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	at = strstr(text, after);
	return at == NULL ? -1 : strtol(at + strlen(after), NULL, 10);
}

/* -- locks on an inode that both may read -- */

static struct flock
lock_of(short type)
{
	return (
	    struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
}

static void
posix_send(int bit)
{
	struct flock l = lock_of(bit ? F_RDLCK : F_UNLCK);

	(void)fcntl(shared, F_SETLK, &l);
}

static long
posix_look(void)
{
	struct flock l = lock_of(F_WRLCK);

	return fcntl(shared, F_GETLK, &l) < 0 ? -errno : l.l_type != F_UNLCK;
}

static void
ofd_send(int bit)
{
	struct flock l = lock_of(bit ? F_RDLCK : F_UNLCK);

	(void)fcntl(shared, F_OFD_SETLK, &l);
}

static long
ofd_look(void)
{
	struct flock l = lock_of(F_WRLCK);

	return fcntl(shared, F_OFD_GETLK, &l) < 0 ? -errno
						  : l.l_type != F_UNLCK;
}

static void
flock_send(int bit)
{
	(void)flock(shared, bit ? LOCK_SH : LOCK_UN);
}

static long
flock_look(void)
{
	int r = flock(shared, LOCK_EX | LOCK_NB);

	(void)flock(shared, LOCK_UN);
	return told(r);
}

static void
lease_send(int bit)
{
	(void)signal(SIGIO, SIG_IGN);
	(void)fcntl(shared, F_SETLEASE, bit ? F_RDLCK : F_UNLCK);
}

static long
lease_look(void)
{
	int fd = open(path, O_RDWR | O_NONBLOCK);
	long r = told(fd);

	if (fd >= 0)
		(void)close(fd);
	return r < 0 ? r : 0;
}

/* -- futexes on a page of it -- */

static void
map_page(void)
{
	page = mmap(NULL, 16 * 4096, PROT_READ, MAP_SHARED, shared, 0);
}

static long
futex_look(void)
{
	long left = until - now_ns();
	struct timespec t = { 0, left > 0 ? left : 1 };

	if (page == MAP_FAILED)
		return -1;
	return syscall(SYS_futex, page, FUTEX_WAIT, *page, &t, NULL, 0) == 0 ? 1
	       : errno == ETIMEDOUT					     ? 0
				    : -errno;
}

static void
futex_send(int bit)
{
	const struct timespec pause = { 0, 50000 };

	while (bit && page != MAP_FAILED && now_ns() < until) {
		(void)syscall(SYS_futex, page, FUTEX_WAKE, 1, NULL, NULL, 0);
		(void)nanosleep(&pause, NULL);
	}
}

static int
thread_main(void *ctx)
{
	(void)ctx;
	return 0;
}

/* The kernel's own wake when a thread ends (set_tid_address(2)). */
static void
exit_send(int bit)
{
	static char stack[65536] __attribute__((aligned(64)));
	const struct timespec pause = { 0, 50000 };

	while (bit && page != MAP_FAILED && now_ns() < until) {
		(void)clone(thread_main, stack + sizeof(stack),
		    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			CLONE_THREAD | CLONE_CHILD_CLEARTID,
		    NULL, NULL, NULL, (void *)(uintptr_t)page);
		(void)nanosleep(&pause, NULL);
	}
}

/* -- its pages -- */

static void
fadvise_send(int bit)
{
	char c;

	if (bit)
		(void)posix_fadvise(shared, 0, 0, POSIX_FADV_DONTNEED);
	else
		(void)!pread(shared, &c, 1, EVICTED);
}

static void
pageout_send(int bit)
{
	volatile char *at = (volatile char *)(uintptr_t)page + EVICTED;

	if (page == MAP_FAILED)
		return;
	(void)*at;
	if (bit)
		(void)madvise((void *)(uintptr_t)at, 4096, MADV_PAGEOUT);
}

static long
mincore_look(void)
{
	unsigned char there;

	return mincore((char *)(uintptr_t)page + EVICTED, 4096, &there) < 0
		   ? -errno
		   : there & 1;
}

static long
cachestat_look(void)
{
	uint64_t range[2] = { EVICTED, 4096 }, stat[5];

	return syscall(451, shared, range, stat, 0) < 0 ? -errno
							: (long)stat[0];
}

/* -- who touches it -- */

static void
open_send(int bit)
{
	char c;
	int fd;

	if (!bit)
		return;
	fd = open(path, O_RDONLY);
	(void)!read(fd, &c, 1);
	(void)close(fd);
}

static int watcher;

static void
inotify_begin(void)
{
	watcher = inotify_init1(IN_NONBLOCK);
	(void)inotify_add_watch(watcher, path, IN_OPEN);
}

static void
fanotify_begin(void)
{
	watcher = fanotify_init(
	    FAN_CLASS_NOTIF | FAN_NONBLOCK | FAN_REPORT_FID, O_RDONLY);
	(void)fanotify_mark(watcher, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, path);
}

static long
events_look(void)
{
	static char text[8192];
	ssize_t n = read(watcher, text, sizeof(text));

	return n < 0 ? -errno : n > 0;
}

static void
count_signal(int n)
{
	(void)n;
	signals++;
}

static long
signals_look(void)
{
	return more(signals);
}

static void
signals_begin(void)
{
	(void)signal(SIGUSR1, count_signal);
}

static void
dnotify_begin(void)
{
	static char dir[512];

	(void)snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	watcher = open(dir, O_RDONLY | O_DIRECTORY);
	(void)signal(SIGIO, count_signal);
	(void)fcntl(watcher, F_NOTIFY, DN_ACCESS | DN_MULTISHOT);
}

static void
atime_send(int bit)
{
	struct timespec t[2] = { { now_ns(), 0 }, { 0, UTIME_OMIT } };

	open_send(bit);
	t[0].tv_sec &= 0xffffff;
	if (bit)
		(void)utimensat(AT_FDCWD, path, t, 0);
}

static long
atime_look(void)
{
	struct stat st;

	return stat(path, &st) < 0 ? -errno : more(st.st_atime) != 0;
}

static void
nlink_send(int bit)
{
	static char name[600];

	(void)snprintf(name, sizeof(name), "%s.link", path);
	if (bit)
		(void)link(path, name);
	else
		(void)unlink(name);
}

static long
nlink_look(void)
{
	struct stat st;

	return stat(path, &st) < 0 ? -errno : (long)st.st_nlink;
}

/* -- the file system that each writes to -- */

static void
statfs_send(int bit)
{
	static char block[1 << 20];
	int fd;

	(void)unlink(mine("pair-block"));
	if (!bit)
		return;
	fd = open(mine("pair-block"), O_WRONLY | O_CREAT, 0600);
	(void)!write(fd, block, sizeof(block));
	(void)close(fd);
}

static long
statfs_look(void)
{
	struct statfs s;

	return statfs(out, &s) < 0 ? -errno : (long)s.f_bfree;
}

static void
inode_send(int bit)
{
	for (int i = 0; bit && i < 64; i++) {
		(void)close(open(mine("pair-inode"), O_WRONLY | O_CREAT, 0600));
		(void)unlink(mine("pair-inode"));
	}
}

static long
inode_look(void)
{
	struct stat st;
	int fd = open(mine("pair-look"), O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	(void)close(fd);
	(void)unlink(mine("pair-look"));
	return more((long)st.st_ino);
}

/* -- counters -- */

static pid_t children[CHILDREN];

static void
children_send(int bit)
{
	for (int i = 0; i < CHILDREN; i++) {
		if (bit && children[i] == 0) {
			children[i] = fork();
			if (children[i] == 0)
				for (;;)
					(void)pause();
		} else if (!bit && children[i] > 0) {
			(void)kill(children[i], SIGKILL);
			(void)waitpid(children[i], NULL, 0);
			children[i] = 0;
		}
	}
}

static long
sysinfo_look(void)
{
	struct sysinfo s;

	return sysinfo(&s) < 0 ? -errno : s.procs;
}

static long
loadavg_look(void)
{
	return number_in("/proc/loadavg", "/");
}

/* How many there have been since the machine started. */
static long
stat_look(void)
{
	return more(number_in("/proc/stat", "\nprocesses "));
}

static void
pids_send(int bit)
{
	while (bit && now_ns() < until) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		(void)waitpid(pid, NULL, 0);
	}
}

static long
pids_look(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	(void)waitpid(pid, NULL, 0);
	return more(pid);
}

static void
limit_to(int what, rlim_t n)
{
	struct rlimit l;

	if (getrlimit((__rlimit_resource_t)what, &l) == 0 && l.rlim_cur > n) {
		l.rlim_cur = n;
		(void)setrlimit((__rlimit_resource_t)what, &l);
	}
}

/* Outside, where both are one user, it is no more than what a job has. */
static void
nproc_begin(void)
{
	limit_to(RLIMIT_NPROC, 64);
}

static pid_t held[256];
static int nheld;

static void
nproc_send(int bit)
{
	while (bit && nheld < 256) {
		held[nheld] = fork();
		if (held[nheld] == 0)
			for (;;)
				(void)pause();
		if (held[nheld] < 0)
			break;
		nheld++;
	}
	while (!bit && nheld > 0) {
		(void)kill(held[--nheld], SIGKILL);
		(void)waitpid(held[nheld], NULL, 0);
	}
}

static long
nproc_look(void)
{
	pid_t pid = fork();
	long r = told(pid);

	if (pid == 0)
		_exit(0);
	(void)waitpid(pid, NULL, 0);
	return r < 0 ? r : 0;
}

static sigset_t queued;

static void
pending_begin(void)
{
	limit_to(RLIMIT_SIGPENDING, 64);
	(void)signal(SIGRTMIN, count_signal);
	(void)sigemptyset(&queued);
	(void)sigaddset(&queued, SIGRTMIN);
	(void)sigprocmask(SIG_BLOCK, &queued, NULL);
}

/* A real-time signal takes a place of the queue, while there is one. */
static void
pending_fill(void)
{
	for (int i = 0; i < 200; i++)
		(void)kill(getpid(), SIGRTMIN);
}

static long
pending_drain(void)
{
	(void)more(signals);
	(void)sigprocmask(SIG_UNBLOCK, &queued, NULL);
	(void)sigprocmask(SIG_BLOCK, &queued, NULL);
	return more(signals);
}

static void
pending_send(int bit)
{
	(void)pending_drain();
	if (bit)
		pending_fill();
}

/* How many of 200 found a place. */
static long
pending_look(void)
{
	pending_fill();
	return pending_drain();
}

static int instances[200];

static void
instances_send(int bit)
{
	for (int i = 0; i < 120; i++) {
		if (bit && instances[i] <= 0)
			instances[i] = inotify_init1(0);
		else if (!bit && instances[i] > 0)
			instances[i] = close(instances[i]);
	}
}

static long
instances_look(void)
{
	int n = 0;

	while (n < 100 && (instances[n] = inotify_init1(0)) >= 0)
		n++;
	for (int i = 0; i < n; i++)
		(void)close(instances[i]);
	return n;
}

/* -- pipes: a quota by uid, and inode numbers of one counter for all -- */

static pid_t pipers[PIPERS];

static void
quota_send(int bit)
{
	int p[2];

	for (int i = 0; i < PIPERS; i++) {
		if (bit && pipers[i] == 0) {
			pipers[i] = fork();
			if (pipers[i] != 0)
				continue;
			for (int n = 0; n < PIPES; n++)
				(void)!pipe(p);
			for (;;)
				(void)pause();
		} else if (!bit && pipers[i] > 0) {
			(void)kill(pipers[i], SIGKILL);
			(void)waitpid(pipers[i], NULL, 0);
			pipers[i] = 0;
		}
	}
}

static long
quota_look(void)
{
	static char room[1 << 17];
	int p[2];
	ssize_t n;

	if (pipe2(p, O_NONBLOCK) < 0)
		return -errno;
	n = write(p[1], room, sizeof(room));
	(void)close(p[0]);
	(void)close(p[1]);
	return told(n);
}

static long
pipe_inode(void)
{
	struct stat st;
	int p[2];

	if (pipe(p) < 0)
		return -errno;
	(void)fstat(p[0], &st);
	(void)close(p[0]);
	(void)close(p[1]);
	return (long)st.st_ino;
}

static void
pipes_send(int bit)
{
	while (bit && now_ns() < until)
		(void)pipe_inode();
}

/* A CPU takes numbers by the batch: use this one's up, and see the next. */
static long
pipes_look(void)
{
	long n = 0;

	for (int i = 0; i <= BATCH && n >= 0; i++)
		n = pipe_inode();
	return n < 0 ? n : more(n);
}

/* -- names -- */

static int name_fd = -1;

static int
abstract(struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "immure-pair");
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
abstract_send(int bit)
{
	struct sockaddr_un a;

	if (name_fd >= 0)
		name_fd = close(name_fd) - 1;
	if (!bit)
		return;
	name_fd = abstract(&a);
	if (name_fd >= 0)
		(void)bind(name_fd, (void *)&a, sizeof(a));
}

static long
abstract_look(void)
{
	struct sockaddr_un a;
	int s = abstract(&a);
	long r = s < 0 ? -errno : told(bind(s, (void *)&a, sizeof(a)));

	(void)close(s);
	return r;
}

static int
port(struct sockaddr_in *a)
{
	*a = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(4711),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static void
port_send(int bit)
{
	struct sockaddr_in a;

	if (name_fd >= 0)
		name_fd = close(name_fd) - 1;
	if (!bit)
		return;
	name_fd = port(&a);
	if (name_fd >= 0)
		(void)bind(name_fd, (void *)&a, sizeof(a));
}

static long
port_look(void)
{
	struct sockaddr_in a;
	int s = port(&a);
	long r = s < 0 ? -errno : told(bind(s, (void *)&a, sizeof(a)));

	(void)close(s);
	return r;
}

static void
shm_send(int bit)
{
	if (bit)
		(void)shmget(KEY, 4096, IPC_CREAT | 0666);
	else
		(void)shmctl(shmget(KEY, 0, 0), IPC_RMID, NULL);
}

static long
shm_look(void)
{
	return shmget(KEY, 0, 0) < 0 ? -errno : 0;
}

static void
sem_send(int bit)
{
	if (bit)
		(void)semget(KEY, 1, IPC_CREAT | 0666);
	else
		(void)semctl(semget(KEY, 0, 0), 0, IPC_RMID);
}

static long
sem_look(void)
{
	return semget(KEY, 0, 0) < 0 ? -errno : 0;
}

static void
msg_send(int bit)
{
	if (bit)
		(void)msgget(KEY, IPC_CREAT | 0666);
	else
		(void)msgctl(msgget(KEY, 0), IPC_RMID, NULL);
}

static long
msg_look(void)
{
	return msgget(KEY, 0) < 0 ? -errno : 0;
}

static void
mqueue_send(int bit)
{
	if (bit)
		(void)mq_close(
		    mq_open("/immure-pair", O_CREAT | O_RDWR, 0666, NULL));
	else
		(void)mq_unlink("/immure-pair");
}

static long
mqueue_look(void)
{
	mqd_t q = mq_open("/immure-pair", O_RDONLY);
	long r = told(q);

	(void)mq_close(q);
	return r < 0 ? r : 0;
}

static void
devshm_send(int bit)
{
	if (bit)
		(void)close(
		    open("/dev/shm/immure-pair", O_CREAT | O_RDWR, 0666));
	else
		(void)unlink("/dev/shm/immure-pair");
}

static long
devshm_look(void)
{
	return access("/dev/shm/immure-pair", F_OK) < 0 ? -errno : 0;
}

static void
uts_send(int bit)
{
	(void)sethostname(bit ? "one" : "zero", bit ? 3 : 4);
}

static long
uts_look(void)
{
	struct utsname u;

	return uname(&u) < 0 ? -errno : u.nodename[0];
}

static void
comm_send(int bit)
{
	(void)prctl(PR_SET_NAME, bit ? "immure-one" : "immure-zero", 0, 0, 0);
}

static long
comm_look(void)
{
	char file[64];

	for (int pid = 1; pid < PIDS; pid++) {
		(void)snprintf(file, sizeof(file), "/proc/%d/comm", pid);
		if (number_in(file, "immure-one") == 0)
			return 1;
	}
	return 0;
}

static void
keyring_send(int bit)
{
	(void)syscall(SYS_add_key, "user", "immure-pair", bit ? "1" : "00",
	    bit ? 1 : 2, -4);
}

static long
keyring_look(void)
{
	char text[8];
	long key = syscall(SYS_keyctl, 10, -4, "user", "immure-pair", 0);

	return key < 0 ? -errno : syscall(SYS_keyctl, 11, key, text, 8);
}

/* -- the other's process: whatever pid it has, all are tried -- */

static void
each_pid(void (*act)(pid_t pid, int bit), int bit)
{
	for (pid_t pid = 1; pid < PIDS; pid++)
		if (pid != getpid() && pid != getppid())
			act(pid, bit);
}

static void
signal_one(pid_t pid, int bit)
{
	(void)bit;
	(void)kill(pid, SIGUSR1);
}

static void
signal_send(int bit)
{
	if (bit)
		each_pid(signal_one, bit);
}

static void
all_send(int bit)
{
	if (bit)
		(void)kill(-1, SIGUSR1);
}

static void
group_send(int bit)
{
	if (bit)
		(void)kill(0, SIGUSR1);
}

static void
pidfd_one(pid_t pid, int bit)
{
	long fd = syscall(434, pid, 0); /* pidfd_open */

	(void)bit;
	if (fd < 0)
		return;
	(void)syscall(424, fd, SIGUSR1, NULL, 0); /* pidfd_send_signal */
	(void)close((int)fd);
}

static void
pidfd_send(int bit)
{
	if (bit)
		each_pid(pidfd_one, bit);
}

static void
priority_one(pid_t pid, int bit)
{
	(void)setpriority(PRIO_PROCESS, (id_t)pid, bit ? 15 : 10);
}

static void
priority_send(int bit)
{
	each_pid(priority_one, bit);
}

static long
priority_look(void)
{
	return getpriority(PRIO_PROCESS, 0);
}

static void
affinity_one(pid_t pid, int bit)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (size_t i = 0; i < (bit ? 1 : CPU_SETSIZE); i++)
		CPU_SET(i, &set);
	(void)sched_setaffinity(pid, sizeof(set), &set);
}

static void
affinity_send(int bit)
{
	each_pid(affinity_one, bit);
}

static long
affinity_look(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) < 0 ? -errno
							   : CPU_COUNT(&set);
}

static void
ioprio_one(pid_t pid, int bit)
{
	(void)syscall(SYS_ioprio_set, 1, pid, 2 << 13 | (bit ? 7 : 3));
}

static void
ioprio_send(int bit)
{
	each_pid(ioprio_one, bit);
}

static long
ioprio_look(void)
{
	return told(syscall(SYS_ioprio_get, 1, 0));
}

static void
prlimit_one(pid_t pid, int bit)
{
	struct rlimit l;

	if (prlimit(pid, RLIMIT_STACK, NULL, &l) < 0)
		return;
	l.rlim_cur = bit ? 3 << 20 : 4 << 20;
	(void)prlimit(pid, RLIMIT_STACK, &l, NULL);
}

static void
prlimit_send(int bit)
{
	each_pid(prlimit_one, bit);
}

static long
prlimit_look(void)
{
	struct rlimit l;

	return getrlimit(RLIMIT_STACK, &l) < 0 ? -errno : (long)l.rlim_cur;
}

static void
word_begin(void)
{
	(void)mmap((void *)(uintptr_t)WORD, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static long
word_look(void)
{
	return *WORD;
}

static void
write_one(pid_t pid, int bit)
{
	long value = bit;
	struct iovec from = { &value, sizeof(value) };
	struct iovec to = { (void *)(uintptr_t)WORD, sizeof(value) };

	(void)process_vm_writev(pid, &from, 1, &to, 1, 0);
}

static void
write_send(int bit)
{
	each_pid(write_one, bit);
}

static void
poke_one(pid_t pid, int bit)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return;
	(void)ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	(void)waitpid(pid, NULL, __WALL);
	(void)ptrace(PTRACE_POKEDATA, pid, (void *)(uintptr_t)WORD,
	    (void *)(uintptr_t)bit);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

static void
poke_send(int bit)
{
	each_pid(poke_one, bit);
}

/* -- all of them -- */

#define WINDOW true  /* the receiver looks all the time that a bit takes */
#define MOMENT false /* … once, late in it */

static const struct channel {
	const char *name;
	void (*begin)(void);
	void (*send)(int bit);
	long (*look)(void);
	bool window;
	long slow; /* its bit takes so many times as long as others' */
} channels[] = {
	{ "posix-lock", NULL, posix_send, posix_look, MOMENT, 1 },
	{ "ofd-lock", NULL, ofd_send, ofd_look, MOMENT, 1 },
	{ "flock", NULL, flock_send, flock_look, MOMENT, 1 },
	{ "lease", NULL, lease_send, lease_look, MOMENT, 1 },
	{ "futex-wake", map_page, futex_send, futex_look, WINDOW, 1 },
	{ "futex-exit", map_page, exit_send, futex_look, WINDOW, 1 },
	{ "fadvise", map_page, fadvise_send, mincore_look, MOMENT, 1 },
	{ "pageout", map_page, pageout_send, mincore_look, MOMENT, 1 },
	{ "cachestat", map_page, fadvise_send, cachestat_look, MOMENT, 1 },
	{ "inotify", inotify_begin, open_send, events_look, MOMENT, 1 },
	{ "fanotify", fanotify_begin, open_send, events_look, MOMENT, 1 },
	{ "dnotify", dnotify_begin, open_send, signals_look, MOMENT, 1 },
	{ "atime", NULL, atime_send, atime_look, MOMENT, 1 },
	{ "nlink", NULL, nlink_send, nlink_look, MOMENT, 1 },
	{ "statfs", NULL, statfs_send, statfs_look, MOMENT, 2 },
	{ "file-inode", NULL, inode_send, inode_look, MOMENT, 1 },
	{ "sysinfo", NULL, children_send, sysinfo_look, MOMENT, 8 },
	{ "loadavg", NULL, children_send, loadavg_look, MOMENT, 8 },
	{ "proc-stat", NULL, pids_send, stat_look, MOMENT, 4 },
	{ "pids", NULL, pids_send, pids_look, MOMENT, 4 },
	{ "nproc", nproc_begin, nproc_send, nproc_look, MOMENT, 4 },
	{ "sigpending", pending_begin, pending_send, pending_look, MOMENT, 1 },
	{ "instances", NULL, instances_send, instances_look, MOMENT, 4 },
	{ "pipe-quota", NULL, quota_send, quota_look, MOMENT, 12 },
	{ "pipe-inode", NULL, pipes_send, pipes_look, MOMENT, 6 },
	{ "abstract", NULL, abstract_send, abstract_look, MOMENT, 1 },
	{ "port", NULL, port_send, port_look, MOMENT, 1 },
	{ "shm", NULL, shm_send, shm_look, MOMENT, 1 },
	{ "sem", NULL, sem_send, sem_look, MOMENT, 1 },
	{ "msg", NULL, msg_send, msg_look, MOMENT, 1 },
	{ "mqueue", NULL, mqueue_send, mqueue_look, MOMENT, 1 },
	{ "dev-shm", NULL, devshm_send, devshm_look, MOMENT, 1 },
	{ "uts", NULL, uts_send, uts_look, MOMENT, 1 },
	{ "comm", NULL, comm_send, comm_look, MOMENT, 2 },
	{ "keyring", NULL, keyring_send, keyring_look, MOMENT, 1 },
	{ "signal", signals_begin, signal_send, signals_look, MOMENT, 1 },
	{ "kill-all", signals_begin, all_send, signals_look, MOMENT, 1 },
	{ "group", signals_begin, group_send, signals_look, MOMENT, 1 },
	{ "pidfd", signals_begin, pidfd_send, signals_look, MOMENT, 1 },
	{ "priority", NULL, priority_send, priority_look, MOMENT, 1 },
	{ "affinity", NULL, affinity_send, affinity_look, MOMENT, 1 },
	{ "ioprio", NULL, ioprio_send, ioprio_look, MOMENT, 1 },
	{ "prlimit", NULL, prlimit_send, prlimit_look, MOMENT, 1 },
	{ "vm-write", word_begin, write_send, word_look, MOMENT, 1 },
	{ "ptrace", word_begin, poke_send, word_look, MOMENT, 2 },
};

static const struct channel *
channel_named(const char *name)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (strcmp(channels[i].name, name) == 0)
			return &channels[i];
	return NULL;
}

static void
send_all(const struct channel *c, long at, long bit, const char *bits)
{
	for (; *bits != '\0'; bits++, at += bit) {
		sleep_until(at);
		until = at + bit / 2;
		c->send(*bits == '1');
	}
	c->send(0);
}

static void
look_all(const struct channel *c, long at, long bit, size_t n)
{
	static char text[4096];
	int used = snprintf(text, sizeof(text), "READ %s %ld", c->name, bit);

	for (; n-- > 0; at += bit) {
		sleep_until(c->window ? at + bit / 10 : at + bit * 7 / 10);
		until = at + bit * 7 / 10;
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    " %ld", c->look());
	}
	(void)dprintf(2, "%s\n", text);
}

/* One channel, in a child: what ends that ends nothing else. */
static void
one(const struct channel *c, bool sends, long at, long bit, const char *bits)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		shared = open(path, O_RDONLY);
		if (c->begin != NULL)
			c->begin();
		(void)(sends ? 0 : c->window ? 0 : c->look());
		if (sends)
			send_all(c, at, bit, bits);
		else
			look_all(c, at, bit, strlen(bits));
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		(void)dprintf(2, "ENDED %s %d\n", c->name, status);
}

void
pairs_main(const char *words)
{
	static char text[4096], role[8], bits[256];
	char *name, *names;
	const struct channel *c;
	long at, bit;
	int used;

	(void)signal(SIGUSR1, SIG_IGN);
	if (sscanf(words, "%7s %ld %ld %255s %511s %511s%n", role, &at, &bit,
		bits, path, out, &used) != 6)
		return;
	if (now_ns() > at)
		(void)dprintf(2, "LATE\n");
	(void)snprintf(text, sizeof(text), "%s", words + used);
	names = text;
	while ((name = strsep(&names, " ")) != NULL) {
		c = channel_named(name);
		if (c == NULL)
			continue;
		one(c, role[0] == 's', at, bit * c->slow, bits);
		/* as long as it takes, and time for both to begin the next */
		at += bit * c->slow * (long)strlen(bits) + 10 * bit;
	}
}
