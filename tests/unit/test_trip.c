/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs nothing: the tripwire as the executor hears it.  A child of this test
 * has a job's filter on, as built, and this test is the executor; their
 * descriptors are shared, so it has the listener.
 */
#include <node/executor/exec.h>
#include <sandbox/filter.h>
#include <sandbox/probe.h>

#include "bpf_run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/common/fd.h"
#include "node/common/role.h"

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

extern const struct filter filter_job_trip, filter_executor;

struct executor ex;

static struct exec_cell *cell = &ex.cells[0];
static unsigned stops;
static enum job_end stopped_for;
static jmp_buf died;

/* As exec_job.c's, without a process to kill. */
void
job_stop(enum job_end why)
{
	stops++;
	if (ex.job.forced == END_EXIT) {
		ex.job.forced = stopped_for = why;
		cell->state = CELL_DYING;
	}
}

void
role_die(int code, const char *word, const char *fmt, ...)
{
	(void)code;
	(void)word;
	(void)fmt;
	longjmp(died, 1);
}

/* Ends with the errno of its forbidden call; also where this test has ended
 * before, since it has its own listener, which nobody else then closes. */
static _Noreturn void
forbidden(void)
{
	(void)alarm(60);
	(void)syscall(SYS_kcmp, 1L, 2L, 3L, 4L, -1L);
	_exit(errno);
}

static _Noreturn void
job(int number, int more)
{
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		_exit(1);
	fd = filter_install_listener(&filter_job_trip);
	if (write(number, &fd, sizeof(fd)) != sizeof(fd))
		_exit(2);
	for (; more > 0; more--)
		if (fork() == 0)
			break;
	forbidden();
}

/* A job that trips, in 1 + @more processes; its listener in *ret. */
static pid_t
start(int more, int *ret)
{
	int number[2];
	pid_t pid;

	assert_int_equal(pipe(number), 0);
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL,
	    0);
	if (pid == 0) {
		(void)setpgid(0, 0);
		job(number[1], more);
	}
	assert_true(pid > 0);
	assert_int_equal(read(number[0], ret, sizeof(*ret)), sizeof(*ret));
	assert_true(*ret >= 0);
	(void)close(number[0]);
	(void)close(number[1]);
	return pid;
}

static void
wait_heard(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(p.revents, POLLIN);
}

static void
end(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	cell->trip = fd_close(cell->trip);
}

static void
new_cell(enum cell_state state, int listener)
{
	memset(&ex, 0, sizeof(ex));
	cell->state = state;
	cell->init = cell->unpack = cell->pack = -1;
	cell->trip = listener;
	stops = 0;
	stopped_for = END_EXIT;
	if (state == CELL_RUNNING) {
		ex.job.active = true;
		ex.job.cell = cell;
	}
}

/* IMSG_CELL_TRIP with @fd. */
static int
offer(int fd)
{
	struct msg m;

	memset(&m, 0, sizeof(m));
	m.fds[0] = fd;
	m.nfds = 1;
	return trip_on_listener(cell, &m);
}

static void
test_listener(void **state)
{
	int fd, pair[2];
	pid_t pid = start(0, &fd);

	(void)state;
	new_cell(CELL_MAKING, -1);
	assert_int_equal(offer(fd), 0);
	assert_int_equal(cell->trip, fd);
	/* a second one */
	assert_int_equal(offer(dup(fd)), -EPROTO);
	assert_int_equal(cell->trip, fd);
	end(pid);
	/* what is none */
	assert_int_equal(pipe(pair), 0);
	(void)fd_take(&pair[1]);
	assert_int_equal(offer(pair[0]), -EPROTO);
	cell->trip = fd_close(cell->trip);
	assert_int_equal(offer(memfd_create("trip", MFD_CLOEXEC)), -EPROTO);
	cell->trip = fd_close(cell->trip);
	assert_int_equal(offer(open("/dev/null", 0)), -EPROTO);
	cell->trip = fd_close(cell->trip);
}

/* While the cell is made the launcher is answered, and goes on. */
static void
test_probe(void **state)
{
	int fd, status;
	pid_t pid = start(0, &fd);

	(void)state;
	new_cell(CELL_MAKING, fd);
	wait_heard(fd);
	trip_hear(cell);
	assert_int_equal(cell->trips, 1);
	assert_int_equal(cell->violation.arch, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, PROBE_TRIP_ANSWER << 8);
	/* nobody is left under the filter */
	trip_hear(cell);
	assert_int_equal(cell->trip, -1);
	assert_int_equal(stops, 0);
}

