/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The imager's scanner: from root to nobody, then everything else. */
#ifndef IMMURE_SCAN_H
#define IMMURE_SCAN_H

#include "wish.h"
#include <stdbool.h>
#include <stdint.h>

struct scan {
	const char *images;  /* the generation's directory: an empty tmpfs */
	uint64_t generation;
	bool no_image;       /* find and name, copy nothing */
	bool watch;          /* stay and tell when the host changes */
	const char *checked; /* file of earlier self-checks, or NULL */
	struct wish *wish;   /* borrowed; its list and roots are yet to come */
};

/*
 * Start the runner, confine this process (fd 3 is the monitor's socket), make
 * the images, send the table, watch.  Does not return.
 */
void scan_main(const struct scan *s) __attribute__((noreturn));

#endif
