/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities and privilege bits of the calling process. */
#ifndef IMMURE_CAPS_H
#define IMMURE_CAPS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Drop every capability from every set (effective, permitted, inheritable,
 * ambient, bounding), lock the securebits (NOROOT, NO_SETUID_FIXUP,
 * NO_CAP_AMBIENT_RAISE, KEEP_CAPS off, all locked) and set no_new_privs.
 * The bounding set and securebits need CAP_SETPCAP at the time of the call;
 * call before or after the uid change, the result is verified either way.
 * 0 or -errno; anything but 0 means: exit.
 */
int caps_drop_all(void);

/*
 * The same for a process that may not change its bounding set (no
 * CAP_SETPCAP, an ordinary user's): no capability in any other set, and
 * no_new_privs, so that no exec draws on the bounding set.  Not for a process
 * of uid 0 that is to stay without them across an exec.  0 or -errno.
 */
int caps_none(void);

/*
 * As caps_drop_all but for the capabilities in @keep (CAP_*), which stay
 * permitted and effective (not inheritable, not ambient); no_new_privs is not
 * set and the bounding set keeps @keep.  For the monitor alone.
 */
int caps_keep(const int *keep, size_t n);

/*
 * Drop the supplementary groups.  They stay, and 0 is returned, only where
 * setgroups(2) is @denied (user_mode_groups_stay(), asked while there is a
 * /proc): in an ordinary user's user namespace, or one made within it.  Root
 * calls this before it makes a namespace.  0 or -EPERM.
 */
int caps_drop_groups(bool denied);

/*
 * Become @uid and @gid without supplementary groups (caps_drop_groups with
 * @denied), verify that there is no way back.  With KEEP_CAPS semantics when
 * @keep_caps, so that caps_* can follow.  0 or -errno.
 */
int caps_become(unsigned uid, unsigned gid, int keep_caps, bool denied);

#endif
