/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forbidden acts that end the process which tries, each in a child.  A child
 * that lives to report, or dies of anything but SIGSYS, found a hole; in a cell
 * of a node it is the executor's answer that each must report.
 */
#include "probe_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_abi.h"

#define NPROC_TRY 1024 /* beyond this a limit is not tried out */
#define ACT_HELD 42    /* exit status of a child that was refused, */
#define ACT_HEARD 43   /* … and of one that tripped */

/* Numbers a job has no business with.  Arguments are such that the call does
 * no harm where it is allowed. */
static const long forbidden_calls[] = {
	__NR_ptrace,
	__NR_process_vm_readv,
	__NR_mount,
	__NR_umount2,
	__NR_pivot_root,
	__NR_chroot,
	__NR_setns,
	__NR_unshare,
	__NR_fsopen,
	__NR_open_tree,
	__NR_bpf,
	__NR_perf_event_open,
	__NR_userfaultfd,
	__NR_io_uring_setup,
	__NR_keyctl,
	__NR_add_key,
	__NR_shmget,
	__NR_mq_open,
	__NR_init_module,
	__NR_finit_module,
	__NR_kexec_load,
	__NR_open_by_handle_at,
	__NR_execveat,
	__NR_memfd_secret,
	__NR_setuid,
	__NR_capset,
	__NR_seccomp,
	__NR_landlock_create_ruleset,
	__NR_inotify_init1,
	__NR_epoll_create1,
	__NR_fchown,
	__NR_connect,
	__NR_bind,
};

/* What a child of that wait status shows: a call that nobody stopped, or not in
 * the way that is expected here. */
static uint64_t
fate(uint64_t expected, int status)
{
	const bool heard = WIFEXITED(status) && WEXITSTATUS(status) == ACT_HEARD;
	const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;

	if ((expected & layer_bit(LAYER_TRIP)) == 0)
		return broken(LAYER_SECCOMP, !died);
	return broken(LAYER_TRIP, !heard) |
	    broken(LAYER_SECCOMP, !heard && !died);
}

/* Wait status of a child that makes call @nr with arguments no kernel takes. */
static int
status_of_call(long nr)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		long r = syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);

		_exit(probe_refused(r, PROBE_TRIP_ANSWER) ? ACT_HEARD : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 0; /* cannot tell: counts as a hole */
	return status;
}

#ifdef __x86_64__
/* The i386 entry: number 20 is getpid there.  A kernel without it raises
 * SIGSEGV. */
static uint64_t
fate_of_i386(uint64_t expected)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		long r;

		__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");
		_exit((int)r == -PROBE_TRIP_ANSWER ? ACT_HEARD : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return fate(expected, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
		return 0;
	return fate(expected, status);
}

/* … and the x32 number of getpid. */
static uint64_t
fate_of_foreign(uint64_t expected)
{
	return fate_of_i386(expected) |
	    fate(expected, status_of_call(0x40000000L | __NR_getpid));
}
#else
static uint64_t
fate_of_foreign(uint64_t expected)
{
	(void)expected;
	return 0;
}
#endif

static uint64_t
filter_spares(uint64_t expected)
{
	size_t n = sizeof(forbidden_calls) / sizeof(*forbidden_calls);
	uint64_t b = fate_of_foreign(expected);

	for (size_t i = 0; i < n; i++)
		b |= fate(expected, status_of_call(forbidden_calls[i]));
	return b;
}

/* The stages are in the image and not on the job's list of programs. */
static bool
runs_stage(void)
{
	static char stage[] = "/.immure/.stage/unpack";
	static char *const argv[] = { stage, NULL };
	static char *const none[] = { NULL };
	int status = 0;
	pid_t pid;

	if (access(stage, F_OK) != 0)
		return false; /* not a cell */
	pid = fork();
	if (pid == 0) {
		execve(stage, argv, none);
		_exit(errno == EACCES ? ACT_HELD : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return true;
	return !WIFEXITED(status) || WEXITSTATUS(status) != ACT_HELD;
}

static bool
leaves_core(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		kill(getpid(), SIGABRT);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return true;
	return WCOREDUMP(status);
}

/* Fork until it fails, then let all go.  The children hold the read end of a
 * pipe and end with it. */
static bool
forks_for_ever(void)
{
	struct rlimit l;
	rlim_t made = 0;
	int gate[2];
	bool refused = false;
	char c;

	if (getrlimit(RLIMIT_NPROC, &l) != 0 || l.rlim_max > NPROC_TRY ||
	    pipe2(gate, O_CLOEXEC) != 0)
		return false;
	while (!refused && made <= l.rlim_max) {
		pid_t pid = fork();

		if (pid == 0) {
			close(gate[1]);
			(void)!read(gate[0], &c, 1);
			_exit(0);
		}
		refused = pid < 0;
		made += pid > 0;
	}
	close(gate[0]);
	close(gate[1]);
	for (; made > 0; made--)
		waitpid(-1, NULL, 0);
	return !refused;
}

uint64_t
probe_full(uint64_t expected)
{
	/* not in this process: unheard it may kill */
	uint64_t b = probe_quick(expected & ~layer_bit(LAYER_TRIP));

	b |= broken(LAYER_FDS, probe_descriptors(3));
	/* whoever expects neither is a job, and they would end it */
	if ((expected & (layer_bit(LAYER_SECCOMP) | layer_bit(LAYER_TRIP))) != 0)
		b |= filter_spares(expected);
	b |= broken(LAYER_LANDLOCK, runs_stage());
	b |= broken(LAYER_NO_DUMP, leaves_core());
	b |= broken(LAYER_RLIMITS, forks_for_ever());
	return b & expected;
}
