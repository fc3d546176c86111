/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An image of one program that came as a descriptor (`immure selftest`), and of
 * the stages of a cell.
 */
#ifndef IMMURE_PROGRAM_H
#define IMMURE_PROGRAM_H

#include <stdint.h>

#define PROGRAM_FD 4 /* a sealed memfd, which the monitor has checked */

/* Make it in @images (an empty tmpfs), send the table to the monitor, end. */
void program_main(const char *images, uint64_t generation)
    __attribute__((noreturn));

#endif
