/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's answer to the question for toolchains, and the imager's list. */
#include "fuzz.h"
#include <node/cli/node_toolchains.h>
#include <string.h>

static void
fit(const char *text, size_t room)
{
	MUST(memchr(text, '\0', room) != NULL);
	for (; *text != '\0'; text++)
		MUST(*text >= 0x20 && *text <= 0x7e);
}

static void
check(const struct node_toolchain *t)
{
	MUST(strlen(t->digest) == DIGEST_HEX);
	fit(t->digest, sizeof(t->digest));
	fit(t->target, sizeof(t->target));
	fit(t->version, sizeof(t->version));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct node_toolchains n;
	struct node_toolchain t;

	if (node_toolchains_parse(&n, text, size) == 0) {
		fit(n.version, sizeof(n.version));
		MUST(n.jobs >= 1);
		if (node_toolchains_find(&n, "gcc", &t))
			check(&t);
		node_toolchains_done(&n);
	}
	if (own_toolchain_find(text, size, "gcc", &t) == 0)
		check(&t);
	return 0;
}
