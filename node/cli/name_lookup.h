/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of a name, within a time: getaddrinfo(3) knows no deadline of
 * its own, so it is called in a child, which is ended when it takes too long.
 */
#ifndef IMMURE_NAME_LOOKUP_H
#define IMMURE_NAME_LOOKUP_H

#include <stdint.h>
#include <sys/socket.h>

#define LOOKUP_MAX 8
/* "[ffff:…%scope]:65535" */
#define LOOKUP_TEXT 80

struct lookup {
	struct {
		struct sockaddr_storage addr;
		socklen_t len;
	} at[LOOKUP_MAX];
	unsigned n;
	char error[128]; /* when it failed: for people */
};

/* Look up @name until @deadline_us (now_us()).  0, or -ENOENT with the reason
 * in l->error; more than LOOKUP_MAX addresses are left out. */
int lookup(struct lookup *l, const char *name, uint16_t port,
    uint64_t deadline_us);

/* Address @i as a number. */
void lookup_text(const struct lookup *l, unsigned i, char out[LOOKUP_TEXT]);

#endif
