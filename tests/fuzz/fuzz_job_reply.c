/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: a byte for the protocol, then what a node sends.  What is found lies
 * in the buffer; nothing is decided by fewer bytes than by all; every part is
 * unpacked.
 */
#include "fuzz.h"
#include <node/cli/job_reply.h>
#include <string.h>

static void
part(const struct job_reply_part *p, const uint8_t *buf, size_t len,
    unsigned proto)
{
	uint8_t *text;
	size_t n;

	MUST(p->len <= len);
	MUST(p->len == 0 || (p->at >= buf && p->at + p->len <= buf + len));
	text = job_reply_unpack(p, proto, 65536, &n);
	MUST(text == NULL || (n <= 65536 && text[n] == '\0'));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned proto;
	struct job_reply r;
	enum job_reply_state s;

	if (size < 1)
		return 0;
	proto = 1 + data[0] % 3;
	data++;
	size--;
	(void)strlen(job_reply_stranger(data, size));
	s = job_reply_read(&r, data, size, proto);
	if (s == JOB_REPLY_WHOLE) {
		part(&r.serr, data, size, proto);
		part(&r.sout, data, size, proto);
		part(&r.object, data, size, proto);
		part(&r.deps, data, size, proto);
	}
	if (s == JOB_REPLY_MORE && size > 0)
		MUST(job_reply_read(&r, data, size - 1, proto) ==
		    JOB_REPLY_MORE);
	return 0;
}
