/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --check-config: what the settings name, beyond what they say. */
#ifndef IMMURE_CHECK_CONFIG_H
#define IMMURE_CHECK_CONFIG_H

#include "cmdline.h"

/*
 * Are files that are to be written possible, addresses to listen on and names
 * of clients known, compilers there?  0, or CMDLINE_EXIT_USAGE with the reason
 * on stderr.  Makes and opens nothing.
 */
int check_config(struct cmdline *cl);

/* One port for jobs and statistics is none: at the start, too. */
int check_ports(const struct cmdline *cl);

/* Look up the names of --allow (allow_names.h): at the start, too. */
int check_names(struct cmdline *cl);

#endif
