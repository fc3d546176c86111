/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No job starts while the machine has too little memory left, whoever took it
 * (security-rules 18: admission is by what is reserved, this is only a brake).
 * The descriptor is one of /proc/meminfo, which the monitor opens and passes
 * on unread; the kernel writes what is in it.
 */
#ifndef IMMURE_BROKER_BRAKE_H
#define IMMURE_BROKER_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

/* Looked at no more often, and told no more often. */
#define BRAKE_LOOK_US (100U * 1000U)
#define BRAKE_TELL_US (60U * 1000U * 1000U)

#define BRAKE_UNKNOWN UINT64_MAX

struct brake {
	int fd; /* owned; -1 = there is none, and no brake */
	uint64_t available; /* bytes, when it was looked at */
	uint64_t looked_us, told_us; /* 0 = never */
};

/* Bytes of the line "MemAvailable: N kB" of @text, or BRAKE_UNKNOWN.  Pure. */
uint64_t brake_read(const char *text);

/* Is less than @least available?  Where nothing is known it is not. */
bool brake_is_on(struct brake *b, uint64_t least, uint64_t now_us);

/* Once a minute: is it to be told? */
bool brake_tells(struct brake *b, uint64_t now_us);

#endif
