/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client's paths may look like; private to request.c. */
#ifndef IMMURE_WIRE_REQUEST_PATH_H
#define IMMURE_WIRE_REQUEST_PATH_H

#include "request.h"
#include <stdbool.h>

/* Make each run of slashes in @path one slash, in place. */
void path_squeeze(char *path);

/* Absolute, no empty, "." or ".." component, none over NAME_MAX, no control
 * character, no slash at the end, not "/". */
bool path_is_canonical(const char *path);

bool path_has_control(const char *path);

/*
 * Is LINK @target of canonical @name the way the include server says "use
 * your own directory of this name" (wire-protocol §1.3)?
 */
bool link_is_system(const char *name, const char *target);

/* Does @name ask for its directory only? */
bool name_is_forcing(const char *name);

/*
 * Do the names of @r and its CDIR (both canonical) fit into one tree?  0, or
 * REQUEST_E_TWICE (the same name twice, or one below a FILE or LINK),
 * REQUEST_E_CDIR (CDIR is a FILE or LINK, or below one), -ENOMEM.  @heads is
 * where the names lie; it is changed on the way and then as it was.
 */
int check_tree(const struct request *r, uint8_t *heads);

#endif
