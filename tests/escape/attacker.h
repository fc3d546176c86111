/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the attacker share: attacker.c says what it is. */
#ifndef TESTS_ESCAPE_ATTACKER_H
#define TESTS_ESCAPE_ATTACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct act {
	const char *name;
	int (*fn)(void); /* 0, or the errno of what was refused */
	bool here;	 /* not in a child of its own */
};

extern const char *out;	   /* where we may write */
extern const char *arg;	   /* of the act */
extern const char *object; /* what becomes the object */
extern bool object_made;   /* … or the act has written OUT/o itself */

/* Acts of the other files; the last has no name. */
extern const struct act more_acts[], resource_acts[];

/* A name below @out; good for three calls more. */
const char *in_out(const char *name);
int done(long r);
int make_file(const char *path, const void *bytes, size_t n, mode_t mode);
int copy_file(const char *from, const char *to);

#endif
