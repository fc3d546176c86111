/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where nodes take jobs of this machine's users: one place for the system's
 * node, one for each user's own.  Both sides ask here, the node that listens
 * and `immured --inetd` that looks for it.
 */
#ifndef IMMURE_SOCKET_PATH_H
#define IMMURE_SOCKET_PATH_H

#include <stddef.h>
#include <sys/un.h>

#define SOCKET_PATH_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

/* Root's node.  Nobody but root can make anything in its directory. */
#define SOCKET_SYSTEM "/run/immure/job.sock"

/* Whose members may connect to it. */
#define SOCKET_GROUP "immure"

/*
 * The directory of a node that this user started: in $XDG_RUNTIME_DIR if that
 * is the user's own, else below /tmp, else, where somebody else has taken that
 * name, in $HOME; root's own is not the system's.  Always NUL-terminated; 0 or
 * -ENAMETOOLONG.
 */
int socket_own_dir(char ret[SOCKET_PATH_MAX]);

/* The socket in it. */
int socket_own(char ret[SOCKET_PATH_MAX]);

/*
 * Open that directory, making it if need be.  The descriptor, or -errno:
 * -EPERM when somebody else may have made or changed it, which below /tmp
 * anybody can.
 */
int socket_own_dir_open(const char *dir);

#endif
