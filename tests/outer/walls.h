/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ld's --wrap: calls by which a program of the node confines itself come here
 * (walls_*.c, one for each kind of program; module.mk says which calls).  What
 * these do not do is the wall that is off.
 */
#ifndef IMMURE_OUTER_WALLS_H
#define IMMURE_OUTER_WALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sandbox/filter.h>
#include <sandbox/namespace.h>

#include "node/common/message.h"

#include "acts.h"

/* no_new_privs stays in all of it: under it the policies' transitions from one
 * program to the next must work in the real node. */
int outer_no_new_privs(void);

int __real_caps_become(unsigned, unsigned, int, bool);
int __wrap_caps_become(unsigned, unsigned, int, bool);
int __wrap_caps_drop_all(void);
int __wrap_caps_keep(const int *, size_t);
int __real_landlock_enter(int);
int __wrap_landlock_enter(int);
int __real_filter_install(const struct filter *);
int __wrap_filter_install(const struct filter *);
int __real_prctl(
    int, unsigned long, unsigned long, unsigned long, unsigned long);
int __wrap_prctl(
    int, unsigned long, unsigned long, unsigned long, unsigned long);

#endif
