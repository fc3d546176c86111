/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: a reply.  Beside not crashing: however the bytes are cut, the verdict
 * is the same; and none is taken back by what follows.
 */
#include <node/relay/reply_seen.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct reply_seen whole = { 0 }, cut = { 0 };
	uint32_t before;

	reply_seen_add(&whole, bytes, len);
	for (size_t i = 0; i < len; i++) {
		before = cut.state;
		reply_seen_add(&cut, bytes + i, 1);
		if (before >= REPLY_WHOLE && cut.state != before)
			abort();
	}
	if (whole.state != cut.state || whole.body_left != cut.body_left ||
	    (len > 0) != (cut.state != REPLY_NONE))
		abort();
	return 0;
}
