/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of a host.  What a name server answers is read by a process that
 * may do nothing (security-rules 1); addresses of a fixed size come back.
 * getaddrinfo(3) loads NSS modules and may ask the network: so before the
 * monitor gives anything up, never after.
 */
#ifndef IMMURE_LOOK_UP_H
#define IMMURE_LOOK_UP_H

#include <node/common/limits.h>
#include <stdint.h>
#include <sys/socket.h>

/* More than all rules of who may connect. */
#define LOOK_UP_MAX (LIMIT_ACL_RULES + 1)
#define LOOK_UP_S 30U

struct look_up {
	uint32_t n; /* <= LOOK_UP_MAX: those beyond are left out */
	struct sockaddr_storage at[LOOK_UP_MAX]; /* AF_INET or AF_INET6 */
};

/*
 * @host, a literal or a name (NULL: every address of this machine), each with
 * @port.  Names alone are asked for, and waited for at most @seconds.  0, or
 * an EAI_ number of getaddrinfo(3): EAI_AGAIN when nothing came in time.
 */
int look_up(struct look_up *l, const char *host, uint16_t port,
    unsigned seconds);

/* How long an address of @family is; 0 = neither IPv4 nor IPv6. */
socklen_t look_up_length(int family);

#endif
