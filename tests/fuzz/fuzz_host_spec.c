/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host list.  Beside not crashing: an entry that is taken, written again,
 * is taken again and means the same.
 */
#include "fuzz.h"
#include <node/cli/host_spec.h>
#include <string.h>

static void
again(const struct host_spec *h)
{
	char text[HOST_SPEC_ROOM];
	struct host_spec k;
	size_t n = host_spec_write(h, h->limit, text);

	MUST(n == strlen(text) && n < sizeof(text));
	if (strchr(h->name, '%') != NULL && strchr(h->name, ':') == NULL)
		return; /* brackets that no address of IPv6 is in */
	MUST(host_spec_parse(&k, text, n) == NULL);
	MUST(k.kind == h->kind && k.port == h->port && k.limit == h->limit);
	MUST(strcmp(k.name, h->name) == 0 && strcmp(k.user, h->user) == 0);
	MUST(k.lzo == h->lzo && k.cpp == h->cpp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *at = text, *word;
	struct host_spec h;
	size_t len;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (host_list_word(&at, &word, &len)) {
		if (host_word_is_option(word, len))
			continue;
		if (host_spec_parse(&h, word, len) == NULL)
			again(&h);
	}
	free(text);
	return 0;
}
