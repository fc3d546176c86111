/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of toolchains: made by the imager, one per generation of images,
 * passed on as a sealed memfd.  Fixed-size records, so that reading it is a
 * bounds check; every string is NUL-terminated within its array.
 *
 *   struct table_hdr, then ntoolchains × struct toolchain, then
 *   nnames × struct toolchain_name (sorted by name, strcmp order)
 *
 * An image lies in directory <images>/<generation>/<index>/: `x/` is mounted
 * at /.immure (exec), and `inc/<path>` holds the copy of include directory
 * <path>, mounted noexec at <path> in pump cells.
 *
 * exec[] names every file that Landlock must let run, so the ELF interpreter
 * too; names[].program is always one of them.  A directory may be in inc[] and
 * in dirs[]: it is there only because names of include directories go through
 * it (clang's /usr/bin/../lib/…), and no client may place a file in it.  Of
 * two that a path lies below, the longer one decides, dirs[] when equal.
 */
#ifndef IMMURE_TOOLCHAIN_TABLE_H
#define IMMURE_TOOLCHAIN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_MAGIC "immuretc"
#define TABLE_VERSION 1U
#define TABLE_TOOLCHAINS_MAX 64
#define TABLE_NAMES_MAX 1024
#define TOOLCHAIN_INC_MAX 16
#define TOOLCHAIN_ENV_MAX 8
#define TOOLCHAIN_EXEC_MAX 48
#define TOOLCHAIN_DIRS_MAX 64

enum toolchain_family { FAMILY_GCC = 1, FAMILY_CLANG = 2 };

enum toolchain_flag {
	TOOLCHAIN_USUAL_PLACES = 1, /* self-check differed: x/<dir> is also
				       bound at <dir> for each of dirs[] */
	TOOLCHAIN_HEADERS = 2,      /* inc/ is there: pump is possible */
};

struct toolchain {
	uint8_t digest[32]; /* BLAKE2b-256, table.c: digest of the image */
	uint32_t family;    /* enum toolchain_family */
	uint32_t flags;
	uint64_t bytes; /* of the image */
	uint64_t files;
	char machine[64];  /* -dumpmachine */
	char version[64];  /* -dumpfullversion or clang's */
	char inc[TOOLCHAIN_INC_MAX][192]; /* default include directories, not
					     nested; "" = end */
	char env[TOOLCHAIN_ENV_MAX][1024]; /* "NAME=value"; "" = end */
	char exec[TOOLCHAIN_EXEC_MAX][192]; /* programs that may run, absolute
					       below /.immure; "" = end */
	char dirs[TOOLCHAIN_DIRS_MAX][192]; /* host directories that hold files
		of the closure (security-rules 4); "" = end */
};

enum name_state {
	NAME_READY = 1,
	NAME_REFUSED = 2 /* found but not usable: see reason */
};

struct toolchain_name {
	char name[128];    /* basename as a client may send it */
	uint32_t state;    /* enum name_state */
	uint32_t toolchain;/* index, when NAME_READY */
	char program[192]; /* path to exec, below /.immure */
	char argv0[192];   /* what to call it: the host path (gcc), or the
			      name's link below /.immure (clang) */
	char extra[160];   /* one option to put first ("-std=c99"), or "" */
	char reason[160];  /* NAME_REFUSED: why, for people */
};

struct table_hdr {
	char magic[8];
	uint32_t version;
	uint32_t ntoolchains;
	uint32_t nnames;
	uint32_t zero;
};

struct table { /* a view; borrowed from the buffer */
	const struct toolchain *toolchains;
	const struct toolchain_name *names;
	uint32_t ntoolchains;
	uint32_t nnames;
};

/* Check everything in @buf (magic, counts, exact length, termination, enums,
 * absolute paths, indices, order).  0 and *t, or -EPROTO.  Pure. */
int table_parse(struct table *t, const void *buf, size_t len);

/*
 * Is toolchain @index of any use: does a name that is ready lead to it?  One
 * that was refused keeps its row, but may have no image, or half of one, so
 * nothing is made of it.
 */
bool table_is_usable(const struct table *t, uint32_t index);

/*
 * The row that argv[0] @word selects, in whatever form a client sends it:
 * bare, triple-prefixed, versioned, or an absolute path, of which only the
 * last component counts.  NULL: unknown.  Never touches a file system.
 */
const struct toolchain_name *table_find(const struct table *t,
    const char *word);

#endif
