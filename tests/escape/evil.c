/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared object that ends what loads it: code of a job's own has run. */
#include <unistd.h>

unsigned
la_version(unsigned version) /* for LD_AUDIT */
{
	return version;
}

__attribute__((constructor)) static void
run(void)
{
	_exit(42);
}
