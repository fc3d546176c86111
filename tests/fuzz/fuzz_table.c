/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of toolchains: any bytes, then a look-up in what was accepted. */
#include <node/toolchain/table.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	void *copy = malloc(len ? len : 1); /* aligned as a mapping is */
	struct table t;

	if (copy == NULL)
		return 0;
	memcpy(copy, buf, len);
	if (table_parse(&t, copy, len) == 0) {
		(void)table_find(&t, "gcc");
		for (uint32_t i = 0; i < t.nnames; i++)
			if (table_find(&t, t.names[i].name) != &t.names[i])
				abort();
	}
	free(copy);
	return 0;
}
