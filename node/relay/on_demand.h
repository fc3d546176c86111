/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node of this user, started because there is none. */
#ifndef IMMURE_ON_DEMAND_H
#define IMMURE_ON_DEMAND_H

/* It ends so long after its last job, in seconds. */
#define ON_DEMAND_IDLE_S 600U

/*
 * Start a node that takes jobs at @socket alone, and wait until it does; or
 * wait for somebody who is just starting one, if @answers(arg) holds then.
 * Log and lock lie beside the socket.  0, or an exit status, with the reason
 * on stderr.
 */
int on_demand_start(const char *socket, int (*answers)(void *arg), void *arg);

#endif
