/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a log, before a sink gives it its date and its tag. */
#ifndef IMMURE_LINE_H
#define IMMURE_LINE_H

#include <stddef.h>

/* A record is at most 16 KiB (security-rules 22). */
#define LINE_MAX_BYTES 16384

struct line {
	int level;	 /* syslog(3) */
	const char *tag; /* program name, a constant */
	size_t len;
	char text[LINE_MAX_BYTES]; /* no newline; NUL-terminated */
};

#endif
