/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the kernel's interface that the headers of a supported system
 * (Debian 12: Linux 6.1, glibc 2.36, libseccomp 2.5.4; Alpine: musl) may lack.
 * Each has the kernel it came with.  Values are from the kernel's
 * include/uapi; tests/unit/test_kernel_abi.c asks the running kernel.
 * Include it after the headers of libc and of the kernel, never before.
 */
#ifndef IMMURE_KERNEL_ABI_H
#define IMMURE_KERNEL_ABI_H

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/landlock.h>

/*
 * System calls newer than libseccomp 2.5.4: name, number, Linux version.
 * From 424 on a number is the same on every architecture but alpha
 * (Documentation/process/adding-syscalls.rst).
 */
#define KERNEL_ABI_CALLS(X)               \
	X(cachestat, 451, "6.5")          \
	X(fchmodat2, 452, "6.6")          \
	X(map_shadow_stack, 453, "6.6")   \
	X(futex_wake, 454, "6.7")         \
	X(futex_wait, 455, "6.7")         \
	X(futex_requeue, 456, "6.7")      \
	X(statmount, 457, "6.8")          \
	X(listmount, 458, "6.8")          \
	X(lsm_get_self_attr, 459, "6.8")  \
	X(lsm_set_self_attr, 460, "6.8")  \
	X(lsm_list_modules, 461, "6.8")   \
	X(mseal, 462, "6.10")             \
	X(setxattrat, 463, "6.13")        \
	X(getxattrat, 464, "6.13")        \
	X(listxattrat, 465, "6.13")       \
	X(removexattrat, 466, "6.13")     \
	X(open_tree_attr, 467, "6.15")    \
	X(file_getattr, 468, "6.17")      \
	X(file_setattr, 469, "6.17")

/* Calls that libseccomp knows but an older libc's headers may not. */
#ifndef __NR_open_tree
#define __NR_open_tree 428 /* 5.2 */
#define __NR_move_mount 429
#define __NR_fsopen 430
#define __NR_fsconfig 431
#define __NR_fsmount 432
#define __NR_fspick 433
#endif
#ifndef __NR_clone3
#define __NR_clone3 435 /* 5.3 */
#endif
#ifndef __NR_close_range
#define __NR_close_range 436 /* 5.9 */
#endif
#ifndef __NR_openat2
#define __NR_openat2 437 /* 5.6 */
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442 /* 5.12 */
#endif
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444 /* 5.13 */
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#ifndef __NR_memfd_secret
#define __NR_memfd_secret 447 /* 5.14 */
#endif

/* landlock(7) */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13) /* ABI 2, 5.19 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* ABI 3, 6.2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5, 6.10 */
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0) /* ABI 4, 6.7 */
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* ABI 6, 6.12 */
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

/* struct landlock_ruleset_attr as of ABI 6; the call takes a size, and an
 * older kernel accepts a longer one whose tail is zero. */
struct kernel_landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/* memfd_create(2), 6.3 */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* PR_SET_MDWE(2const), 6.3 */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#ifndef PR_MDWE_REFUSE_EXEC_GAIN
#define PR_MDWE_REFUSE_EXEC_GAIN (1UL << 0)
#endif

/* mount_setattr(2); NOSYMFOLLOW is of 5.14 */
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* socket(7): may this unix socket receive descriptors; 6.16, the generic
 * number (x86, arm64, riscv). */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

#endif
