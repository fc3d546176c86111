/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding compilers: names in the usual directories, and who they are. */
#ifndef IMMURE_FIND_H
#define IMMURE_FIND_H

#include <node/toolchain/compiler_name.h>
#include "compiler_says.h"
#include <node/toolchain/table.h>
#include <limits.h>

#define FIND_MAX 512     /* candidates */
#define FIND_DIRS_MAX 64 /* directories looked at */
#define FIND_PROGRAMS_MAX 128

/* A name found in a directory. */
struct candidate {
	char name[128];
	char path[192];  /* where it was found */
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
	int toolchain;   /* index, or -1 */
};

struct found {
	struct candidate *c; /* owned */
	size_t n;
	struct program *p; /* owned */
	size_t np;
	char dirs[FIND_DIRS_MAX][192];
	size_t ndirs;
};

/* Fill @f from the directories of this host; 0 or -ENOMEM. */
int find_compilers(struct found *f);

/* Ask every program what it is, in a jail. */
void find_identify(struct found *f, int runner);

/* A digest over all names and what they lead to: changes when a compiler
 * comes or goes. */
void find_digest(const struct found *f, uint8_t digest[32]);

void find_done(struct found *f);

/* The environment of compilers in jails with the host's files. */
extern const char *const find_host_env[];

#endif
