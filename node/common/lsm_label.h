/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of a process in /proc/PID/attr, compared with what is
 * expected.  Pure; any bytes will do.
 *
 *   SELinux    USER:ROLE:TYPE[:LEVEL]
 *   AppArmor   PROFILE[//&PROFILE…] (MODE), or "unconfined"
 */
#ifndef IMMURE_LSM_LABEL_H
#define IMMURE_LSM_LABEL_H

#include <stdbool.h>
#include <stddef.h>

/* Longer ones are none of ours: levels of policy/selinux are short. */
#define LSM_LABEL_MAX 512

/* Take @n bytes as the kernel gave them into @label of LSM_LABEL_MAX: what is
 * before the first end of line or NUL.  False: that does not fit. */
bool lsm_label_take(char *label, const char *bytes, size_t n);

/* Is that its type? */
bool lsm_label_has_type(const char *label, const char *type);

/* Is that profile one of those which confine it? */
bool lsm_label_has_profile(const char *label, const char *profile);

/* The mode of an AppArmor label, without its brackets, into @mode of
 * LSM_LABEL_MAX; "unconfined" where there is none. */
void lsm_label_mode(const char *label, char *mode);

/* Does a profile in that mode forbid?  "kill" does, and ends who tries. */
bool lsm_mode_forbids(const char *mode);

/* The kernel's answer to "may a process with that label …" (/sys/fs/selinux/
 * access): is that label's domain permissive?  @answer is NUL-terminated. */
bool lsm_answer_is_permissive(const char *answer);

#endif
