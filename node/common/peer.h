/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address a client connected from, as the kernel told the monitor. */
#ifndef IMMURE_PEER_H
#define IMMURE_PEER_H

#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/* IPv4 and IPv4-mapped addresses are kept as ::ffff:a.b.c.d. */
struct peer {
	uint8_t addr[16];
	uint16_t port; /* host order */
	uint16_t zero[3];
};

#define PEER_TEXT_MAX 64 /* "[v6]:port" and the NUL */

/* 0, or -EAFNOSUPPORT for anything that is not IPv4 or IPv6. */
int peer_from_sockaddr(struct peer *p, const struct sockaddr *sa, size_t len);

/* "1.2.3.4:55" or "[fe80::1]:55"; always NUL-terminated. */
void peer_format(const struct peer *p, char text[PEER_TEXT_MAX]);

/*
 * One client for budgets and fairness (security-rules 17): an IPv4 /32 or an
 * IPv6 /64.  True when both addresses belong to the same one.
 */
int peer_same_client(const struct peer *a, const struct peer *b);

#endif
