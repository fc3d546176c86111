/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a jail, the caller's side: the builder, pid 1's maps, and the wait
 * for the word that the command runs.  On any failure everything started is
 * killed and reaped before -errno is returned.
 */
#include "jail_private.h"
#include "caps.h"
#include "namespace.h"
#include "probe.h"
#include "user_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel_abi.h"

#define JAIL_NAMESPACES                                                 \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET |    \
	    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

const char jail_where_exec[] = "run the command";

/* clang-format off */
static const char *const step_texts[STEP_COUNT] = {
	[STEP_NONE] = "start",
	[STEP_PROCESS] = "make a process",
	[STEP_MOUNT_NS] = "make a mount namespace",
	[STEP_ROOT] = "mount the root",
	[STEP_BIND] = "bind into the root",
	[STEP_TMPFS] = "mount a tmpfs in the root",
	[STEP_SYMLINK] = "make a symlink in the root",
	[STEP_PIVOT] = "enter the root",
	[STEP_NAMESPACES] = "make the namespaces",
	[STEP_MAPS] = "write the id maps",
	[STEP_LOCK] = "forbid further namespaces",
	[STEP_NAME] = "set the host name",
	[STEP_IDS] = "change ids",
	[STEP_PARENT] = "tie the jail to its caller",
	[STEP_STDIO] = "place descriptors 0, 1, 2",
	[STEP_CHDIR] = "change to the working directory",
	[STEP_LIMITS] = "set resource limits",
	[STEP_CAPS] = "drop capabilities",
	[STEP_MDWE] = "forbid writable code",
	[STEP_LANDLOCK] = "make the Landlock rules",
	[STEP_FILTER] = "install the system-call filter",
	[STEP_PROBE] = "check the layers",
	[STEP_EXEC] = jail_where_exec,
};
/* clang-format on */

static void
close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int
open_channels(struct spawn *s)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->report) !=
		0 ||
	    pipe2(s->go, O_CLOEXEC) != 0 || pipe2(s->status, O_CLOEXEC) != 0)
		return -errno;
	s->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->proc < 0 ? -errno : 0;
}

static void
close_channels(struct spawn *s)
{
	close_pair(s->report);
	close_pair(s->go);
	close_pair(s->status);
	if (s->proc >= 0)
		close(s->proc);
}

