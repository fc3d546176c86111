/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page that distccd --stats shows (wire-protocol §3.5), byte for byte in
 * its form: programs read it.  Pure.
 */
#ifndef IMMURE_STATUS_PAGE_H
#define IMMURE_STATUS_PAGE_H

#include "../common/imsg.h"
#include <stddef.h>
#include <stdint.h>

#define PAGE_MAX 4096U

struct page_machine {
	double load[3];
	uint64_t free_bytes;
};

/*
 * Write the page into @out; returns its length, without the NUL.  Names that
 * came from clients are cleaned to one printable ASCII word, because readers
 * split lines at blanks.
 */
size_t page_write(char out[PAGE_MAX], const struct imsg_stats *n,
    const struct page_machine *m);

#endif
