/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses to listen on, from what --listen says.  Names are looked up once,
 * at start (look_up.h).
 */
#ifndef IMMURE_RESOLVE_H
#define IMMURE_RESOLVE_H

#include <node/common/limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct listen_list {
	struct {
		struct sockaddr_storage addr;
		socklen_t len;
	} at[LIMIT_LISTEN];
	unsigned n;
};

/*
 * Append the addresses of @host: a literal ("192.0.2.1", "::1", "[::1]",
 * "fe80::1%eth0"), a name, or NULL for every address, which gives 0.0.0.0 and
 * "::" (so IPv6 sockets are to be IPV6_V6ONLY).  Those in the list already
 * are left out.  0; -ENOENT (no such name), -E2BIG (LIMIT_LISTEN), with the
 * reason in @err.
 */
int resolve_listen(struct listen_list *l, const char *host, uint16_t port,
    char *err, size_t errlen);

#endif
