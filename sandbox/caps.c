/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities, securebits and ids of the calling process, by system calls
 * alone (it is linked into static stages too).  Trusts nothing it did: every
 * function reads back what the kernel holds and fails when that is more than
 * was asked for.  Must never return 0 with a way back open.
 */
#include "caps.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each bit set is locked too; KEEP_CAPS is locked off (capabilities(7)). */
#define SECUREBITS                                                       \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | \
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |    \
	    SECBIT_NO_CAP_AMBIENT_RAISE |                                \
	    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* Newer kernels may have capabilities that the headers do not know: ask until
 * the kernel says EINVAL.  64 is all that its sets can hold. */
#define CAPS_MAX 64

static uint64_t
cap_bit(int cap)
{
	return UINT64_C(1) << cap;
}

static int
capset_raw(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, 0 },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), 0 },
	};

	return syscall(__NR_capset, &head, data) != 0 ? -errno : 0;
}

/* Everything held in any of the three sets of capget(2). */
static int
capget_raw(uint64_t *ret_permitted, uint64_t *ret_any)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(__NR_capget, &head, d) != 0)
		return -errno;
	*ret_permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	*ret_any = *ret_permitted | d[0].effective | d[0].inheritable |
	    (uint64_t)(d[1].effective | d[1].inheritable) << 32;
	return 0;
}

/* What the bounding set holds beyond @keep is dropped; then read back. */
static int
bounding_keep(uint64_t keep)
{
	int have, r = 0;

	for (int cap = 0; cap < CAPS_MAX; cap++) {
		have = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (have < 0)
			break; /* EINVAL: the kernel has no more */
		if (have == 0 || (keep & cap_bit(cap)) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			r = -errno;
	}
	return r;
}

/* Set @bits; fine when they are already set and the right is gone. */
static int
securebits_set(unsigned bits)
{
	int now = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	if (now < 0)
		return -errno;
	if (((unsigned)now & bits) == bits)
		return 0;
	if (prctl(PR_SET_SECUREBITS, (unsigned)now | bits, 0, 0, 0) != 0)
		return -errno;
	return 0;
}

static int
ambient_clear(void)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return -errno;
	return 0;
}

/* Nothing beyond @keep in any set. */
static int
verify(uint64_t keep)
{
	uint64_t permitted, any;
	int r;

	r = capget_raw(&permitted, &any);
	if (r != 0)
		return r;
	if ((any & ~keep) != 0)
		return -EPERM;
	for (int cap = 0; cap < CAPS_MAX; cap++) {
		if ((keep & cap_bit(cap)) == 0 &&
		    prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return -EPERM;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) ==
		    1)
			return -EPERM;
	}
	return 0;
}

int
caps_drop_all(void)
{
	int r;

	r = ambient_clear();
	if (r == 0)
		r = bounding_keep(0);
	/* after an exec without NOROOT a uid 0 would have them all again */
	if (r == 0)
		r = securebits_set(SECUREBITS);
	if (r == 0)
		r = capset_raw(0, 0);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		r = -errno;
	if (r == 0)
		r = verify(0);
	if (r == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		r = -EPERM;
	return r;
}

int
caps_none(void)
{
	uint64_t permitted, any;
	int r = ambient_clear();

	if (r == 0)
		r = capset_raw(0, 0);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		r = -errno;
	if (r == 0)
		r = capget_raw(&permitted, &any);
	if (r == 0 && (any != 0 ||
	        prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1))
		r = -EPERM;
	return r;
}

int
caps_keep(const int *keep, size_t n)
{
	uint64_t want = 0, permitted, any;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (keep[i] < 0 || keep[i] >= CAPS_MAX)
			return -EINVAL;
		want |= cap_bit(keep[i]);
	}
	r = capget_raw(&permitted, &any);
	if (r == 0 && (permitted & want) != want)
		r = -EPERM; /* not there to be kept */
	if (r == 0)
		r = ambient_clear();
	if (r == 0)
		r = bounding_keep(want);
	/* NOROOT stays off: what the monitor starts as root gets @keep */
	if (r == 0)
		r = securebits_set(SECBIT_NO_CAP_AMBIENT_RAISE |
		    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);
	if (r == 0)
		r = capset_raw(want, want);
	return r != 0 ? r : verify(want);
}

/*
 * setgroups(2) fails where the user namespace denies it for good, as an
 * ordinary user's must (user_namespaces(7)): then what its maker had stays.
 * Root drops its groups before it makes one.  What else it fails for (a
 * service's filter, a security module) leaves root's groups, and no errno
 * tells one from the other: the caller knows.
 */
int
caps_drop_groups(bool denied)
{
	if (setgroups(0, NULL) != 0 && denied)
		return 0;
	return getgroups(0, NULL) == 0 ? 0 : -EPERM;
}

static int
verify_ids(uid_t uid, gid_t gid, bool keep_caps)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		return -errno;
	for (int i = 0; i < 3; i++) {
		if (u[i] != uid || g[i] != gid)
			return -EPERM;
	}
	/* with CAP_SETUID kept there is a way back, as asked */
	if (!keep_caps && uid != 0 && (setresuid(0, 0, 0) == 0 ||
		setresgid(0, 0, 0) == 0))
		return -EPERM;
	return 0;
}

int
caps_become(unsigned uid, unsigned gid, int keep_caps, bool denied)
{
	uint64_t permitted, any;
	int r;

	if (keep_caps && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return -errno;
	r = caps_drop_groups(denied);
	if (r != 0)
		return r;
	if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return -errno;
	if (keep_caps) {
		/* KEEP_CAPS keeps the permitted set alone */
		r = capget_raw(&permitted, &any);
		if (r == 0)
			r = capset_raw(permitted, permitted);
		if (r == 0 && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
			r = -errno;
		if (r != 0)
			return r;
	}
	return verify_ids(uid, gid, keep_caps != 0);
}
