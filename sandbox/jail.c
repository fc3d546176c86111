/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a jail is to hold, as its owner sets it, and the wait for its end.
 * jail_spawn.c starts it.
 */
#include "jail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel_abi.h"

#define POLL_MAX_MS 3600000 /* poll(2) takes an int; then look again */

struct jail *
jail_new(void)
{
	struct jail *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->status_fd = j->while_fd = -1;
	j->limits = (struct rlimits){ LIMIT_LEAVE, LIMIT_LEAVE, LIMIT_LEAVE,
		LIMIT_LEAVE, 256, 64 };
	return j;
}

static void
reap(struct jail *j)
{
	struct jail_result ignored;

	if (j->pid == 0)
		return;
	jail_kill(j);
	(void)jail_wait(j, &ignored);
}

struct jail *
jail_free(struct jail *j)
{
	if (j == NULL)
		return NULL;
	reap(j);
	for (unsigned i = 0; i < j->n_places; i++) {
		free(j->places[i].base);
		free(j->places[i].from);
		free(j->places[i].to);
	}
	for (unsigned i = 0; i < j->n_env; i++)
		free(j->env[i]);
	for (unsigned i = 0; i < j->n_tmpfs; i++)
		close(j->tmpfs_fds[i]);
	free(j->cwd);
	free(j);
	return NULL;
}

/* Absolute, no empty, "." or ".." component, not "/" itself. */
static bool
plain_absolute(const char *path)
{
	size_t len;

	if (path[0] != '/' || path[1] == '\0')
		return false;
	while (*path == '/') {
		path++;
		len = strcspn(path, "/");
		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len;
	}
	return true;
}

/* The next place, with copies of the two texts (@from may be NULL). */
static int
add_place(struct jail *j, enum place_kind kind, const char *from,
    const char *to)
{
	struct place *p = &j->places[j->n_places];

	if (j->n_places == JAIL_PLACES || !plain_absolute(to))
		return -EINVAL;
	*p = (struct place){ .kind = kind };
	p->to = strdup(to);
	if (p->to == NULL)
		return -ENOMEM;
	if (from != NULL) {
		p->from = strdup(from);
		if (p->from == NULL) {
			free(p->to);
			return -ENOMEM;
		}
	}
	j->n_places++;
	return 0;
}

int
jail_bind(struct jail *j, const char *from, const char *to, bool exec)
{
	int r = from[0] != '/' ? -EINVAL : add_place(j, PLACE_BIND, from, to);

	if (r == 0)
		j->places[j->n_places - 1].exec = exec;
	return r;
}

int
jail_bind_beneath(struct jail *j, const char *base, const char *from,
    const char *to, bool exec)
{
	char *copy;
	int r;

	if (base[0] != '/' || from[0] == '/')
		return -EINVAL;
	copy = strdup(base);
	r = copy == NULL ? -ENOMEM : add_place(j, PLACE_BIND, from, to);
	if (r != 0) {
		free(copy);
		return r;
	}
	j->places[j->n_places - 1].base = copy;
	j->places[j->n_places - 1].exec = exec;
	return 0;
}

int
jail_tmpfs(struct jail *j, const char *path, uint64_t bytes)
{
	unsigned n = 0;
	int r;

	for (unsigned i = 0; i < j->n_places; i++)
		n += j->places[i].kind == PLACE_TMPFS;
	r = n == JAIL_TMPFS ? -EINVAL : add_place(j, PLACE_TMPFS, NULL, path);
	if (r == 0)
		j->places[j->n_places - 1].bytes = bytes;
	return r;
}

int
jail_symlink(struct jail *j, const char *target, const char *path)
{
	return target[0] == '\0' ? -EINVAL :
	    add_place(j, PLACE_SYMLINK, target, path);
}

/* Where NAME= of @name_value stands, or a new place at the end. */
static unsigned
env_slot(const struct jail *j, const char *name_value, size_t name_len)
{
	unsigned i;

	for (i = 0; i < j->n_env; i++) {
		if (strncmp(j->env[i], name_value, name_len + 1) == 0)
			break;
	}
	return i;
}

