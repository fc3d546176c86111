/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of immured --inetd when its stdin is a TCP connection, as inetd(8)
 * and systemd give it.  No access list has seen that address: a node's own
 * does not apply to its unix socket, where the job goes.  Asks the kernel, reads
 * nothing.
 */
#ifndef IMMURE_TCP_CLIENT_H
#define IMMURE_TCP_CLIENT_H

#include <node/common/acl.h>
#include <stdbool.h>

/*
 * Is stdin a TCP connection?  If so, and stderr is the same one, stderr leads
 * to /dev/null from then on: reasons are not for strangers.
 */
bool tcp_client_is(void);

/* May it send jobs?  False, with the reason in syslog(3) and on stderr, when
 * no rule of @allowed says so, or when the kernel does not know it. */
bool tcp_client_allowed(const struct acl *allowed);

/* @what is wrong, so that it may not: syslog(3) and stderr say so. */
void tcp_client_say(const char *what);

/* The job of a TCP client failed with @status: syslog(3) says so. */
void tcp_client_failed(int status);

#endif
