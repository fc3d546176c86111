/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMMURE_TESTS_HOSTILE_H
#define IMMURE_TESTS_HOSTILE_H

#include <stdbool.h>

/* It does nothing in this process, whatever it is told. */
extern bool hostile_asleep;

#endif
