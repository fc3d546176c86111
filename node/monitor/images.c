/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generations of toolchain images: each on a tmpfs of its own, in the
 * monitor's own mount namespace, so that none outlives the node whatever ends
 * it.  The monitor mounts and unmounts; it never opens a file in one.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "../common/role.h"
#include "../common/word.h"
#include <errno.h>
#include <sandbox/mount.h>
#include <sandbox/user_mode.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <syslog.h>
#include <unistd.h>

#define IMAGE_BYTES  (3UL * GIB)
#define IMAGE_INODES 400000UL
/* A table; the broker takes no larger one. */
#define TABLE_BYTES_MAX (16 * MIB)

static uint32_t imager_uid; /* asked while files may still be read */
static char image_dir[32];
/* What was in use before, for when the broker calls the new one nonsense. */
static struct {
	uint64_t generation; /* 0 = none */
	uint64_t table_len;
	int table_fd; /* owned */
} before = { 0, 0, -1 };

const char *
images_dir(void)
{
	return image_dir;
}

int
images_init(struct monitor *m)
{
	const char *place;
	uint32_t gid;
	int r;

	role_ids(ROLE_IMAGER, &imager_uid, &gid);
	if (!user_mode() && mkdir(RUN_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	place = image_place(m);
	if (place == NULL)
		return -ENOENT;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	r = mount_private();
	if (r == 0)
		r = mount_tmpfs(place, 64 * KIB, 1024, 0755,
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r == 0)
		r = image_place_mounted(place);
	snprintf(image_dir, sizeof(image_dir), "%s/image", place);
	if (r == 0 && mkdir(image_dir, 0755) < 0)
		r = -errno;
	m->table_fd = -1;
	m->next_generation = m->oldest = 1;
	return r;
}

static void
image_path(uint64_t generation, char path[64])
{
	snprintf(path, 64, "%s/%llu", image_dir, (unsigned long long)generation);
}

int
images_mount(struct monitor *m, uint64_t generation)
{
	char path[64];

	(void)m;
	image_path(generation, path);
	if (mkdir(path, 0755) < 0)
		return -errno;
	return mount_tmpfs(path, IMAGE_BYTES, IMAGE_INODES, 0755,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

uint64_t
images_bytes(const struct monitor *m)
{
	uint64_t sum = 0;
	struct statfs st;
	char path[64];

	for (uint64_t g = m->oldest; g <= m->generation; g++) {
		image_path(g, path); /* some are gone */
		if (statfs(path, &st) == 0)
			sum += (st.f_blocks - st.f_bfree) *
			    (uint64_t)st.f_bsize;
	}
	return sum;
}

int
images_close(uint64_t generation, const struct imsg_image *im, int table)
{
	char path[64];

	if (im->generation != generation ||
	    im->table_len > TABLE_BYTES_MAX ||
	    !word_is_plain(im->cc_version, sizeof(im->cc_version)) ||
	    !word_is_plain(im->cc_machine, sizeof(im->cc_machine)) ||
	    memfd_check(table, im->table_len, imager_uid) != MEMFD_OK)
		return -EPROTO;
	image_path(generation, path);
	return mount_attr(path, MOUNT_ATTR_RDONLY);
}

int
images_ready(struct monitor *m, const struct imsg_image *im, int table)
{
	int r = -EPROTO;

	/* It goes to all that are started from now on: what they could not
	 * take ends its sender, not them. */
	if (im->generation > m->generation)
		r = images_close(m->imager.generation, im, table);
	if (r < 0) {
		fd_discard(table);
		return r;
	}
	(void)fd_close(before.table_fd);
	before.generation = m->generation;
	before.table_len = m->table_len;
	before.table_fd = m->table_fd;
	m->table_fd = table;
	m->table_len = im->table_len;
	m->generation = im->generation;
	memcpy(m->cc_version, im->cc_version, sizeof(m->cc_version));
	memcpy(m->cc_machine, im->cc_machine, sizeof(m->cc_machine));
	zeroconf_announce(m);
	/* One that does not take it is not the imager's fault. */
	if (m->broker.state == CHILD_READY &&
	    msg_send(m->broker.sock, IMSG_IMAGE, 0, im, sizeof(*im), &table,
	        1) < 0)
		child_end(m, &m->broker, "role.silent", "takes no images");
	m->settings_due = true; /* of what jobs may have */
	monitor_log(m, LOG_NOTICE, NULL, "image.ready",
	    "toolchain images, generation %llu; %llu MiB in memory",
	    (unsigned long long)im->generation,
	    (unsigned long long)(images_bytes(m) / MIB));
	return 0;
}

int
images_bad(struct monitor *m, uint64_t generation)
{
	bool mounted = before.generation >= m->oldest;

	if (generation != m->generation || generation == 0)
		return 0;
	(void)fd_close(m->table_fd);
	m->generation = mounted ? before.generation : 0;
	m->table_len = before.table_len;
	m->table_fd = before.table_fd;
	before.table_fd = -1;
	before.generation = 0;
	m->image_bad = true;
	if (m->imager.pid > 0 && m->imager.generation == generation)
		child_end(m, &m->imager, "role.bad",
		    "made a table of toolchains that is none");
	return 0;
}

static bool
in_use(const struct monitor *m, uint64_t generation)
{
	if (generation >= m->generation)
		return true;
	for (unsigned i = 0; i < m->nslots; i++)
		if (m->slots[i].pid > 0 &&
		    m->slots[i].generation == generation)
			return true;
	return selftest_uses(generation) ||
	    (m->imager.pid > 0 && m->imager.generation == generation);
}

/* Whoever lets go of a tmpfs last gives back its pages, a tenth of a second and
 * more for an image: a process of its own, which children_reap() collects, so
 * that no client waits for it. */
void
images_unmount(uint64_t generation)
{
	char path[64];
	pid_t pid = fork();

	if (pid > 0)
		return;
	image_path(generation, path);
	if (umount2(path, MNT_DETACH) == 0)
		(void)rmdir(path);
	if (pid == 0)
		_exit(0);
}

void
images_collect(struct monitor *m)
{
	while (m->oldest < m->generation && !in_use(m, m->oldest)) {
		images_unmount(m->oldest++);
		m->settings_due = true;
	}
	if (before.generation < m->oldest) { /* no way back to it */
		before.table_fd = fd_close(before.table_fd);
		before.generation = 0;
	}
}

void
images_abandon(struct monitor *m, uint64_t generation)
{
	if (generation > m->generation)
		images_unmount(generation);
}
