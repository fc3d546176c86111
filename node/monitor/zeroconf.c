/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --zeroconf: a service file where avahi-daemon looks for such, there while
 * the node serves.  No D-Bus: its library and its daemon's messages would be
 * read by the process with the most rights.  Of the toolchain the file says
 * two words that the imager told in fixed fields and that are checked by the
 * character.  A file of that name that is not ours is left alone.
 */
#include "monitor.h"
#include "announce.h"
#include "../common/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define SERVICES "/etc/avahi/services"

/* The file as we wrote it, so that at the end no other is removed. */
static struct {
	bool there;
	dev_t dev;
	ino_t ino;
	char name[64];
} file;

static void
not_announced(struct monitor *m, const char *why, int error)
{
	monitor_log(m, LOG_WARNING, NULL, "zeroconf.failed",
	    "not announced by mDNS: %s%s%s", why, error < 0 ? ": " : "",
	    error < 0 ? strerror(-error) : "");
}

/* 1: there is none, or it is ours, of this run or one that was killed. */
static int
may_write(int dir)
{
	char text[256];
	cleanup_fd int fd = openat(dir, file.name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 1 : -errno;
	n = read(fd, text, sizeof(text));
	return n > 0 && announce_is_ours(text, (size_t)n);
}

/* Whole or not at all: avahi-daemon reads it as soon as it has its name. */
static int
put(int dir, const char *text, size_t len)
{
	static const char tmp[] = ".immured.new";
	cleanup_fd int fd = -1;
	struct stat st;
	int r;

	(void)unlinkat(dir, tmp, 0);
	fd = openat(dir, tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text, len);
	if (r == 0 && (fchmod(fd, 0644) < 0 || fstat(fd, &st) < 0 ||
	    renameat(dir, tmp, dir, file.name) < 0))
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir, tmp, 0);
		return r;
	}
	file.there = true;
	file.dev = st.st_dev;
	file.ino = st.st_ino;
	return 0;
}

static void
announce(struct monitor *m, int dir)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const struct announcement a = { .port = m->cl->port,
		.cpus = cpus > 0 ? (unsigned)cpus : 1, .jobs = m->cl->jobs,
		.cc_version = m->cc_version, .cc_machine = m->cc_machine };
	char text[ANNOUNCE_MAX];
	size_t len = announce_write(text, &a);
	int r = may_write(dir);

	if (r == 0) {
		monitor_log(m, LOG_WARNING, NULL, "zeroconf.failed",
		    "not announced by mDNS: " SERVICES "/%s is somebody "
		    "else's; remove it or choose another --port", file.name);
		return;
	}
	if (r > 0)
		r = put(dir, text, len);
	if (r < 0)
		not_announced(m, SERVICES, r);
	else
		monitor_log(m, LOG_INFO, NULL, "zeroconf.announced",
		    SERVICES "/%s", file.name);
}

void
zeroconf_announce(struct monitor *m)
{
	cleanup_fd int dir = -1;

	if (!m->cl->zeroconf || !m->serving || m->draining || m->stopping)
		return;
	if (user_mode() || m->cl->no_tcp) {
		not_announced(m, user_mode() ?
		    "only root may write into " SERVICES :
		    "it does not listen on TCP", 0);
		return;
	}
	snprintf(file.name, sizeof(file.name), "immured-%u.service",
	    m->cl->port);
	dir = open(SERVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		not_announced(m, SERVICES " (is avahi-daemon installed?)",
		    -errno);
	else
		announce(m, dir);
}

void
zeroconf_withdraw(void)
{
	cleanup_fd int dir = -1;
	struct stat st;

	if (!file.there)
		return;
	file.there = false;
	dir = open(SERVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 &&
	    fstatat(dir, file.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == file.dev && st.st_ino == file.ino)
		(void)unlinkat(dir, file.name, 0);
}
