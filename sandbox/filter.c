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

static int
install(const struct filter *f, unsigned flags)
{
	long r;
	struct sock_fprog prog = {
		.len = f->len,
		/* sock_fprog wants it writable; the kernel only reads it */
		.filter = (struct sock_filter *)(uintptr_t)f->code,
	};

	r = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	return r < 0 ? -errno : (int)r;
}

int
filter_install(const struct filter *f)
{
	return install(f, 0);
}

int
filter_install_listener(const struct filter *f)
{
	return install(f, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}
