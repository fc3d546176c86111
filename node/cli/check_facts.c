/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine's kernel offers, from /proc and /sys. */
#include "check.h"

#include <sandbox/cgroup.h>
#include <sandbox/landlock.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

bool
check_has_word(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list != '\0') {
		size_t n = strcspn(list, " ,\n");

		if (n == len && memcmp(list, name, n) == 0)
			return true;
		list += n;
		list += strspn(list, " ,\n");
	}
	return false;
}

/* The first line of @path, or false. */
static bool
read_line(const char *path, char *line, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, line, room - 1);
	(void)close(fd);
	if (n < 0)
		return false;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static void set(struct check_fact *f, bool good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
set(struct check_fact *f, bool good, const char *fmt, ...)
{
	va_list ap;

	f->good = good;
	va_start(ap, fmt);
	(void)vsnprintf(f->value, sizeof(f->value), fmt, ap);
	va_end(ap);
}

static void
ask_kernel(struct check_fact *f)
{
	struct utsname u;
	unsigned long major, minor;
	char *end;

	if (uname(&u) != 0)
		return;
	major = strtoul(u.release, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	set(f, major > 6 || (major == 6 && minor >= 1), "Linux %.64s %.32s",
	    u.release, u.machine);
}

static void
ask_landlock(struct check_fact *f)
{
	int abi = landlock_abi();

	if (abi <= 0)
		set(f, false, "not there");
	else if (abi < 3) /* landlock(7) */
		set(f, abi >= 2, "ABI %d: truncate(2) is left to the mounts "
		    "(since Linux 6.2)", abi);
	else
		set(f, true, "ABI %d", abi);
}

/* securityfs may not be mounted, in a container above all. */
static void
ask_lsm(struct check_fact *f)
{
	char line[128];

	if (read_line("/sys/kernel/security/lsm", line, sizeof(line)))
		set(f, check_has_word(line, "landlock"), "%s", line);
	else
		set(f, true, "unknown: securityfs is not mounted");
}

static void
ask_user_ns(struct check_fact *f)
{
	char max[32], mine[32] = "";

	if (!read_line("/proc/sys/user/max_user_namespaces", max, sizeof(max)))
		return;
	(void)read_line(
	    "/proc/sys/kernel/unprivileged_userns_clone", mine, sizeof(mine));
	set(f, strcmp(max, "0") != 0, "at most %s%s", max,
	    strcmp(mine, "0") == 0 ? ", for root alone" : "");
}

static void
ask_controller(struct check_fact *f, const char *name)
{
	char line[256], path[PATH_MAX], file[PATH_MAX + 24];

	if (cgroup_mount(path) != 0) {
		set(f, false, "cgroup v2 is not mounted");
		return;
	}
	(void)snprintf(file, sizeof(file), "%s/cgroup.controllers", path);
	if (!read_line(file, line, sizeof(line)))
		set(f, false, "no cgroup v2 at %.100s", path);
	else if (check_has_word(line, name))
		set(f, true, "there");
	else
		set(f, false, "not among the controllers (%.100s)",
		    line[0] != '\0' ? line : "there are none");
}

static void
ask_memfd(struct check_fact *f)
{
	char line[16];

	if (!read_line("/proc/sys/vm/memfd_noexec", line, sizeof(line)))
		set(f, true, "not there (since Linux 6.3)");
	else
		set(f, strcmp(line, "0") != 0, "%.15s", line);
}

void
check_facts(struct check_fact facts[FACT_COUNT])
{
	/* clang-format off */
	static const struct check_fact blank[FACT_COUNT] = {
		[FACT_KERNEL] = { "kernel", "use Linux 6.1 or later",
		    false, "unknown" },
		[FACT_LANDLOCK] = { "landlock",
		    "add landlock to lsm= on the kernel command line",
		    false, "unknown" },
		[FACT_LSM] = { "security modules",
		    "add landlock to lsm= on the kernel command line",
		    false, "unknown" },
		[FACT_USER_NS] = { "user namespaces",
		    "set sysctl user.max_user_namespaces above 0",
		    false, "unknown" },
		[FACT_CGROUP_MEMORY] = { "cgroup memory",
		    "mount cgroup v2 with the memory controller: without it a "
		    "node can be exhausted", false, "unknown" },
		[FACT_MEMORY_BOUND] = { "memory bound",
		    "lower limits of immured.conf(5)", false, "unknown" },
		[FACT_CGROUP_PIDS] = { "cgroup pids",
		    "mount cgroup v2 with the pids controller",
		    false, "unknown" },
		[FACT_CGROUP_CPU] = { "cgroup cpu",
		    "mount cgroup v2 with the cpu controller",
		    false, "unknown" },
		[FACT_MEMFD_NOEXEC] = { "memfd_noexec",
		    "set sysctl vm.memfd_noexec to 1: immure asks for it in "
		    "each call, others forget", false, "unknown" },
	};
	/* clang-format on */

	memcpy(facts, blank, sizeof(blank));
	ask_kernel(&facts[FACT_KERNEL]);
	ask_landlock(&facts[FACT_LANDLOCK]);
	ask_lsm(&facts[FACT_LSM]);
	ask_user_ns(&facts[FACT_USER_NS]);
	ask_controller(&facts[FACT_CGROUP_MEMORY], "memory");
	ask_controller(&facts[FACT_CGROUP_PIDS], "pids");
	ask_controller(&facts[FACT_CGROUP_CPU], "cpu");
	ask_memfd(&facts[FACT_MEMFD_NOEXEC]);
}
