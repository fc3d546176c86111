/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people call a system call of which there is a number.  The tables are
 * made of the kernel's headers, while building (mk/call-names). */
#ifndef IMMURE_CALL_NAME_H
#define IMMURE_CALL_NAME_H

#include <stdint.h>

struct call_name {
	int nr;
	const char *name; /* NULL ends a table */
};

/* Call @nr of AUDIT_ARCH_* @arch; NULL where no header had it. */
const char *call_name(uint32_t arch, int nr);

/* "x86_64", "i386", "x32", "aarch64"; NULL: another one. */
const char *call_arch(uint32_t arch, int nr);

#endif
