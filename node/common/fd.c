/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letting go of foreign descriptors; see fd.h. */
#include "fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif

int
fd_write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;
	ssize_t w;

	while (n > 0) {
		w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? -errno : -EIO;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* A memfd answers F_GET_SEALS; every other regular file is EINVAL. */
static bool
closes_at_once(int fd)
{
	struct stat st;

	if (fcntl(fd, F_GET_SEALS) >= 0)
		return true;
	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

void
fd_discard(int fd)
{
	static unsigned parked;

	if (fd < 0)
		return;
	if (closes_at_once(fd))
		(void)close(fd);
	else if (++parked >= FD_PARKED_MAX)
		_exit(72); /* ROLE_EXIT_PROTOCOL */
}
