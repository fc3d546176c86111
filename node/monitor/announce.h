/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service file by which avahi-daemon announces the node as distccd --zeroconf
 * does (wire-protocol §3.7, avahi.service(5)).  Pure.
 */
#ifndef IMMURE_ANNOUNCE_H
#define IMMURE_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANNOUNCE_MAX 2048U

struct announcement {
	uint16_t port;
	unsigned cpus, jobs;
	/* Plain words (common/word.h). */
	const char *cc_version; /* cc -dumpversion; "" = there is no cc */
	const char *cc_machine; /* cc -dumpmachine */
};

/* Write the file's text into @out; returns its length, without the NUL. */
size_t announce_write(char out[ANNOUNCE_MAX], const struct announcement *a);

/* Is this text, the beginning of a file, of ours? */
bool announce_is_ours(const char *text, size_t len);

#endif
