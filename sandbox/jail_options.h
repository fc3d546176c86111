/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of immure-jail. */
#ifndef IMMURE_JAIL_OPTIONS_H
#define IMMURE_JAIL_OPTIONS_H

#include "jail.h"

#define JAIL_OUTPUTS 16
#define JAIL_OPTIONS_ERROR 512

/* One file to take out of the jail. */
struct jail_output {
	char *file;       /* on the host; owned */
	const char *path; /* in the jail; in @file's allocation */
};

struct jail_options {
	struct jail *jail; /* owned; all but --uid is set in it */
	struct rlimits limits;
	struct jail_output outputs[JAIL_OUTPUTS];
	unsigned n_outputs;
	bool has_uid, help, version;
	unsigned uid;
	const char *const *command; /* of argv, NULL-terminated */
	char error[JAIL_OPTIONS_ERROR]; /* option, reason, remedy */
};

/*
 * Parse @argv into @o.  0, or -1 with o->error set.  Call
 * jail_options_done either way.  Resolves relative sources (realpath(3)).
 */
int jail_options_parse(struct jail_options *o, int argc, char **argv);
void jail_options_done(struct jail_options *o);

/* "64M", "1g", "4096": bytes.  False: not a size, or beyond 2^62. */
bool jail_options_size(const char *text, uint64_t *ret);

/* What --usual puts into @j.  0 or -errno. */
int jail_usual(struct jail *j);

extern const char jail_options_usage[];

#endif
