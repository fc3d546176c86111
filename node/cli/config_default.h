/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in force where a setting has no value. */
#ifndef IMMURE_CONFIG_DEFAULT_H
#define IMMURE_CONFIG_DEFAULT_H

#include <node/config/setting.h>

/* For people, of a node that this user starts; "" where that is nothing. */
void config_default(const struct cmdline *c, const struct setting *s,
    char *out, size_t room);

/* The files of a distccd service, which immured-start(8) would read: those
 * that are there, or "" as well where it reads none. */
void config_service(const struct cmdline *c, char *out, size_t room);

#endif
