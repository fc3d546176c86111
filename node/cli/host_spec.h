/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry of DISTCC_HOSTS, read as the stock client reads it (distcc(1),
 * "Host specifications").  Pure.
 *
 *   localhost[/LIMIT]
 *   HOST[:PORT][/LIMIT][,OPTION…]   HOST[/LIMIT][:PORT][,OPTION…]
 *   [USER]@HOST[/LIMIT][:COMMAND][,OPTION…]
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets; OPTION is
 * lzo, cpp, auth or down.  The client takes what begins like a number for one
 * and ignores what follows; that is refused here, as it is a typing error.
 */
#ifndef IMMURE_HOST_SPEC_H
#define IMMURE_HOST_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_NAME_MAX_BYTES 255
#define HOST_WORD_MAX	    700 /* the longest that can be valid */
#define HOST_PORT	    3632
#define HOST_LIMIT	    4 /* the client's, where none is given */

enum host_kind { HOST_LOCAL, HOST_TCP, HOST_SSH };

struct host_spec {
	enum host_kind kind;
	char name[HOST_NAME_MAX_BYTES + 1]; /* without brackets */
	char user[64];			    /* ssh; "" = none given */
	char command[256];		    /* ssh; "" = distccd */
	uint16_t port;			    /* tcp */
	unsigned limit;			    /* 0 = none given */
	bool lzo, cpp, down, auth;
};

/* Room for host_spec_write(). */
#define HOST_SPEC_ROOM 640

/* NULL and *h, or what is wrong with the @len bytes at @word: a constant. */
const char *host_spec_parse(struct host_spec *h, const char *word, size_t len);

/*
 * @h as an entry again, NUL-terminated: @limit jobs (0: none is named), with
 * the options that *h has.  Its length.
 */
size_t host_spec_write(
    const struct host_spec *h, unsigned limit, char out[HOST_SPEC_ROOM]);

/*
 * The next word of a host list (blanks between, '#' to the end of a line is a
 * comment): true, *word borrowed from the text, *at moved behind it.
 */
bool host_list_word(const char **at, const char **word, size_t *len);

/* Is it one of the words that name no host (--randomize, --localslots=N,
 * --localslots_cpp=N)? */
bool host_word_is_option(const char *word, size_t len);

#endif
