/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What unpack and pack have in common: anonymous buffers that cost only what
 * is touched, and writes that finish.  Static musl programs: no stdio, no
 * allocator.
 */
#ifndef IMMURE_CELL_STAGE_H
#define IMMURE_CELL_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors, cell_paths.h. */
#define STAGE_FD_EXECUTOR 3 /* unpack, pack */
#define UNPACK_FD_PLAN	  4
#define LAUNCH_FD_PLAN	  3
#define LAUNCH_FD_LAYERS  4
#define PROBE_FD_LAYERS	  1
#define PACK_FD_INIT	  4
#define PACK_FD_STDERR	  5
#define PACK_FD_STDOUT	  6

struct stage_buf {
	uint8_t *mem; /* owned, mmap(2) */
	size_t cap;
};

/* Make room for @n bytes; what was in it is gone.  0 or -ENOMEM. */
int stage_buf_room(struct stage_buf *b, size_t n);
void stage_buf_done(struct stage_buf *b);

/* Write all of it.  0 or -errno. */
int stage_write(int fd, const void *p, size_t n);
/* The same with the first @n bytes of @b, which gives back what is written: a
 * large one and its file on a tmpfs are not both in memory whole. */
int stage_buf_move(struct stage_buf *b, int fd, size_t n);
int stage_pwrite(int fd, const void *p, size_t n, uint64_t off);

/* Called first: return when @in_cell; to a person say what @argv[0] is and
 * exit, with 0 after --help alone, else with 64. */
void stage_by_hand(int argc, char *const argv[], bool in_cell);

/* Whether descriptor 3 is open, as it is in a cell. */
bool stage_has_parent(void);

/* Map @len bytes of sealed memfd @fd for reading; NULL: not that long, or the
 * kernel would not.  @len must not be 0. */
const uint8_t *stage_map(int fd, uint64_t len);

#endif
