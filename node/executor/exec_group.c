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
#define TEXT_BYTES 1024

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

/* False, and an empty @text: there is no such file. */
static bool
look(uint64_t id, const char *file, char text[TEXT_BYTES])
{
	char name[NAME_BYTES];

	text[0] = '\0';
	return cgroup_read(FD_GROUP, name_of(id, file, name), text,
	    TEXT_BYTES) == 0;
}

/* The number after @key, a file of one number has none; 0 where it is not. */
static uint64_t
number(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at == NULL ? 0 : strtoull(at + strlen(key), NULL, 10);
}

int
group_bound_memory(uint64_t id, uint64_t bytes)
{
	if (!ex.grouped || (ex.controllers & CGROUP_MEMORY) == 0)
		return 0;
	return put(id, "memory.max", bytes);
}

static int
bound_memory(uint64_t id)
{
	int r = group_bound_memory(id, ex.limits.job_memory);

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
static uint64_t
most_procs(void)
{
	uint64_t n = ex.limits.processes - 2;

	return n < CELL_PROCS ? CELL_PROCS : n;
}

static int
bound(uint64_t id)
{
	int r = 0;

	if ((ex.controllers & CGROUP_MEMORY) != 0)
		r = bound_memory(id);
	if (r == 0 && (ex.controllers & CGROUP_PIDS) != 0)
		r = put(id, "pids.max", most_procs());
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

/* Before pids.events.local (6.11) a group is told of every fork that failed in
 * it, also for the limit of one above; but then its own was never reached. */
bool
group_procs_met(uint64_t id)
{
	char text[TEXT_BYTES];

	if (look(id, "pids.events.local", text))
		return number(text, "max ") > 0;
	if (!look(id, "pids.events", text) || number(text, "max ") == 0)
		return false;
	return !look(id, "pids.peak", text) || number(text, "") >= most_procs();
}

/* "some avg10=… avg60=… avg300=… total=N", and the same for "full". */
static bool
read_pressure(const char *text, uint64_t *some, uint64_t *full)
{
	const char *s = strstr(text, "some "), *f = strstr(text, "full ");

	if (s == NULL || f == NULL)
		return false;
	*some = number(s, "total=");
	*full = number(f, "total=");
	return true;
}

static void
read_pressures(uint64_t id, struct cell_cost *c)
{
	static const char *const files[PRESSURE_COUNT] = { "cpu.pressure",
		"memory.pressure", "io.pressure" };
	char text[TEXT_BYTES];

	for (unsigned i = 0; i < PRESSURE_COUNT; i++)
		if (look(id, files[i], text) &&
		    read_pressure(text, &c->some_us[i], &c->full_us[i]))
			c->known |= COST_PRESSURE << i;
}

static void
read_cost(uint64_t id, struct cell_cost *c)
{
	char text[TEXT_BYTES];

	if (look(id, "cpu.stat", text)) { /* needs no controller */
		c->known |= COST_CPU;
		c->user_us = number(text, "user_usec ");
		c->sys_us = number(text, "system_usec ");
	}
	if (look(id, "memory.peak", text)) {
		c->known |= COST_PEAK;
		c->peak_kib = number(text, "") / KIB;
	}
	read_pressures(id, c);
}

/* Its own limit; what was killed without that died for the limit of all cells,
 * or of the machine. */
static void
read_memory_end(uint64_t id, struct group_end *ret)
{
	char text[TEXT_BYTES];

	(void)look(id, "memory.events", text);
	ret->oom = number(text, "oom ") > 0;
	ret->short_of = !ret->oom && number(text, "oom_kill ") > 0;
}

void
group_end(uint64_t id, struct group_end *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!ex.grouped)
		return;
	if ((ex.controllers & CGROUP_MEMORY) != 0)
		read_memory_end(id, ret);
	if ((ex.controllers & CGROUP_PIDS) != 0)
		ret->procs = group_procs_met(id);
	read_cost(id, &ret->cost);
	ret->stays = !remove_it(id);
}

uint64_t
group_cpu_us(uint64_t id)
{
	char text[TEXT_BYTES];

	return look(id, "cpu.stat", text) ? number(text, "usage_usec ") : 0;
}

/* The file of the group's own limit, where there is one. */
static int
open_procs_events(uint64_t id)
{
	char name[NAME_BYTES];
	int fd = openat(FD_GROUP, name_of(id, "pids.events.local", name),
	    O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd :
	    openat(FD_GROUP, name_of(id, "pids.events", name),
		O_RDONLY | O_CLOEXEC);
}

int
group_procs_watch(uint64_t id)
{
	char text[128];
	int fd;

	if (!ex.grouped || (ex.controllers & CGROUP_PIDS) == 0)
		return -1;
	fd = open_procs_events(id);
	/* What comes after what has been read is an event. */
	if (fd >= 0 && read(fd, text, sizeof(text)) < 0)
		fd = fd_close(fd);
	return fd;
}
