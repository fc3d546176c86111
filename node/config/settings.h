/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in force: built-in < configuration file < environment < command
 * line.  Reads one file, the administrator's (the user's, for an ordinary
 * user), before the monitor confines itself and on SIGHUP; no foreign byte.
 */
#ifndef IMMURE_SETTINGS_H
#define IMMURE_SETTINGS_H

#include <node/monitor/cmdline.h>

#define SETTINGS_FILE "/etc/immure/immured.conf"

/* What settings are made of, the same at each reload, when the process may be
 * somebody else and somewhere else. */
struct settings_sources {
	int argc;
	char *const *argv;
	const char *standard; /* the file when none is named; "" = none */
	const char *cwd; /* to which relative paths of argv are relative */
};

/*
 * Fill *c.  0, or CMDLINE_EXIT_USAGE with a reason and a remedy in @err.
 * c->config is the file that was read, or NULL; one that --config names must
 * be there.  cmdline_free() afterwards, always.
 */
int settings_load(struct cmdline *c, const struct settings_sources *from,
    char *err, size_t errlen);

/* The default file of this user; "" when there is no place for one. */
void settings_default_file(char *out, size_t room);

/*
 * carry.c: of a reload that gave *to, leave what cannot be reloaded as it is in
 * *from.  How many of those would have changed, their names in @changed; -1:
 * out of memory.  *to owns all of its words afterwards.
 */
int settings_carry(struct cmdline *to, const struct cmdline *from,
    const char **changed, unsigned room);

/* environment.c: the variables of distccd; 0 or CMDLINE_EXIT_USAGE. */
int settings_environment(struct cmdline *c, char *err, size_t errlen);

#endif
