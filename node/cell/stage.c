/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers and whole writes of the stages; see stage.h. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE_BUF_MIN (256UL * 1024)
/* Whole pages of any size there is. */
#define STAGE_STEP (1024UL * 1024)

int
stage_buf_room(struct stage_buf *b, size_t n)
{
	void *mem;

	if (n <= b->cap)
		return 0;
	stage_buf_done(b);
	if (n < STAGE_BUF_MIN)
		n = STAGE_BUF_MIN;
	/* NORESERVE: the bound of an LZO body is 255 times what it needs. */
	mem = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		return -ENOMEM;
	b->mem = mem;
	b->cap = n;
	return 0;
}

void
stage_buf_done(struct stage_buf *b)
{
	if (b->mem != NULL)
		(void)munmap(b->mem, b->cap);
	b->mem = NULL;
	b->cap = 0;
}

int
stage_write(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;
	ssize_t w;

	while (n > 0) {
		w = write(fd, at, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? -errno : -ENOSPC;
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

int
stage_buf_move(struct stage_buf *b, int fd, size_t n)
{
	int r;

	while (n > STAGE_STEP) {
		r = stage_write(fd, b->mem, STAGE_STEP);
		if (r < 0)
			return r;
		(void)munmap(b->mem, STAGE_STEP);
		b->mem += STAGE_STEP;
		b->cap -= STAGE_STEP;
		n -= STAGE_STEP;
	}
	return stage_write(fd, b->mem, n);
}

int
stage_pwrite(int fd, const void *p, size_t n, uint64_t off)
{
	const uint8_t *at = p;
	ssize_t w;

	while (n > 0) {
		w = pwrite(fd, at, n, (off_t)off);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? -errno : -ENOSPC;
		at += w;
		off += (uint64_t)w;
		n -= (size_t)w;
	}
	return 0;
}

static int
say(int fd, const char *s)
{
	return stage_write(fd, s, strlen(s));
}

bool
stage_has_parent(void)
{
	return fcntl(STAGE_FD_EXECUTOR, F_GETFD) >= 0;
}

void
stage_by_hand(int argc, char *const argv[], bool in_cell)
{
	bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
	int fd = asked ? STDOUT_FILENO : STDERR_FILENO;

	if (!asked && in_cell)
		return;
	(void)say(fd, argc > 0 ? argv[0] : "stage");
	(void)say(fd, " is a part of immured(8) and runs in its cells; by hand "
	    "it does nothing.  See immure-roles(8).\n");
	_exit(asked ? 0 : 64);
}

const uint8_t *
stage_map(int fd, uint64_t len)
{
	struct stat st;
	void *mem;

	/* The executor has seen its seals (memfd_check): it cannot shrink. */
	if (fstat(fd, &st) < 0 || st.st_size < 0 ||
	    (uint64_t)st.st_size != len || len > SIZE_MAX)
		return NULL;
	mem = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	return mem == MAP_FAILED ? NULL : mem;
}
