/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of users that no user database has and nothing hands out, beyond what
 * systemd and containers do (docs/privsep.md).  nftables/immure.nft names them.
 */
#ifndef IMMURE_UIDS_H
#define IMMURE_UIDS_H

#include "limits.h"

/* Roles without a user of sysusers.d: this and their enum role. */
#define ROLE_UID_BASE 1900000000U
#define CACHER_UID    1900000007U /* a role to come */

/* Jails: immure check's and immure-jail's, those in which compilers are tried,
 * and slots: two ids each, uid 0 and the job's; the last is a selftest's. */
#define PROBE_JAIL_UID	1900000100U
#define RUNNER_JAIL_UID 1900000900U
#define SLOT_UID_BASE	1900001000U

#define JAIL_UID_FIRST PROBE_JAIL_UID
#define JAIL_UID_LAST  (SLOT_UID_BASE + 2U * LIMIT_SLOTS + 1U)

#endif
