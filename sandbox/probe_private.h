/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by probe.c, probe_full.c and probe_beneath.c alone. */
#ifndef IMMURE_PROBE_PRIVATE_H
#define IMMURE_PROBE_PRIVATE_H

#include "probe.h"
#include <stdbool.h>

static inline uint64_t
layer_bit(enum layer layer)
{
	return UINT64_C(1) << layer;
}

/* @layer's bit when its forbidden act @worked. */
static inline uint64_t
broken(enum layer layer, bool worked)
{
	return worked ? layer_bit(layer) : 0;
}

/* Did a call that gave @r fail with @want?  Anything else means that the
 * layer which answers with @want did not answer. */
bool probe_refused(long r, int want);

/* Are descriptors from @first on open, or those below it other than pipes
 * and terminals? */
bool probe_descriptors(int first);

#endif
