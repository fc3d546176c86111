/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the rules of nftables/immure.nft loaded?  Asks the kernel, by netlink;
 * reads no file and starts no program.
 */
#ifndef IMMURE_FIREWALL_LOADED_H
#define IMMURE_FIREWALL_LOADED_H

#define FIREWALL_TABLE "immure" /* of family inet */
#define FIREWALL_CHAIN "input"

/*
 * 1: in this process's network namespace there is a table inet immure, which is
 * not dormant, with a chain `input` that sees what comes in and drops what no
 * rule of it accepts.  0: there is not, or the kernel has no nftables.
 * Negative errno: it cannot be found out: -EPERM without CAP_NET_ADMIN over
 * that namespace (an ordinary user, a confined role), -ETIMEDOUT when the
 * kernel has not answered within two seconds, -EPROTO when what it answers is
 * nonsense.  Whether the rules are those of the configuration is not looked at:
 * `immure firewall --diff` does.
 *
 * Nothing stays open.  Must be called before a role's or the monitor's filter
 * is put on: none of them has AF_NETLINK.
 */
int firewall_loaded(void);

#endif
