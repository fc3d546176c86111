/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immured --inetd: one job between stdin and stdout, for ssh and inetd.  It
 * hands them to a node of this machine, by immure-relay; reads none of a
 * client's bytes itself, and no configuration file.  A client that comes by TCP
 * must be one that --allow names, as with distccd.
 */
#ifndef IMMURE_INETD_H
#define IMMURE_INETD_H

#include <stdbool.h>

/*
 * Is that what is meant?  By --inetd; by a socket as stdin when nothing says
 * otherwise, as distccd; or by being started as somebody's login shell, which
 * thereby can do nothing else.
 */
bool inetd_wanted(int argc, char *const argv[]);

/* Returns an exit status when it fails (said on stderr), else not at all.
 * Descriptors 0, 1 and 2 must be open, and SIGCHLD not ignored. */
int inetd_main(int argc, char *const argv[]);

#endif
