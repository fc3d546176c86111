/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting until the host's files are no longer those of the images. */
#ifndef IMMURE_WATCH_H
#define IMMURE_WATCH_H

#include "build.h"

/*
 * Watch everything of @b->manifest and the directories that were searched.
 * @digest is find_digest() of what was found.  Returns 1 when something has
 * changed and it has been quiet for WATCH_QUIET_MS since, 0 when @peer is
 * gone, -EPROTO when it said something, another -errno.
 */
#define WATCH_QUIET_MS 2000
int watch(const struct build *b, const uint8_t digest[32], int peer);

#endif
