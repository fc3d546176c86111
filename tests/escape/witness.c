/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness LAYERS: what stands in the compiler's place while set-up calls fail.
 * It attempts what every layer of the hex mask LAYERS forbids, says on its
 * stdout which gave way, and leaves an object: a mark that it ran, and how.
 * Static, so that an image needs no loader.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/probe.h"

#define OUT "/tmp/.immure/o"

int
main(int argc, char **argv)
{
	uint64_t broken;
	char text[64];
	int n, fd;

	broken = probe_full(argc > 1 ? strtoull(argv[1], NULL, 16) : 0);
	n = snprintf(text, sizeof(text), "witness %llx\n",
	    (unsigned long long)broken);
	if (n < 0 || write(1, text, (size_t)n) != n)
		return 1;
	fd = open(OUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0 && write(fd, text, (size_t)n) != n)
		return 1;
	return 0;
}
