/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory that the images of toolchains are mounted on.  The mount hides
 * what lies there from this node, and from no one else: a log would be written
 * where nobody sees it, and the node that was started for a job has its log and
 * its lock in RUN_DIR.  Reads the administrator's words, nothing foreign.
 */
#include "monitor.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static dev_t hiding; /* the file system that is mounted there */
static bool is_hiding;

/* Does one of the names in @list (colons between) lie at or below @dir? */
static bool
lies_below(const char *list, const char *dir)
{
	size_t n = strlen(dir);

	while (list != NULL && *list != '\0') {
		if (strncmp(list, dir, n) == 0 &&
		    (list[n] == '/' || list[n] == ':' || list[n] == '\0'))
			return true;
		list += strcspn(list, ":");
		list += *list == ':';
	}
	return false;
}

/* The same for what the directory of @path really is: /var/run is /run. */
static bool
leads_below(const char *path, const char *dir)
{
	char parent[PATH_MAX], real[PATH_MAX];
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;

	if (slash == NULL || slash - path >= (ptrdiff_t)sizeof(parent))
		return false;
	(void)snprintf(parent, sizeof(parent), "%.*s/", (int)(slash - path),
	    path);
	return realpath(parent, real) != NULL && lies_below(real, dir);
}

/* Is there something that this node opens, runs or removes later? */
static bool
is_needed(const struct monitor *m, const char *dir)
{
	const struct cmdline *cl = m->cl;
	const char *const names[] = { cl->log_file, cl->audit_file,
		cl->pid_file, cl->config, cl->socket, cl->sysroot, cl->cmdlist,
		m->libexec };
	bool needed = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		needed |= lies_below(names[i], dir) ||
		    leads_below(names[i], dir);
	for (unsigned i = 0; i < cl->ncompilers; i++)
		needed |= lies_below(cl->compilers[i], dir) ||
		    leads_below(cl->compilers[i], dir);
	return needed;
}

const char *
image_place(const struct monitor *m)
{
	/* Not /tmp, /home, /var or /etc, where needed files are, nor /sys,
	 * where jails are built. */
	static const char *const places[] = { RUN_DIR, "/mnt", "/media",
		"/srv", "/boot" };
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (lstat(places[i], &st) == 0 && S_ISDIR(st.st_mode) &&
		    !is_needed(m, places[i]))
			return places[i];
	fprintf(stderr,
	    "immured: no directory to mount toolchain images on: one of "
	    "/run/immure, /mnt, /media, /srv and /boot must be there that "
	    "holds no file this node is told to use\n");
	return NULL;
}

int
image_place_mounted(const char *place)
{
	struct stat st;

	if (stat(place, &st) < 0)
		return -errno;
	hiding = st.st_dev;
	is_hiding = true;
	return 0;
}

bool
image_place_hides(int fd)
{
	struct stat st;

	return is_hiding && fstat(fd, &st) == 0 && st.st_dev == hiding;
}
