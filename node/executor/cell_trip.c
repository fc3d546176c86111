/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launcher cannot send its listener itself: its own filter, which makes the
 * listener, has no sendmsg(2).  So a process that shares its descriptors, made
 * before the filter is there, waits for the number, sends and ends.  It is the
 * killer's child, not the launcher's (CLONE_PARENT): a compiler finds no child
 * that it did not make.  All of this is before any byte of a client.
 */
#include "cell_trip.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node/common/imsg.h"
#include "node/common/message.h"

/* Says 0 on @done when it is sent; errno otherwise. */
static _Noreturn void
courier(int number, int done, int sock)
{
	int fd, e = EIO;

	if (read(number, &fd, sizeof(fd)) == sizeof(fd))
		e = -msg_send(sock, IMSG_CELL_TRIP, 0, NULL, 0, &fd, 1);
	(void)!write(done, &e, sizeof(e));
	_exit(e != 0);
}

int
cell_trip_prepare(struct cell_trip *t, int sock)
{
	int number[2], done[2];
	long pid;

	if (pipe2(number, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0)
		return -errno;
	pid = syscall(__NR_clone, CLONE_FILES | CLONE_PARENT | SIGCHLD, NULL,
	    NULL, NULL, 0);
	if (pid == 0)
		courier(number[0], done[1], sock);
	*t = (struct cell_trip){ number[1], done[0] };
	return pid < 0 ? -errno : 0;
}

int
cell_trip_install(const struct cell_trip *t, const struct filter *f)
{
	int fd = filter_install_listener(f), e = EIO;

	if (fd < 0)
		return fd; /* the courier ends with the cell */
	if (write(t->number, &fd, sizeof(fd)) != sizeof(fd) ||
	    read(t->done, &e, sizeof(e)) != sizeof(e))
		return -EIO;
	return -e;
}
