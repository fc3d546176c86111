/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `immure-imager --list`: what the daemon would find on this host. */
#ifndef IMMURE_LIST_H
#define IMMURE_LIST_H

#include "wish.h"
#include <node/toolchain/table.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Scan as the daemon would, images in a tmpfs of a private mount namespace
 * that ends with this process; print the table.  Exit status: 0, 1 when no
 * name is usable, 71 when it could not be found out.
 */
int list_main(bool json, bool no_image, struct wish *wish);

/* The two forms of printing (list_print.c). */
void list_print_text(FILE *f, const struct table *t, bool no_image);
int list_print_json(FILE *f, const struct table *t, bool no_image);

#endif
