/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node sends for an object; its texts are fit for a terminal. */
#include "fuzz.h"
#include <node/cli/object_facts.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct object_facts o;
	char room[24];

	if (object_facts(&o, data, size) != 0)
		return 0;
	MUST(memchr(o.comment, '\0', sizeof(o.comment)) != NULL);
	for (const char *c = o.comment; *c != '\0'; c++)
		MUST(*c >= 0x20 && *c <= 0x7e);
	MUST(strlen(object_machine(&o, room)) < sizeof(room));
	return 0;
}
