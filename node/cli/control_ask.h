/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket of a running node, as its administrator asks it. */
#ifndef IMMURE_CONTROL_ASK_H
#define IMMURE_CONTROL_ASK_H

#include <node/common/control.h>
#include <node/relay/socket_path.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct control {
	int fd;			    /* owned */
	char path[SOCKET_PATH_MAX]; /* of the node's job socket */
	const char *command;	    /* borrowed; who complains */
};

/*
 * Connect to the node whose job socket is @socket, NULL: root's system node,
 * or this user's own.  0, and control_close(c) later; -errno, told on stderr.
 */
int control_open(struct control *c, const char *command, const char *socket);
/* The same, where it is no matter for a complaint that there is none. */
int control_try(struct control *c, const char *command, const char *socket);
void control_close(struct control *c);

/* Ask @type, wait @timeout_ms for the answer of exactly @len bytes.  0, or
 * -errno, told on stderr. */
int control_ask(const struct control *c, uint32_t type, void *ret, size_t len,
    int timeout_ms);

/* The monitor's pid in its own pid namespace, of the node whose job socket is
 * @socket; 0: there is none to ask, which is not told. */
pid_t control_node(const char *command, const char *socket);

/* "starting", …; never NULL. */
const char *control_state_word(uint32_t state);

/* What control_ask() waits for a node that does its work. */
#define CONTROL_WAIT_MS 10000

#endif
