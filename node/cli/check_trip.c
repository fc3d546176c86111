/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tripwire, by attempt: a child puts on the filter of a job in a node and
 * makes a call that it does not list; this process holds the listener, as the
 * executor does, and hears of it.  Their descriptors are shared, so nothing
 * need be sent.
 */
#include "check.h"

#include <sandbox/filter.h>
#include <sandbox/kernel_abi.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct filter filter_job_trip;

#define HEAR_MS 5000

/* Ends with 0 when the call failed as its listener said. */
static _Noreturn void
trip(int number)
{
	int fd = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		fd = filter_install_listener(&filter_job_trip);
	if (write(number, &fd, sizeof(fd)) != sizeof(fd) || fd < 0)
		_exit(1);
	_exit(syscall(__NR_kcmp, 0, 0, 0, 0, 0) == 0 ||
	    errno != PROBE_TRIP_ANSWER);
}

/* The call that @pid is stopped at, answered; false: none came. */
static bool
hear(int listener, pid_t pid)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct seccomp_notif n;
	struct seccomp_notif_resp r = { .error = -PROBE_TRIP_ANSWER };

	memset(&n, 0, sizeof(n));
	if (poll(&p, 1, HEAR_MS) <= 0 || (p.revents & POLLIN) == 0 ||
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
		return false;
	r.id = n.id;
	return (pid_t)n.pid == pid && n.data.nr == __NR_kcmp &&
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r) == 0;
}

bool
check_trip(void)
{
	int number[2], listener = -1, status = -1;
	bool heard = false;
	pid_t pid;

	if (pipe2(number, O_CLOEXEC) != 0)
		return false;
	pid = (pid_t)syscall(__NR_clone, CLONE_FILES | SIGCHLD, NULL, NULL,
	    NULL, 0);
	if (pid == 0)
		trip(number[1]);
	if (pid > 0 &&
	    read(number[0], &listener, sizeof(listener)) == sizeof(listener) &&
	    listener >= 0) {
		heard = hear(listener, pid);
		(void)close(listener); /* whom nobody heard goes on */
	}
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		status = -1;
	(void)close(number[0]);
	(void)close(number[1]);
	return heard && status == 0;
}
