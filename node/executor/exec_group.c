/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cell's group.  Its directory is 0700 and the executor's, so that nobody
 * else opens a file in it; cgroup.procs is everybody's to write, which is what
 * clone3(2) asks of the zygote, another uid, when it is given the directory.
 * Nothing that is read here can be written by a cell: it has no cgroup file
 * system, and its processes' numbers are the kernel's.
 */
#include "exec_group.h"
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sandbox/cgroup.h>

#include "node/common/fd.h"
#include "node/common/limits.h"

/* Until the last of a killed cell is out of it; in all two seconds. */
#define GONE_TRIES 400
#define GONE_MS	   5

#define NAME_BYTES 64

_Static_assert(LIMIT_SLOT_GROUPS == 1 + CELLS_MAX, "self, and the cells");

/* A cell that waits: pid 1, three stages, what else it takes to make them. */
#define CELL_PROCS 6

static const char *
name_of(uint64_t id, const char *file, char out[NAME_BYTES])
{
	(void)snprintf(out, NAME_BYTES, "cell-%" PRIu64 "%s%s", id,
	    file[0] != '\0' ? "/" : "", file);
	return out;
}

static int
put(uint64_t id, const char *file, uint64_t n)
{
	char name[NAME_BYTES], text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	return cgroup_write(FD_GROUP, name_of(id, file, name), text);
}

/* The number after @key in file @file; a file of one number has no key.  0
 * where there is none. */
static uint64_t
get(uint64_t id, const char *file, const char *key)
{
	char name[NAME_BYTES], text[1024];
	const char *at = text;

	if (cgroup_read(
		FD_GROUP, name_of(id, file, name), text, sizeof(text)) != 0)
		return 0;
	if (key[0] != '\0')
		at = strstr(text, key);
	return at == NULL ? 0 : strtoull(at + strlen(key), NULL, 10);
}

static int
bound_memory(uint64_t id)
{
	int r = put(id, "memory.max", ex.limits.job_memory);

	/* all of a cell or nothing: a compiler without its cc1 is no job */
	if (r == 0)
		r = put(id, "memory.oom.group", 1);
	if (r != 0)
		return r;
	r = put(id, "memory.swap.max", 0);
	return r == -ENOENT ? 0 : r; /* a kernel without swap */
}

/* Pid 1, pack and the job's processes; RLIMIT_NPROC counts those and, of the
 * cell that waits, three.  So this is met first, and told by the kernel. */
static int
bound_procs(uint64_t id)
{
	uint64_t n = ex.limits.processes - 2;

	return put(id, "pids.max", n < CELL_PROCS ? CELL_PROCS : n);
}

static int
bound(uint64_t id)
{
	int r = 0;

	if ((ex.controllers & CGROUP_MEMORY) != 0)
		r = bound_memory(id);
	if (r == 0 && (ex.controllers & CGROUP_PIDS) != 0)
		r = bound_procs(id);
	return r;
}

/* By descriptor: a path could lead out of the slot, and Landlock knows no right
 * to change modes. */
static int
open_to_zygote(uint64_t id)
{
	char name[NAME_BYTES];
	cleanup_fd int fd = openat(FD_GROUP,
	    name_of(id, "cgroup.procs", name), O_WRONLY | O_CLOEXEC);

	return fd < 0 || fchmod(fd, 0666) < 0 ? -errno : 0;
}

int
group_make(uint64_t id)
{
	char name[NAME_BYTES];
	int r;

	if (!ex.grouped)
		return -1;
	if (mkdirat(FD_GROUP, name_of(id, "", name), 0700) < 0)
		return -errno;
	r = bound(id);
	if (r < 0)
		return r;
	r = open_to_zygote(id);
	if (r < 0)
		return r;
	r = openat(
	    FD_GROUP, name_of(id, "", name), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

void
group_kill(uint64_t id)
{
	if (ex.grouped)
		(void)put(id, "cgroup.kill", 1);
}

/* EBUSY: somebody is in it. */
static bool
remove_it(uint64_t id)
{
	char name[NAME_BYTES];

	for (int i = 0; i < GONE_TRIES; i++) {
		if (unlinkat(FD_GROUP, name_of(id, "", name), AT_REMOVEDIR) ==
			0 ||
		    errno == ENOENT)
			return true;
		if (errno != EBUSY)
			return false;
		group_kill(id);
		(void)poll(NULL, 0, GONE_MS);
	}
	return false;
}

bool
group_procs_met(uint64_t id)
{
	return get(id, "pids.events", "max ") > 0;
}

void
group_end(uint64_t id, struct group_end *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!ex.grouped)
		return;
	if ((ex.controllers & CGROUP_MEMORY) != 0) {
		/* Its own limit; what was killed without that died for
		 * the limit of all cells, or of the machine. */
		ret->oom = get(id, "memory.events", "oom ") > 0;
		ret->short_of = !ret->oom &&
		    get(id, "memory.events", "oom_kill ") > 0;
		ret->peak_kib = get(id, "memory.peak", "") / KIB;
	}
	if ((ex.controllers & CGROUP_PIDS) != 0)
		ret->procs = group_procs_met(id);
	/* needs no controller */
	ret->user_us = get(id, "cpu.stat", "user_usec ");
	ret->sys_us = get(id, "cpu.stat", "system_usec ");
	ret->stays = !remove_it(id);
}

int
group_procs_watch(uint64_t id)
{
	char name[NAME_BYTES], text[128];
	int fd;

	if (!ex.grouped || (ex.controllers & CGROUP_PIDS) == 0)
		return -1;
	fd = openat(FD_GROUP, name_of(id, "pids.events", name),
	    O_RDONLY | O_CLOEXEC);
	/* What comes after what has been read is an event. */
	if (fd >= 0 && read(fd, text, sizeof(text)) < 0)
		fd = fd_close(fd);
	return fd;
}
