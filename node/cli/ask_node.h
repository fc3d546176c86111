/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a node: one connection, one request, one answer. */
#ifndef IMMURE_ASK_NODE_H
#define IMMURE_ASK_NODE_H

#include "dial.h"
#include "host_spec.h"
#include "job_ask.h"
#include "name_lookup.h"
#include "node_toolchains.h"
#include "talk.h"

/* A node, and which of its addresses to speak with. */
struct node {
	const struct host_spec *spec; /* borrowed */
	const struct lookup *found;   /* borrowed; TCP only */
	unsigned address;	      /* of found */
};

/*
 * Send @a, take the reply; talk_done(t) later.  0, or -errno: there was no
 * connection (and nothing in *t).
 */
int ask_node(struct talk *t, const struct node *n, const struct job_ask *a,
    uint64_t deadline_us);

/*
 * Ask for its toolchains: 0, and node_toolchains_done(ret) later; -errno: no
 * connection; -ENOMSG: it does not answer such questions, @why (a text free of
 * foreign bytes) says what it did, *end how.
 */
int ask_toolchains(struct node_toolchains *ret, const struct node *n,
    uint64_t deadline_us, enum talk_end *end, char *why, size_t room);

#endif
