/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Self-checks that have passed, from one start to the next: to try a toolchain
 * takes as long as to copy it.  An image is copied and digested at every start
 * all the same; what is remembered is that these very bytes, with these words,
 * on this kernel, by this version, compiled as the host did.
 *
 * The file holds a mark and hashes.  An entry is the hash of what was checked
 * *and* of what came out, so that one that is torn or made up says nothing; to
 * make one that does takes the right to write the file, which is root's (or in
 * user mode that user's), as the compilers are.
 */
#ifndef IMMURE_CHECKED_H
#define IMMURE_CHECKED_H

#include <node/toolchain/table.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKED_HASH 32U
#define CHECKED_MAX 64U /* the last so many; a node has fewer toolchains */
#define CHECKED_MARK 16U
#define CHECKED_BYTES (CHECKED_MARK + CHECKED_MAX * CHECKED_HASH)

struct checked {
	int fd; /* borrowed; the file, or -1 */
	uint8_t hash[CHECKED_MAX][CHECKED_HASH]; /* latest first */
	unsigned n;
	bool changed;
};

/* The file's content; anything but ours is no entries.  Pure. */
void checked_parse(struct checked *c, const uint8_t *buf, size_t len);

/* … and what is to be written.  Pure. */
void checked_format(const struct checked *c, uint8_t buf[CHECKED_BYTES]);

/*
 * Open @path, made with its directory and that one's parent where it is not
 * there, to read and write.  A descriptor; or of /dev/null, where it cannot be
 * or is not this user's alone: then nothing is remembered.
 */
int checked_open(const char *path);

/* Read @fd, which stays the caller's. */
void checked_load(struct checked *c, int fd);

/* Write it, if there is anything new. */
void checked_save(struct checked *c);

/*
 * Has @t (digest and lists filled in; its C and C++ driver called @cc and @cxx,
 * or NULL) passed before?  Then *@ret_flags is what its flags became.
 */
bool checked_find(struct checked *c, const struct toolchain *t, const char *cc,
    const char *cxx, uint32_t *ret_flags);

/* It has passed, with flags @was before and @now after. */
void checked_add(struct checked *c, const struct toolchain *t, const char *cc,
    const char *cxx, uint32_t was, uint32_t now);

#endif
