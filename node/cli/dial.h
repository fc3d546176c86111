/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to a node: TCP, or the ends of an ssh that runs distccd. */
#ifndef IMMURE_DIAL_H
#define IMMURE_DIAL_H

#include "host_spec.h"
#include "name_lookup.h"

#include <stdint.h>
#include <sys/types.h>

struct dialed {
	int fd;	   /* owned; not blocking; -1 = none */
	pid_t ssh; /* owned; 0 = none */
};

/* Connect to address @i of @l until @deadline_us.  0 or -errno. */
int dial_tcp(struct dialed *d, const struct lookup *l, unsigned i,
    uint64_t deadline_us);

/*
 * Run ssh as the stock client does (wire-protocol §1.10), its stderr ours:
 * it may have to ask for a password.  0 or -errno; that it cannot connect
 * shows as a closed connection.
 */
int dial_ssh(struct dialed *d, const struct host_spec *h);

/* Close; end ssh and wait for it. */
void dial_close(struct dialed *d);

#endif
