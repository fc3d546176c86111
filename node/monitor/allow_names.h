/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of hosts that --allow gives.  They are looked up once, at start, as
 * those of --listen are (resolve.h): a reload takes what was found then, since
 * by that time the monitor reads nothing from the network.
 */
#ifndef IMMURE_ALLOW_NAMES_H
#define IMMURE_ALLOW_NAMES_H

#include "cmdline.h"

/*
 * Add every address of each of @cl's names to its rules.  0, or -1 with the
 * name, the reason and a remedy in @err: there is no such host, or too many
 * addresses.  Before the monitor gives anything up, never after.
 */
int allow_names_look_up(struct cmdline *cl, char *err, size_t errlen);

/* The same from what was found; -1: a name that was not looked up. */
int allow_names_known(struct cmdline *cl, char *err, size_t errlen);

#endif
