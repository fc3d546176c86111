/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings that immured would have, by the daemon's own code. */
#ifndef IMMURE_DAEMON_SETTINGS_H
#define IMMURE_DAEMON_SETTINGS_H

#include <node/monitor/cmdline.h>

/*
 * With @file for its --config (NULL: the standard one, if it is there) and the
 * @argc options in @argv.  CLI_EXIT_OK, or another, told on stderr.
 * cmdline_free() afterwards, always.
 */
int daemon_settings(
    struct cmdline *c, const char *file, int argc, char *argv[]);

#endif
