/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of a reply (reply.h).  Pure. */
#include "reply.h"

#include <string.h>

#define STATUS_MAX    0xffffU /* exit code << 8 | signal */
#define STATUS_SIGNAL 0x7fU   /* 0x7f itself is "stopped", not a signal */
#define STATUS_EXIT   0xff00U

void
reply_token(uint8_t out[REPLY_TOKEN], const char name[4], uint32_t value)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	memcpy(out, name, 4);
	for (i = REPLY_TOKEN - 1; i >= 4; i--) {
		out[i] = (uint8_t)digits[value & 15];
		value >>= 4;
	}
}

int
reply_status_is_trap(uint32_t status)
{
	if (status == 0)
		return 0;
	if (status > STATUS_MAX || (status & STATUS_SIGNAL) == STATUS_SIGNAL)
		return 1;
	/* Neither a signal nor an exit code, only the core flag: an exit with
	 * code 0 to whoever takes it apart, but without an object. */
	return (status & (STATUS_SIGNAL | STATUS_EXIT)) == 0;
}

int
reply_has_deps(unsigned proto, uint32_t status)
{
	return proto == 3 && status == 0;
}
