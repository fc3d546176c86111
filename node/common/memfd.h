/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bulk data between the roles: sealed memfds (security-rules 12).  Pure system
 * calls.  A role that uses this needs in its filter: memfd_create, fcntl with
 * F_ADD_SEALS (sender) or F_GET_SEALS and F_GETFL (receiver), fstat, fstatfs.
 *
 * A descriptor that somebody else made is read with pread(2) only after
 * memfd_check() has accepted it, and mapped only MAP_PRIVATE and only then:
 * before, its maker could still change or shrink it under the reader.
 */
#ifndef IMMURE_MEMFD_H
#define IMMURE_MEMFD_H

#include <stdint.h>
#include <sys/types.h>

enum memfd_fault {
	MEMFD_OK = 0,
	MEMFD_E_KIND,	/* not a regular memfd: pipe, file, hugetlb, O_PATH */
	MEMFD_E_SEALS,	/* one of SEAL, SHRINK, GROW, WRITE is missing */
	MEMFD_E_SIZE,	/* not the size that was announced */
	MEMFD_E_SPARSE, /* blocks that are not there: reading them costs RAM */
	MEMFD_E_OWNER,	/* made under another uid than the peer's */
};

/*
 * A new empty memfd that can be sealed, close-on-exec, and not executable
 * where the kernel knows the flag (Linux 6.3).  The caller owns it.  @name
 * shows in /proc only.  -errno.
 */
int memfd_new(const char *name);

/*
 * Put SEAL, SHRINK, GROW and WRITE on @fd.  0; -EBUSY: somebody still has it
 * mapped writable, so it must not be passed on; other -errno.
 */
int memfd_seal(int fd);

/* Accept @fd, made by uid @owner and @size bytes long, or say what is wrong:
 * MEMFD_OK or the peer's fault.  Touches no byte of it, never blocks. */
enum memfd_fault memfd_check(int fd, uint64_t size, uid_t owner);

/* "not sealed", …; never NULL. */
const char *memfd_fault_text(enum memfd_fault f);

#endif
