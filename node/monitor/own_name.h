/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other machines can call this one. */
#ifndef IMMURE_OWN_NAME_H
#define IMMURE_OWN_NAME_H

#include <stddef.h>
#include <sys/socket.h>

/*
 * Into @name: this machine's host name if the resolver knows it as an address
 * that other machines can use and that is listened on (@at, of which there are
 * @n), else the first such address, else what there is.  Before confinement.
 * The answer of a name server is read by a process that may do nothing, and
 * waited for a few seconds at most.
 */
void own_name(const struct sockaddr_storage *at, unsigned n, char *name,
    size_t len);

#endif
