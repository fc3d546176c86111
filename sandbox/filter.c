/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Installs a compiled filter.  Trusts the build (the code array is what
 * policy_compile wrote); must never build or change a filter at run time.
 */
#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int
filter_install(const struct filter *f)
{
	struct sock_fprog prog = {
		.len = f->len,
		/* sock_fprog wants it writable; the kernel only reads it */
		.filter = (struct sock_filter *)(uintptr_t)f->code,
	};

	if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0)
		return -errno;
	return 0;
}