/* Pid 1's number and the tmpfs, in one record. */
static int
tell_caller(const struct spawn *s, pid_t pid, const int *fds, unsigned n)
{
	struct report r = { STEP_NONE, pid };
	struct iovec iov = { &r, sizeof(r) };
	union {
		char bytes[CMSG_SPACE(JAIL_TMPFS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	if (n > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		if (c == NULL)
			return -EINVAL;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	return sendmsg(s->report[1], &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void __attribute__((noreturn))
builder(struct spawn *s)
{
	int fds[JAIL_TMPFS];
	unsigned n;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* the caller's ends: pid 1 must see them close with the caller */
	close(s->report[0]);
	close(s->go[1]);
	close(s->status[0]);
	/* of root's; in the jail's own namespace nobody can any more */
	if (caps_drop_groups(s->groups_stay) != 0)
		jail_fail(s->report[1], STEP_IDS, EPERM);
	n = jail_root_build(s, fds);
	pid = namespace_clone(JAIL_NAMESPACES | CLONE_PARENT);
	if (pid < 0)
		jail_fail(s->report[1], STEP_NAMESPACES, -pid);
	if (pid == 0) {
		for (unsigned i = 0; i < n; i++)
			close(fds[i]);
		jail_inside(s);
	}
	if (tell_caller(s, pid, fds, n) == 0)
		_exit(0);
	/* pid 1 waits for a caller who does not know it, and who waits for
	 * pid 1 to close its report: it has no other end than this */
	(void)kill(pid, SIGKILL);
	_exit(125);
}

/* One record.  1: a report; 0: end of file; -errno. */
static int
receive(struct jail *j, int fd, struct report *ret)
{
	struct iovec iov = { ret, sizeof(*ret) };
	union {
		char bytes[CMSG_SPACE(JAIL_TMPFS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&m);
	if (n > 0 && c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    j->n_tmpfs == 0) {
		j->n_tmpfs = (unsigned)((c->cmsg_len - CMSG_LEN(0)) /
		    sizeof(int));
		memcpy(j->tmpfs_fds, CMSG_DATA(c), j->n_tmpfs * sizeof(int));
	}
	return n == (ssize_t)sizeof(*ret) ? 1 : n == 0 ? 0 : -EPROTO;
}

/* What a failed step says to the caller. */
static int
failure(const struct report *r, const char **ret_where)
{
	bool known = r->step > STEP_NONE && r->step < STEP_COUNT;

	*ret_where = known ? step_texts[r->step] : "start";
	if (r->step == STEP_PROBE && r->value >= 0 && r->value < LAYER_COUNT) {
		*ret_where = layer_texts[r->value].name;
		return -EPROTO;
	}
	return r->value > 0 ? -r->value : -EPROTO;
}

/* The caller's part once the builder runs. */
static int
guide(struct jail *j, struct spawn *s, const char **ret_where)
{
	const struct id_map uids = { JAIL_UID, j->uid, 1 };
	const struct id_map gids = { JAIL_UID, j->gid, 1 };
	struct report r = { STEP_NONE, 0 };
	int n;

	n = receive(j, s->report[0], &r);
	if (n == 1 && r.step == STEP_NONE) {
		j->pid = r.value;
		*ret_where = step_texts[STEP_MAPS];
		n = namespace_map_ids(j->pid, &uids, &gids, 1);
		if (n == 0 && write(s->go[1], "", 1) != 1)
			n = -errno;
		if (n == 0)
			n = receive(j, s->report[0], &r);
		if (n == 0)
			return 0; /* closed by the exec */
	}
	if (n == 1)
		return failure(&r, ret_where);
	return n == 0 ? -ECHILD : n; /* ended without a word */
}

/* jail_kill and jail_wait, for a jail that never ran its command. */
static void
abandon(struct jail *j)
{
	if (j->pid != 0) {
		kill(j->pid, SIGKILL);
		while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	j->pid = 0;
	for (unsigned i = 0; i < j->n_tmpfs; i++)
		close(j->tmpfs_fds[i]);
	j->n_tmpfs = 0;
}

static void
set_deadline(struct jail *j)
{
	struct timespec t;

	j->killed = false;
	j->deadline_ms = 0;
	if (j->wall_ms == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	j->deadline_ms = (uint64_t)t.tv_sec * 1000 +
	    (uint64_t)t.tv_nsec / 1000000 + j->wall_ms;
}

static int
start(struct jail *j, struct spawn *s, const char **ret_where)
{
	pid_t pid;
	int r;

	r = open_channels(s);
	if (r != 0)
		return r;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		builder(s);
	/* ends that only the others write: end of file must reach us */
	close(s->report[1]);
	close(s->status[1]);
	close(s->go[0]);
	s->report[1] = s->status[1] = s->go[0] = -1;
	r = guide(j, s, ret_where);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int
jail_spawn(struct jail *j, const char *const argv[], int in, int out, int err,
    const char **ret_where)
{
	struct spawn s = { j, argv, { in, out, err }, { -1, -1 }, { -1, -1 },
		{ -1, -1 }, -1, user_mode_groups_stay() };
	int r;

	*ret_where = step_texts[STEP_NONE];
	if (j->pid != 0 || argv[0] == NULL)
		return -EINVAL;
	for (unsigned i = 0; i < j->n_tmpfs; i++)
		close(j->tmpfs_fds[i]); /* of a command before */
	j->n_tmpfs = 0;
	set_deadline(j);
	r = start(j, &s, ret_where);
	if (r == 0) {
		j->status_fd = s.status[0];
		s.status[0] = -1;
	} else {
		abandon(j);
	}
	close_channels(&s);
	return r;
}
