/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the kernel's text files: id maps, sysctls, groups. */
#ifndef IMMURE_WRITE_TEXT_H
#define IMMURE_WRITE_TEXT_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* @text into the file @path of the directory @dirfd (or AT_FDCWD), by the one
 * write(2) that these files demand.  0 or -errno (-EIO: it took a part). */
static inline int
write_text(int dirfd, const char *path, const char *text)
{
	size_t len = strlen(text);
	int r = 0, fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n != (ssize_t)len)
		r = n < 0 ? -errno : -EIO;
	(void)close(fd);
	return r;
}

#endif
