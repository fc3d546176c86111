/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies before their time (drip.h).  Pure. */
#include "drip.h"
#include "lzo_text.h"

#include <string.h>

#define STATUS_KILLED 9U
/* STAT's digits 5 to 7, of 0000dddd: one is sent as 0 with each byte. */
#define SURE_BYTES 20U

#define LINE 80U /* characters, with its newline */

static const char opening[] =
    "immured: a long job: this text kept its connection alive (--drip)\n";
static const char note[] =
    "immured: the compiler had messages, which cannot be shown after it\n";

#define NOTE_LEN (sizeof(note) - 1)

uint32_t
drip_status(uint32_t sent, uint32_t status)
{
	static const uint32_t said[] = { 0, 0xf000, 0xff00, 0xfff0 };
	uint32_t digits = sent > SURE_BYTES ? sent - SURE_BYTES : 0;

	if (digits > 3 || (status & said[digits]) != 0)
		return STATUS_KILLED;
	return status;
}

static void
fill(char *text, size_t len)
{
	size_t at = sizeof(opening) - 1;

	memcpy(text, opening, at);
	for (size_t i = 0; at < len; i++, at++)
		text[at] = i % LINE == LINE - 1 ? '\n' : '.';
	text[len - 1] = '\n';
	text[len - NOTE_LEN - 1] = '\n';
}

size_t
drip_text(uint8_t *out, unsigned proto, size_t len, bool lost)
{
	char text[DRIP_TEXT_MAX];

	if (len < DRIP_TEXT_MIN)
		len = DRIP_TEXT_MIN;
	if (len > sizeof(text))
		len = sizeof(text);
	fill(text, len);
	if (lost)
		memcpy(text + len - NOTE_LEN, note, NOTE_LEN);
	if (proto > 1)
		return lzo_text(out, text, len);
	memcpy(out, text, len);
	return len;
}

size_t
drip_text_sure(unsigned proto, size_t wire_len)
{
	size_t end = proto > 1 ? LZO_TEXT_END : 0;

	return wire_len - end - NOTE_LEN;
}