int
jail_setenv(struct jail *j, const char *name_value)
{
	const char *equals = strchr(name_value, '=');
	unsigned slot;
	char *copy;

	if (equals == NULL || equals == name_value)
		return -EINVAL;
	slot = env_slot(j, name_value, (size_t)(equals - name_value));
	if (slot == JAIL_ENV)
		return -EINVAL;
	copy = strdup(name_value);
	if (copy == NULL)
		return -ENOMEM;
	if (slot == j->n_env)
		j->n_env++;
	free(j->env[slot]);
	j->env[slot] = copy;
	return 0;
}

int
jail_chdir(struct jail *j, const char *path)
{
	char *copy;

	if (path[0] != '/')
		return -EINVAL;
	copy = strdup(path);
	if (copy == NULL)
		return -ENOMEM;
	free(j->cwd);
	j->cwd = copy;
	return 0;
}

int
jail_rlimits(struct jail *j, const struct rlimits *l)
{
	j->limits = *l;
	return 0;
}

int
jail_ids(struct jail *j, unsigned outside_uid, unsigned outside_gid)
{
	/* (uid_t)-1 is "no change" to setresuid(2) */
	if (outside_uid == UINT32_MAX || outside_gid == UINT32_MAX)
		return -EINVAL;
	j->uid = outside_uid;
	j->gid = outside_gid;
	return 0;
}

int
jail_wall_ms(struct jail *j, unsigned ms)
{
	j->wall_ms = ms;
	return 0;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int
jail_while(struct jail *j, int fd)
{
	j->while_fd = fd;
	return 0;
}

/* Until the status is there, pid 1 is gone, the deadline has passed, or nobody
 * waits any more. */
static void
await(struct jail *j)
{
	struct pollfd p[2] = { { .fd = j->status_fd, .events = POLLIN },
		{ .fd = j->while_fd } }; /* POLLHUP, unasked */
	uint64_t now, left;

	for (;;) {
		now = now_ms();
		left = now >= j->deadline_ms ? 0 : j->deadline_ms - now;
		if (left > POLL_MAX_MS)
			left = POLL_MAX_MS;
		(void)poll(p, 2, j->deadline_ms == 0 ? -1 : (int)left);
		if (p[0].revents != 0)
			return;
		if (p[1].revents != 0 ||
		    (j->deadline_ms != 0 && now_ms() >= j->deadline_ms)) {
			jail_kill(j);
			return;
		}
	}
}

int
jail_wait(struct jail *j, struct jail_result *ret)
{
	struct jail_result res = { .status = 0 };
	int status = 0, own;
	ssize_t n;
	pid_t pid;

	if (j->pid == 0)
		return -ECHILD;
	await(j);
	n = read(j->status_fd, &status, sizeof(status));
	do
		pid = wait4(j->pid, &own, 0, &res.usage);
	while (pid < 0 && errno == EINTR);
	close(j->status_fd);
	j->status_fd = -1;
	j->pid = 0;
	if (pid < 0)
		return -errno;
	/* pid 1's own end stands where it was killed before it could tell */
	res.status = n == (ssize_t)sizeof(status) ? status : own;
	res.killed = j->killed;
	*ret = res;
	return 0;
}

void
jail_kill(struct jail *j)
{
	if (j->pid == 0)
		return;
	/* the pid is ours until wait4: it cannot have been used again */
	kill(j->pid, SIGKILL);
	j->killed = true;
}

/* The tmpfs that @path lies in, and the rest of the path. */
static int
tmpfs_of(const struct jail *j, const char *path, const char **ret_rest)
{
	unsigned n = 0;
	size_t len, best = 0;
	int fd = -1;

	for (unsigned i = 0; i < j->n_places && n < j->n_tmpfs; i++) {
		if (j->places[i].kind != PLACE_TMPFS)
			continue;
		len = strlen(j->places[i].to);
		if (len > best && strncmp(path, j->places[i].to, len) == 0 &&
		    path[len] == '/' && path[len + 1] != '\0') {
			best = len;
			fd = j->tmpfs_fds[n];
			*ret_rest = path + len + 1;
		}
		n++;
	}
	return fd;
}

int
jail_collect(struct jail *j, const char *path)
{
	/* O_NONBLOCK: a FIFO of this name must not hold us */
	struct open_how how = {
		.flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_XDEV,
	};
	const char *rest = NULL;
	struct stat st;
	int dir, fd;

	dir = tmpfs_of(j, path, &rest);
	if (dir < 0 || j->pid != 0)
		return -EINVAL;
	fd = (int)syscall(__NR_openat2, dir, rest, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}
