/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * first: writes the time of its first instruction, and ends.  Static, so that
 * it needs nothing in any jail and starts as fast as anything does; in a cell
 * it also leaves the object that a compiler would.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define OUT "/tmp/.immure/o"

int
main(int argc, char **argv)
{
	struct timespec t;
	char text[32];
	int n, fd;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	n = snprintf(text, sizeof(text), "%llu\n",
	    (unsigned long long)t.tv_sec * 1000000000U +
		(unsigned long long)t.tv_nsec);
	if (n < 0 || write(1, text, (size_t)n) != n)
		return 1;
	if (argc < 2 || argv[1][0] != 'o')
		return 0;
	fd = open(OUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	return fd < 0 || write(fd, text, (size_t)n) != n;
}
