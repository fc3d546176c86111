/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMMURE_FIREWALL_SAY_H
#define IMMURE_FIREWALL_SAY_H

#include <stddef.h>

/* Why the rules are not in force, by what firewall_loaded() said, into @reason,
 * and what to do, a constant.  For people. */
const char *firewall_say(int loaded, char *reason, size_t room);

#endif
