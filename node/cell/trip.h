/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tripwire's one answer: to the launcher, which tries it before there is a
 * job.  No call that the launcher makes fails with it otherwise. */
#ifndef IMMURE_CELL_TRIP_H
#define IMMURE_CELL_TRIP_H

#include <errno.h>

#define TRIP_ANSWER EDOM

#endif
