/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter: the job's filter as bubblewrap takes it (bwrap --seccomp). */
#include <stdio.h>

#include <sandbox/filter.h>

extern const struct filter filter_job;

int
main(void)
{
	size_t n = filter_job.len;

	return fwrite(filter_job.code, sizeof(filter_job.code[0]), n, stdout) !=
	       n;
}
