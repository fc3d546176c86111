/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section [firewall] of the configuration file: what `immure firewall` needs to
 * know beside the daemon's own settings (who may connect, where it listens).
 * The daemon only looks whether it is right.  Pure: words in, a value or a
 * reason out.
 */
#ifndef IMMURE_FIREWALL_H
#define IMMURE_FIREWALL_H

#include <node/common/acl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIREWALL_PORTS 32U /* a list's */
#define FIREWALL_HOSTS 16U
#define FIREWALL_RATE  500U /* a build with 100 jobs of 0.2 seconds */

struct firewall_ports {
	uint16_t at[FIREWALL_PORTS];
	unsigned n;
};

/* Addresses as in struct peer, each with its port. */
struct firewall_hosts {
	struct peer at[FIREWALL_HOSTS];
	unsigned n;
};

struct firewall {
	bool host;     /* scope: all that this machine receives and sends */
	bool no_admin; /* "admin = none" */
	struct acl admins;
	struct firewall_ports admin_ports; /* none given: 22 */
	struct firewall_ports out;	   /* none given: 53, 67, 123 */
	struct firewall_hosts log, cache;
	uint32_t rate; /* a client's connections a second; 0 = FIREWALL_RATE */
	unsigned seen; /* keys that stood there, by their number */
};

/* Of @key: its number, or -1; whether it takes several words and may stand
 * there again. */
int firewall_key(const char *key);
bool firewall_takes_several(int key);

/* "scope", "admin", …; NULL beyond the last one. */
const char *firewall_key_name(int key);

/* Set @key to @word, or add that.  True, or a reason and a remedy in @why. */
bool firewall_set(
    struct firewall *f, int key, const char *word, char *why, size_t room);

/* As it would stand in the file, with the default where it does not; "" where
 * there is none. */
void firewall_show(const struct firewall *f, int key, char *out, size_t room);

/* The lists with their defaults. */
struct firewall_ports firewall_admin_ports(const struct firewall *f);
struct firewall_ports firewall_out_ports(const struct firewall *f);

#endif
