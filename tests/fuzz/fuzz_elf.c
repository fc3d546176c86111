/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The imager's ELF parser: any bytes; what it gives out lies in the buffer. */
#include <node/imager/elf.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);

/* @s and its NUL lie within the buffer. */
static void
inside(const char *s, const uint8_t *buf, size_t len)
{
	const char *start = (const char *)buf;

	if (s == NULL)
		return;
	if (s < start || s >= start + len ||
	    memchr(s, '\0', len - (size_t)(s - start)) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	struct elf_facts e;

	if (elf_parse(&e, buf, len) != 0)
		return 0;
	inside(e.interp, buf, len);
	inside(e.rpath, buf, len);
	inside(e.runpath, buf, len);
	for (size_t i = 0; i < e.nneeded; i++)
		inside(e.needed[i], buf, len);
	return 0;
}
