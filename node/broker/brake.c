/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the machine has left; see brake.h. */
#include "brake.h"
#include <string.h>
#include <unistd.h>

/* No machine has 2^50 KiB: a number of more digits is none. */
#define DIGITS_MAX 15U

uint64_t
brake_read(const char *text)
{
	static const char key[] = "MemAvailable:";
	const char *at = strstr(text, key);
	uint64_t kib = 0;
	size_t digits;

	if (at == NULL)
		return BRAKE_UNKNOWN;
	at += sizeof(key) - 1;
	at += strspn(at, " ");
	digits = strspn(at, "0123456789");
	if (digits == 0 || digits > DIGITS_MAX ||
	    strncmp(at + digits, " kB\n", 4) != 0)
		return BRAKE_UNKNOWN;
	for (size_t i = 0; i < digits; i++)
		kib = kib * 10 + (uint64_t)(at[i] - '0');
	return kib * 1024;
}

/* It is the third line, whatever follows. */
static uint64_t
look(int fd)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return BRAKE_UNKNOWN;
	text[n] = '\0';
	return brake_read(text);
}

bool
brake_is_on(struct brake *b, uint64_t least, uint64_t now_us)
{
	if (b->fd < 0 || least == 0)
		return false;
	if (b->looked_us == 0 || now_us - b->looked_us >= BRAKE_LOOK_US) {
		b->available = look(b->fd);
		b->looked_us = now_us;
	}
	return b->available < least;
}

bool
brake_tells(struct brake *b, uint64_t now_us)
{
	if (b->told_us != 0 && now_us - b->told_us < BRAKE_TELL_US)
		return false;
	b->told_us = now_us;
	return true;
}
