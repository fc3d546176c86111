/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts to speak with: those that are named, else those of the first that
 * is there of $DISTCC_HOSTS, $DISTCC_DIR/hosts (~/.distcc/hosts) and
 * /etc/distcc/hosts, as the stock client looks for them.
 */
#ifndef IMMURE_HOST_LIST_H
#define IMMURE_HOST_LIST_H

#include <stddef.h>

#define HOST_LIST_MAX 256

struct host_list {
	char source[512]; /* "$DISTCC_HOSTS", a path, "the command line", or ""
			     when there is no list */
	size_t n;
	char *words[HOST_LIST_MAX]; /* owned; entries, not yet parsed */
};

/* Take them from @words (@n of them), or look for a list.  0; -ENOENT: there
 * is none; -E2BIG, -ENOMEM, or why a file cannot be read (l->source says
 * which).  host_list_done() in any case. */
int host_list_get(struct host_list *l, int n, char *const words[]);
void host_list_done(struct host_list *l);

/* $DISTCC_DIR or ~/.distcc in @room; NULL: there is neither. */
const char *distcc_dir(char *room, size_t len);

#endif
