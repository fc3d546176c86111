/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resource limits.  Never raises one: what an administrator set lower stays,
 * and CAP_SYS_RESOURCE is never needed.
 */
#include "limits.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

/* getrlimit's first argument is an enum in glibc and an int in musl. */
#ifdef __GLIBC__
typedef __rlimit_resource_t rlimit_name;
#else
typedef int rlimit_name;
#endif

static int
lower(rlimit_name name, uint64_t want)
{
	struct rlimit l;

	if (want == LIMIT_LEAVE)
		return 0;
	if (getrlimit(name, &l) != 0)
		return -errno;
	/* RLIM_INFINITY is the greatest number */
	if (want < l.rlim_max)
		l.rlim_max = (rlim_t)want;
	l.rlim_cur = l.rlim_max;
	return setrlimit(name, &l) != 0 ? -errno : 0;
}

int
rlimits_apply(const struct rlimits *l)
{
	const struct {
		rlimit_name name;
		uint64_t want;
	} all[] = {
		/* No file is that short; and core_pattern's program, which
		 * the kernel runs as root on the host and at a limit of 0
		 * too, it does not run at 1 (fs/coredump.c). */
		{ RLIMIT_CORE, 1 },
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_LOCKS, 0 },
		{ RLIMIT_SIGPENDING, 64 }, /* queued signals are kernel RAM */
		{ RLIMIT_FSIZE, l->fsize_bytes },
		{ RLIMIT_STACK, l->stack_bytes },
		{ RLIMIT_CPU, l->cpu_s },
		{ RLIMIT_NOFILE, l->nofile },
		{ RLIMIT_NPROC, l->nproc },
		{ RLIMIT_AS, l->as_bytes },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(all) / sizeof(*all); i++)
		r = lower(all[i].name, all[i].want);
	return r;
}
