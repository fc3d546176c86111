/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls: see call_name.h. */
#include "call_name.h"

#include <linux/audit.h>
#include <stddef.h>

#include "kernel_abi.h"

#define X32_BIT 0x40000000 /* arch/x86/include/uapi/asm/unistd.h */

extern const struct call_name call_names_native[], call_names_i386[],
    call_names_x32[];

/* What the headers are too old for. */
static const struct call_name newer[] = {
#define ROW(name, nr, since) { nr, #name },
	KERNEL_ABI_CALLS(ROW)
#undef ROW
	{ -1, NULL },
};

static const char *
find(const struct call_name *table, int nr)
{
	while (table->name != NULL && table->nr != nr)
		table++;
	return table->name;
}

const char *
call_arch(uint32_t arch, int nr)
{
	switch (arch) {
	case AUDIT_ARCH_X86_64:
		return (nr & X32_BIT) != 0 ? "x32" : "x86_64";
	case AUDIT_ARCH_I386:
		return "i386";
	case AUDIT_ARCH_AARCH64:
		return "aarch64";
	default:
		return NULL;
	}
}

static const char *
find_native(int nr)
{
	const char *name = find(call_names_native, nr);

	return name != NULL ? name : find(newer, nr);
}

const char *
call_name(uint32_t arch, int nr)
{
#if defined(__x86_64__)
	if (arch == AUDIT_ARCH_I386)
		return find(call_names_i386, nr);
	if (arch == AUDIT_ARCH_X86_64)
		return (nr & X32_BIT) != 0 ? find(call_names_x32, nr) :
					     find_native(nr);
#elif defined(__aarch64__)
	if (arch == AUDIT_ARCH_AARCH64)
		return find_native(nr);
#endif
	return NULL;
}
