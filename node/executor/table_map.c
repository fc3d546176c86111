/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mapping the table of toolchains; see table_map.h. */
#include "table_map.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "node/common/memfd.h"

int
table_map(int fd, struct table *t)
{
	struct stat st;
	void *mem;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* Whose it is the monitor has seen to, which passed it on; that it
	 * cannot change under us is for us to see. */
	if (st.st_size <= 0 ||
	    memfd_check(fd, (uint64_t)st.st_size, st.st_uid) != MEMFD_OK)
		return -EPROTO;
	mem = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mem == MAP_FAILED)
		return -errno;
	return table_parse(t, mem, (size_t)st.st_size);
}
