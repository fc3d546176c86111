/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups: made, read, ended, removed; see cgroup.h.  Finding a place for them
 * is in cgroup_find.c. */
#include "cgroup.h"
#include "namespace.h"
#include "write_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A tree of a node is three deep: node, slot, cell. */
#define DEPTH 3
/* What is killed is gone soon; a machine that swaps takes longer. */
#define GONE_TRIES 400
#define GONE_MS	   5

static const struct {
	unsigned bit;
	const char *name;
} controllers[] = {
	{ CGROUP_MEMORY, "memory" },
	{ CGROUP_PIDS, "pids" },
	{ CGROUP_CPU, "cpu" },
	{ CGROUP_IO, "io" },
};
#define CONTROLLERS (sizeof(controllers) / sizeof(controllers[0]))

int
cgroup_write(int group, const char *name, const char *text)
{
	return write_text(group, name, text);
}

int
cgroup_read(int group, const char *name, char *buf, size_t room)
{
	ssize_t n;
	int r = 0, fd = openat(group, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	n = read(fd, buf, room - 1);
	if (n < 0)
		r = -errno;
	buf[n < 0 ? 0 : n] = '\0';
	(void)close(fd);
	return r;
}

static bool
has_word(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (; *list != '\0'; list += n) {
		list += strspn(list, " \n");
		n = strcspn(list, " \n");
		if (n == len && memcmp(list, word, n) == 0)
			return true;
	}
	return false;
}

unsigned
cgroup_controllers(int group, const char *name)
{
	char list[512];
	unsigned mask = 0;

	if (cgroup_read(group, name, list, sizeof(list)) != 0)
		return 0;
	for (size_t i = 0; i < CONTROLLERS; i++)
		if (has_word(list, controllers[i].name))
			mask |= controllers[i].bit;
	return mask;
}

unsigned
cgroup_enable(int group, unsigned wanted)
{
	char word[16];

	/* One by one: a write of several is all or nothing. */
	for (size_t i = 0; i < CONTROLLERS; i++) {
		if ((wanted & controllers[i].bit) == 0)
			continue;
		(void)snprintf(word, sizeof(word), "+%s", controllers[i].name);
		(void)cgroup_write(group, "cgroup.subtree_control", word);
	}
	return cgroup_controllers(group, "cgroup.subtree_control") & wanted;
}

const char *
cgroup_words(unsigned mask)
{
	static const char *const words[8] = { "none", "memory", "pids",
		"memory pids", "cpu", "memory cpu", "pids cpu",
		"memory pids cpu" };

	return words[mask & 7];
}

void
cgroup_share(int group, unsigned weight)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%u", weight);
	(void)cgroup_write(group, "cpu.weight", text);
	(void)snprintf(text, sizeof(text), "default %u", weight);
	(void)cgroup_write(group, "io.weight", text);
}

int
cgroup_confine(int group, unsigned groups, unsigned depth)
{
	char text[16];
	int r;

	(void)snprintf(text, sizeof(text), "%u", groups);
	r = cgroup_write(group, "cgroup.max.descendants", text);
	(void)snprintf(text, sizeof(text), "%u", depth);
	return r < 0 ? r : cgroup_write(group, "cgroup.max.depth", text);
}

/* EBUSY: not everybody has been taken out of it yet. */
static int
remove_group(int parent, const char *name)
{
	for (int i = 0; i < GONE_TRIES; i++) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 ||
		    errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -errno;
		(void)poll(NULL, 0, GONE_MS);
	}
	return -EBUSY;
}

static int clear(int parent, const char *name, int depth);

/* The groups below @group, a descriptor that is closed. */
static int
clear_below(int group, int depth)
{
	DIR *d = fdopendir(group);
	struct dirent *e;
	int r = 0, one;

	if (d == NULL) {
		(void)close(group);
		return -errno;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		one = depth == 0 ? -ELOOP : clear(dirfd(d), e->d_name, depth);
		r = r != 0 ? r : one;
	}
	(void)closedir(d);
	return r;
}

/* Depth is bounded: a stranger's deeper tree is left alone. */
static int
clear(int parent, const char *name, int depth) /* NOLINT(misc-no-recursion) */
{
	int r, group = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (group < 0)
		return errno == ENOENT ? 0 : -errno;
	(void)cgroup_write(group, "cgroup.kill", "1");
	r = clear_below(group, depth - 1);
	return r != 0 ? r : remove_group(parent, name);
}

int
cgroup_clear(int parent, const char *name)
{
	return clear(parent, name, DEPTH);
}

/* A child in @group that waits for its end; was it cgroup.kill's? */
static int
try_in(int group)
{
	int r, status = 0;
	pid_t pid = namespace_clone_into(0, group);

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			(void)pause();
	}
	if (pid < 0)
		return pid;
	r = cgroup_write(group, "cgroup.kill", "1");
	if (r != 0)
		(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return r;
}

int
cgroup_try(int parent)
{
	char name[32];
	int group, r;

	(void)snprintf(name, sizeof(name), "try-%d", getpid());
	if (mkdirat(parent, name, 0700) < 0)
		return -errno;
	group = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = group < 0 ? -errno : try_in(group);
	if (group >= 0)
		(void)close(group);
	if (r != 0)
		(void)remove_group(parent, name);
	return r != 0 ? r : remove_group(parent, name);
}
