/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The read-only roots that cells start from, one per toolchain and profile,
 * made by the spawner as root in its own mount namespace.
 */
#ifndef IMMURE_EXECUTOR_TEMPLATE_H
#define IMMURE_EXECUTOR_TEMPLATE_H

#include <stdint.h>

#include "node/toolchain/table.h"

/*
 * Build all of them below @place, which is covered by a tmpfs: templates at
 * <place>/t/<toolchain>.<profile>, and an empty <place>/z for the zygote's
 * root.  Images are taken from <images>/<generation>/<toolchain>/; @images and
 * @place may be the same.  0 or -errno; *ret_where names the step or path.
 */
int template_build(const char *images, uint64_t generation,
    const struct table *t, const char *place, const char **ret_where);

/* Does toolchain @tc have pump cells? */
static inline int
template_has_pump(const struct toolchain *tc)
{
	return (tc->flags & TOOLCHAIN_HEADERS) != 0;
}

#endif
