/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to put into a client's DISTCC_HOSTS for this node. */
#ifndef IMMURE_HOSTS_LINE_H
#define IMMURE_HOSTS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * "HOST:PORT/JOBS" as distcc(1) has it, IPv6 in brackets.  HOST is the first
 * address of @at, of which there are @n, that other machines could use, or
 * else the first one; @name where that says "every address".  Pure.
 */
void hosts_line(const struct sockaddr_storage *at, unsigned n,
    const char *name, uint16_t port, unsigned jobs, char *out, size_t len);

/* Does it stand for every address of its family? */
bool hosts_is_any(const struct sockaddr_storage *ss);
/* Is it one that no other machine reaches, or not by this name alone? */
bool hosts_is_local(const struct sockaddr_storage *ss);

#endif
