/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who listens on a port that we wanted: the kernel's lists of sockets and each
 * process's descriptors, as ss(8) does it.  Before confinement; reads /proc
 * alone, where nothing but a program's name is another's choice.
 */
#ifndef IMMURE_PORT_HOLDER_H
#define IMMURE_PORT_HOLDER_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct port_holder {
	pid_t pid;     /* 0: none that we may look into */
	char name[32]; /* of that (printable, as comm(5) has it) */
	uid_t uid;     /* whose socket it is */
};

/* Who listens on TCP @a, or on every address with its port; false: nobody that
 * we may see. */
bool port_holder(const struct sockaddr *a, struct port_holder *ret);

/*
 * Does @line of /proc/net/tcp or tcp6 tell of a socket that listens where @a
 * would?  Then *@inode and *@uid are its.  Of two addresses that differ one is
 * a wildcard's: "::" takes IPv4's, too, unless it was told not to, which the
 * line does not say.
 */
bool port_holder_line(const char *line, const struct sockaddr *a,
    unsigned long *inode, uid_t *uid);

#endif
