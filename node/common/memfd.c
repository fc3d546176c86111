/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sealed memfds: made, sealed, and checked by whoever receives one
 * (security-rules 12).  It trusts nothing about a received descriptor: every
 * question goes to the kernel, none reads a byte.
 */
#include "memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* linux/memfd.h, Linux 6.3 */
#endif

/* FUTURE_WRITE does not count: a mapping that lives can still write. */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
memfd_new(const char *name)
{
	int fd;

	fd = memfd_create(
	    name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

int
memfd_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : 0;
}

/*
 * Seals exist on shmem and hugetlbfs only, and a file of a mounted tmpfs is
 * born with F_SEAL_SEAL, so that it can never get the others (fcntl(2)).
 */
static enum memfd_fault
check_seals(int fd)
{
	int flags, seals;

	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_PATH) != 0 ||
	    (flags & O_ACCMODE) == O_WRONLY)
		return MEMFD_E_KIND;
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0)
		return MEMFD_E_KIND;
	return (seals & SEALS) == SEALS ? MEMFD_OK : MEMFD_E_SEALS;
}

enum memfd_fault
memfd_check(int fd, uint64_t size, uid_t owner)
{
	struct stat st;
	struct statfs fs;
	enum memfd_fault f;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return MEMFD_E_KIND;
	f = check_seals(fd);
	if (f != MEMFD_OK)
		return f;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC)
		return MEMFD_E_KIND; /* hugetlb */
	if (st.st_uid != owner)
		return MEMFD_E_OWNER;
	if (st.st_size < 0 || (uint64_t)st.st_size != size)
		return MEMFD_E_SIZE;
	/* st_blocks counts 512 bytes each, whatever st_blksize (stat(2)). */
	if (st.st_blocks < 0 ||
	    (uint64_t)st.st_blocks < size / 512 + (size % 512 != 0))
		return MEMFD_E_SPARSE;
	return MEMFD_OK;
}

const char *
memfd_fault_text(enum memfd_fault f)
{
	switch (f) {
	case MEMFD_OK:
		return "good";
	case MEMFD_E_KIND:
		return "not a regular memfd";
	case MEMFD_E_SEALS:
		return "not sealed";
	case MEMFD_E_SIZE:
		return "not the size announced";
	case MEMFD_E_SPARSE:
		return "sparse";
	case MEMFD_E_OWNER:
		return "made by another user";
	}
	return "unknown";
}
