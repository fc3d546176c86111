/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See wish.h. */
#include "wish.h"
#include "owner.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
wish_add(struct wish *w, const char *path)
{
	if (w->nnamed == WISH_NAMED_MAX) {
		w->full = true;
		return false;
	}
	w->named[w->nnamed++] = path;
	return true;
}

void
wish_lines(struct wish *w, size_t len)
{
	char *s = w->text, *end;

	w->text[len] = '\0';
	w->nnamed = 0;
	while (*s != '\0') {
		end = s + strcspn(s, "\n");
		if (end > s && !wish_add(w, s))
			return;
		s = end + (*end != '\0');
		*end = '\0';
	}
}

int
wish_read_list(struct wish *w)
{
	cleanup_fd int fd = -1;
	size_t len = 0;
	struct stat st;
	ssize_t n;

	fd = open(w->cmdlist, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	do {
		n = read(fd, w->text + len, sizeof(w->text) - len);
		if (n < 0)
			return -errno;
		len += (size_t)n;
		if (len == sizeof(w->text))
			return -EFBIG;
	} while (n > 0);
	if (memchr(w->text, '\0', len) != NULL)
		return -EINVAL;
	wish_lines(w, len);
	return 0;
}

static bool
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* What every jail with the host's files is shown (runner_main.c). */
static bool
usual(const char *path)
{
	static const char *const places[] = { "/usr", "/opt", "/lib", "/lib64",
		"/lib32", "/libx32", "/bin" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (below(path, places[i]))
			return true;
	return false;
}

bool
wish_root(const char *real, char ret[192])
{
	static const char *const never[] = { "/", "/boot", "/dev", "/etc",
		"/home", "/proc", "/root", "/run", "/sys", "/tmp", "/var" };
	const char *slash = strrchr(real, '/');
	size_t len = slash != NULL ? (size_t)(slash - real) : 0;

	if (len >= 4 && memcmp(slash - 4, "/bin", 4) == 0)
		len -= 4;
	if (len == 0 || len >= 192)
		return false;
	memcpy(ret, real, len);
	ret[len] = '\0';
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strcmp(ret, never[i]) == 0)
			return false;
	/* The kernel's own are nobody's toolchain. */
	return !below(ret, "/proc") && !below(ret, "/sys") &&
	    !below(ret, "/dev");
}

static void
add_root(struct wish *w, const char *root)
{
	for (size_t i = 0; i < w->nroots; i++)
		if (below(root, w->roots[i]))
			return;
	if (w->nroots < WISH_ROOTS_MAX)
		snprintf(w->roots[w->nroots++], sizeof(w->roots[0]), "%s",
		    root);
}

void
wish_roots(struct wish *w)
{
	char real[PATH_MAX], root[192], why[256];

	for (size_t i = 0; i < w->nnamed; i++)
		if (owner_walk(owner_host(), w->named[i], real, NULL, NULL,
		        why, sizeof(why)) == 0 && !usual(real) &&
		    wish_root(real, root))
			add_root(w, root);
}
