/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a client is, as the kernel told the monitor: the address it connected
 * from, or the user of a process on this machine (the node's unix socket).
 */
#ifndef IMMURE_PEER_H
#define IMMURE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum peer_kind { PEER_ADDRESS = 0, PEER_UNIX };

/* IPv4 and IPv4-mapped addresses are kept as ::ffff:a.b.c.d. */
struct peer {
	uint8_t addr[16]; /* PEER_UNIX: the uid in the last four, network
			     order */
	uint16_t port;    /* host order; PEER_UNIX: 0 */
	uint16_t kind;    /* enum peer_kind; compared as a number, because a
			     role may have sent it */
	uint16_t zero[2];
};

#define PEER_TEXT_MAX 64 /* "[v6]:port" and the NUL */
#define PEER_HOST_MAX 48 /* the same without the port */

/* 0, or -EAFNOSUPPORT for anything that is not IPv4 or IPv6. */
int peer_from_sockaddr(struct peer *p, const struct sockaddr *sa, size_t len);

/* A process of @uid, by SO_PEERCRED of its connection. */
void peer_from_uid(struct peer *p, uint32_t uid);

/* "1.2.3.4:55", "[fe80::1]:55" or "unix:1000"; always NUL-terminated. */
void peer_format(const struct peer *p, char text[PEER_TEXT_MAX]);

/* "1.2.3.4", "fe80::1" or "unix:1000"; always NUL-terminated. */
void peer_format_host(const struct peer *p, char text[PEER_HOST_MAX]);

/*
 * One client for budgets and fairness (security-rules 17): an IPv4 /32, an
 * IPv6 /64 or a local user.  True when both are the same one.
 */
bool peer_same_client(const struct peer *a, const struct peer *b);

/* What one who has many clients' addresses has: an IPv6 /48; or many uids: all
 * users of this machine but root are one site, because each may be given
 * 65,536 uids more in /etc/subuid, whose they are the kernel does not tell.
 * Nobody else has a site; false for them. */
bool peer_has_site(const struct peer *p);
bool peer_same_site(const struct peer *a, const struct peer *b);

#endif
