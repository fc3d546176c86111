/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a configuration file into settings, by inih (INI syntax: "key =
 * value", sections in brackets, comments from "#" or ";").  Pure: bytes in,
 * settings or the line and the reason out.  The file is the administrator's
 * own; it is read strictly all the same, since a line that is half understood
 * may open a node.
 */
#ifndef IMMURE_CONFIG_TEXT_H
#define IMMURE_CONFIG_TEXT_H

#include <node/monitor/cmdline.h>

/*
 * Apply the @len bytes of @text, of which @name is the file, to *c.  0, or
 * CMDLINE_EXIT_USAGE with 'FILE:LINE: key "x": REASON; REMEDY' in @err.
 */
int config_text(struct cmdline *c, const char *name, const char *text,
    size_t len, char *err, size_t errlen);

#endif
