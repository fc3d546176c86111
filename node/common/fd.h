/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that belong to us, and such as a peer has sent. */
#ifndef IMMURE_FD_H
#define IMMURE_FD_H

#include <stddef.h>
#include <unistd.h>

/* Close and return -1, for `fd = fd_close(fd)`; -1 is fine. */
static inline int
fd_close(int fd)
{
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Move out: returns *fd and leaves -1. */
static inline int
fd_take(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

static inline void
fd_cleanup(int *fd)
{
	(void)fd_close(*fd);
}
#define cleanup_fd __attribute__((cleanup(fd_cleanup)))

/* Write all @n bytes, however many calls it takes; blocks.  0 or -errno (-EIO:
 * the file takes no more). */
int fd_write_all(int fd, const void *buf, size_t n);

/*
 * Let go of a descriptor that a peer sent and nobody wants.  close(2) of a
 * foreign one may block for as long as its maker likes (a TCP socket with
 * SO_LINGER; security-rules 13), so only what is known not to block, a memfd
 * or a pipe, is closed; anything else is parked until the
 * process ends, where the kernel does not linger (inet_release and
 * PF_EXITING).  The process exits when FD_PARKED_MAX are parked: whoever sends
 * such is taken over and must not make us run out either.
 */
#define FD_PARKED_MAX 64
void fd_discard(int fd);

#endif
