/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Root's rights over one's own: see user_mode.h.  Runs with the rights of
 * whoever calls, before any foreign byte is near; trusts /proc to be the
 * kernel's.  Must never map an id that is not the caller's.
 */
#include "user_mode.h"
#include "write_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The beginning of @path, as text; false when it cannot be read. */
static bool
read_text(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, room - 1);
	(void)close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

bool
user_mode(void)
{
	char text[256], *end;

	/* a line each: first inside, first outside, how many */
	if (!read_text("/proc/self/uid_map", text, sizeof(text)))
		return false;
	(void)strtoul(text, &end, 10);
	(void)strtoul(end, &end, 10);
	if (strtoul(end, &end, 10) != 1)
		return false;
	return strcmp(end, "\n") == 0;
}

bool
user_mode_groups_stay(void)
{
	char text[16];

	return getgroups(0, NULL) > 0 &&
	    read_text("/proc/self/setgroups", text, sizeof(text)) &&
	    strcmp(text, "deny\n") == 0;
}

int
user_mode_enter(const char **ret_where)
{
	const unsigned uid = geteuid(), gid = getegid();
	char text[32];
	int r;

	*ret_where = "make a user namespace";
	if (unshare(CLONE_NEWUSER) != 0)
		return -errno;
	*ret_where = "map one's own ids";
	/* before gid_map, which is refused otherwise (user_namespaces(7)) */
	r = write_text(AT_FDCWD, "/proc/self/setgroups", "deny");
	(void)snprintf(text, sizeof(text), "0 %u 1", uid);
	if (r == 0)
		r = write_text(AT_FDCWD, "/proc/self/uid_map", text);
	(void)snprintf(text, sizeof(text), "0 %u 1", gid);
	if (r == 0)
		r = write_text(AT_FDCWD, "/proc/self/gid_map", text);
	if (r != 0)
		return r;
	/* AppArmor gives out namespaces without the rights in them: ask for
	 * the first of those here. */
	*ret_where = "make a mount namespace";
	return unshare(CLONE_NEWNS) != 0 ? -errno : 0;
}

static bool
sysctl_is(const char *proc, const char *name, const char *value)
{
	char path[PATH_MAX], text[32];
	int n = snprintf(path, sizeof(path), "%s/sys/%s", proc, name);

	if (n < 0 || (size_t)n >= sizeof(path) ||
	    !read_text(path, text, sizeof(text)))
		return false;
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, value) == 0;
}

const char *
user_mode_remedy(const char *proc)
{
	if (sysctl_is(proc, "kernel/unprivileged_userns_clone", "0"))
		return "this system lets root alone make user namespaces "
		       "(kernel.unprivileged_userns_clone is 0): run `sysctl "
		       "kernel.unprivileged_userns_clone=1` as root, or start "
		       "it as root";
	if (sysctl_is(proc, "user/max_user_namespaces", "0"))
		return "this system allows no user namespaces "
		       "(user.max_user_namespaces is 0): run `sysctl "
		       "user.max_user_namespaces=65536` as root; without them "
		       "no jail can be made, not even by root";
	if (sysctl_is(
		proc, "kernel/apparmor_restrict_unprivileged_userns", "1"))
		return "AppArmor keeps ordinary users from having rights in "
		       "their user namespaces "
		       "(kernel.apparmor_restrict_unprivileged_userns is 1): "
		       "load a profile for this program that has the rule "
		       "`userns,`, run `sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0` as "
		       "root, or start it as root";
	return "a container, a chroot or a service's filter forbids user "
	       "namespaces, or too many exist (user.max_user_namespaces): "
	       "start it outside of that, or as root";
}