/* A job is not: it stays where it is until it dies. */
static void
test_violation(void **state)
{
	int fd;
	pid_t pid = start(0, &fd);

	(void)state;
	new_cell(CELL_RUNNING, fd);
	wait_heard(fd);
	trip_hear(cell);
	assert_int_equal(stops, 1);
	assert_int_equal(stopped_for, END_VIOLATION);
	assert_int_equal(cell->violation.arch, ARCH);
	assert_int_equal(cell->violation.nr, SYS_kcmp);
	assert_int_equal(cell->violation.args[1], 2);
	assert_true(cell->violation.args[4] == UINT64_MAX);
	assert_int_equal(cell->violation.callers, 1);
	(void)usleep(50000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	/* killed: nothing more is of interest, and the listener goes */
	end(pid);
	new_cell(CELL_DYING, -1);
	trip_hear(cell);
}

/* Of seven callers, how many were heard at once. */
static unsigned
hear_seven(void)
{
	int fd;
	pid_t pid = start(6, &fd);

	new_cell(CELL_RUNNING, fd);
	wait_heard(fd);
	(void)usleep(20000);
	trip_hear(cell);
	assert_int_equal(stopped_for, END_VIOLATION);
	assert_in_range(cell->violation.callers, 1, 7);
	assert_int_equal(cell->violation.callers, stops);
	end(pid);
	return cell->violation.callers;
}

/* The first is on record, those beside it are counted; a busy machine may need
 * some tries until there is one. */
static void
test_many(void **state)
{
	unsigned callers = 0;

	(void)state;
	for (int i = 0; i < 50 && callers < 2; i++)
		callers = hear_seven();
	assert_in_range(callers, 2, 7);
}

static void
test_dying(void **state)
{
	int fd;
	pid_t pid = start(0, &fd);

	(void)state;
	new_cell(CELL_DYING, fd);
	wait_heard(fd);
	trip_hear(cell);
	assert_int_equal(cell->trip, -1);
	assert_int_equal(stops, 0);
	assert_int_equal(cell->violation.callers, 0);
	end(pid);
}

/* One that died before it was heard neither blocks nor counts. */
static void
test_gone(void **state)
{
	int fd;
	pid_t pid = start(1, &fd);

	(void)state;
	new_cell(CELL_RUNNING, fd);
	wait_heard(fd);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	trip_hear(cell);
	assert_true(cell->violation.callers <= 1);
	(void)kill(-pid, SIGKILL);
	cell->trip = fd_close(cell->trip);
}

/* In a cell without a job nobody may trip: the slot is not what it was. */
static void
test_no_job(void **state)
{
	int fd;
	pid_t pid = start(0, &fd);
	volatile bool dead = true;

	(void)state;
	new_cell(CELL_READY, fd);
	wait_heard(fd);
	if (setjmp(died) == 0) {
		trip_hear(cell);
		dead = false;
	}
	assert_true(dead);
	end(pid);
}

static uint32_t
executor_answer(long nr, uint64_t a1)
{
	struct seccomp_data d = { (int)nr, ARCH, 0, { 0, a1, 0, 0, 0, 0 } };

	return bpf_run(filter_executor.code, filter_executor.len, &d);
}

/* The kernel's word for it: what else a listener can do, and the calls that
 * look at others' memory, are not the executor's; openat(2) is for names below its
 * slot's group alone. */
static void
test_filter(void **state)
{
	static const long never[] = { SYS_process_vm_readv,
		SYS_process_vm_writev, SYS_ptrace, SYS_pidfd_open,
		SYS_pidfd_getfd, SYS_openat, SYS_openat2,
		SYS_pread64, SYS_readv, SYS_execve };
	const uint32_t allow = SECCOMP_RET_ALLOW;
	const uint32_t kill_it = SECCOMP_RET_KILL_PROCESS;

	(void)state;
	assert_int_equal(
	    executor_answer(SYS_ioctl, SECCOMP_IOCTL_NOTIF_RECV), allow);
	assert_int_equal(
	    executor_answer(SYS_ioctl, SECCOMP_IOCTL_NOTIF_SEND), allow);
	assert_int_equal(
	    executor_answer(SYS_ioctl, SECCOMP_IOCTL_NOTIF_ID_VALID), allow);
	assert_int_equal(
	    executor_answer(SYS_ioctl, SECCOMP_IOCTL_NOTIF_ADDFD), kill_it);
	/* NOTIF_SET_FLAGS, 6.6 */
	assert_int_equal(executor_answer(SYS_ioctl, 0x40082104), kill_it);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(executor_answer(never[i], 0), kill_it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_violation),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_dying),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_no_job),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
