/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What running jobs may have of the machine's memory together: what the
 * administrator says, or, where he says nothing, a share of it without what
 * the images of the toolchains take, which is memory as well.  Pure.
 */
#ifndef IMMURE_JOB_MEMORY_H
#define IMMURE_JOB_MEMORY_H

#include "cmdline.h"
#include <stdint.h>

/* limit-memory in bytes, with @images bytes of images; within its row. */
uint64_t job_memory(const struct cmdline *cl, uint64_t images);

#endif
