/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the administrator is told once images are made: a line for each
 * toolchain, and what came of those that were asked for by path. */
#ifndef IMMURE_REPORT_H
#define IMMURE_REPORT_H

#include "build.h"

void report(const struct build *b);

#endif
