/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding compilers: names in the usual directories, and who they are. */
#ifndef IMMURE_FIND_H
#define IMMURE_FIND_H

#include "compiler_says.h"
#include "wish.h"
#include <limits.h>
#include <node/toolchain/compiler_name.h>
#include <node/toolchain/table.h>

#define FIND_MAX 512     /* candidates */
#define FIND_DIRS_MAX 64 /* directories looked at */
#define FIND_PROGRAMS_MAX 128

/* A name found in a directory. */
struct candidate {
	char name[128];
	char path[192];  /* where it was found */
	bool named;      /* the administrator has named its path */
	/* Not in the list of names (listed.h): not served.  Its program is in
	 * the image of its toolchain all the same, or the digest of one and
	 * the same compiler would depend on the list. */
	bool unlisted;
	struct compiler_name as;
	char extra[64];  /* a known script: the option; then no program */
	char reason[160]; /* refused: why; else "" */
	int program;     /* index of what it really is, or -1 */
};

/* A program file that some candidates lead to. */
struct program {
	char *real;      /* owned; real path */
	char *path;      /* owned; where it was found first */
	char reason[160]; /* refused: why; else "" */
	struct compiler_says *says; /* owned; NULL until asked */
	char cc1[PATH_MAX]; /* gcc: the compiler proper for C */
	char libs[1024]; /* what its programs name by $ORIGIN; see
			    find_origin() */
	int toolchain;   /* index, or -1 */
};

struct found {
	struct candidate *c; /* owned */
	size_t n;
	struct program *p; /* owned */
	size_t np;
	char dirs[FIND_DIRS_MAX][192];
	size_t ndirs;
	/* What cc says of itself (imsg_image); "" = there is none. */
	char cc_version[32], cc_machine[64];
};

/* Fill @f from what the administrator names and the directories of this host;
 * 0 or -ENOMEM. */
int find_compilers(struct found *f, const struct wish *w);

/* Ask every program what it is, in a jail. */
void find_identify(struct found *f, int runner);

/* A digest over all names and what they lead to: changes when a compiler
 * comes or goes. */
void find_digest(const struct found *f, uint8_t digest[32]);

void find_done(struct found *f);

/*
 * ld.so asks /proc where a program lies (ld.so(8), $ORIGIN), and jails have
 * none: what program file @tool of compiler @p names in that way goes into
 * @p's LD_LIBRARY_PATH.  A library's own $ORIGIN needs no /proc.
 */
void find_origin(struct program *p, const char *tool);

/* The environment of @p in jails with the host's files, in a static array. */
const char *const *find_host_env(const struct program *p);

#endif
