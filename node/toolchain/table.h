/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of toolchains: made by the imager, one per generation of images,
 * passed on as a sealed memfd.  Fixed-size records, so that reading it is a
 * bounds check; every string is NUL-terminated within its array.
 *
 *   struct table_hdr, then ntoolchains × struct toolchain, then
 *   nnames × struct toolchain_name (sorted by name, strcmp order), then
 *   nspecs × struct toolchain_specs
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
#define TABLE_VERSION 2U
#define TABLE_TOOLCHAINS_MAX 64
#define TABLE_NAMES_MAX 1024
#define TABLE_WORDS_MAX 8
#define TABLE_SPECS_MAX 64
#define TABLE_SPECS_DEPTH 8 /* directories and the file, below --sysroot */
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
	char title[128];   /* with its packager: "gcc (Debian 12.2.0-14) …" */
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
	NAME_REFUSED = 2, /* found but not usable: see reason */
	NAME_UNLISTED = 3 /* found, but not in the list of names: see reason */
};

struct toolchain_name {
	char name[128];    /* what a client's word ends in (table_tail()) */
	uint32_t state;    /* enum name_state */
	uint32_t toolchain;/* index, when NAME_READY */
	char program[192]; /* path to exec, below /.immure */
	char argv0[192];   /* what to call it: the host path (gcc), or the
			      name's link below /.immure (clang) */
	char extra[160];   /* one option to put first ("-std=c99"), or "" */
	char reason[160];  /* otherwise: why, for people */
};

/* A file of --sysroot, which the images of gcc have below TABLE_SPECS_DIR. */
#define TABLE_SPECS_DIR "/.immure/.specs"
struct toolchain_specs {
	char name[128]; /* relative to that directory, and to --sysroot */
	char host[192]; /* --sysroot and name, absolute */
};

enum table_flag {
	TABLE_ANY_PATH = 1, /* a path in argv[0] may be any path */
};

struct table_hdr {
	char magic[8];
	uint32_t version;
	uint32_t ntoolchains;
	uint32_t nnames;
	uint8_t words; /* components of argv[0] that select; 0: the last, and
			  the others are looked at (choose.h) */
	uint8_t flags; /* enum table_flag */
	uint16_t nspecs;
};

struct table { /* a view; borrowed from the buffer */
	const struct toolchain *toolchains;
	const struct toolchain_name *names;
	const struct toolchain_specs *specs;
	uint32_t ntoolchains;
	uint32_t nnames;
	uint32_t nspecs;
	uint32_t words, flags;
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

/* The last table.words components of @word (at least one), by which a row is
 * found; borrowed from @word. */
const char *table_tail(const struct table *t, const char *word);

/* May a row be called @name, of up to @words components? */
bool table_name_ok(const char *name, unsigned words);

/* The row called @name, or NULL.  Never touches a file system. */
const struct toolchain_name *table_find(const struct table *t,
    const char *name);

#endif
