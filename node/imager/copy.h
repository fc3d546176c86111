/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making an image: copy while digesting, so that what was digested is what
 * lies in the image (security-rules 5). */
#ifndef IMMURE_COPY_H
#define IMMURE_COPY_H

#include "contents.h"
#include <stdint.h>

#define COPY_BYTES_MAX (4ULL << 30) /* of one image */

struct copied {
	uint8_t digest[32]; /* defined in toolchain/table.c */
	uint64_t bytes;
	uint64_t files;
};

/*
 * Make everything of @c (finished) below directory @image of the generation's
 * directory @gen; what @m already has a copy of is linked, not copied, and
 * digested from the copy.  Records every file in @m.  0, -ESTALE when a file
 * of the host changed while it was read, or another -errno; @reason names the
 * file.
 */
int copy_contents(const struct contents *c, struct manifest *m, int gen,
    const char *image, struct copied *ret, char *reason, size_t room);

#endif
