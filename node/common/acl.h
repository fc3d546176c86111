/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses may be clients.  Pure: text in, verdicts out; names are
 * looked up elsewhere (allow_names.h).  Nothing matches unless a rule says so.
 */
#ifndef IMMURE_ACL_H
#define IMMURE_ACL_H

#include <node/common/limits.h>
#include <node/common/peer.h>
#include <stdbool.h>
#include <stdint.h>

struct acl_rule {
	uint8_t addr[16]; /* as struct peer: IPv4 is ::ffff:a.b.c.d */
	uint8_t bits;	  /* 0..128; an IPv4 rule has 96 and more */
};

struct acl {
	struct acl_rule rules[LIMIT_ACL_RULES];
	unsigned n;
};

enum acl_error {
	ACL_OK = 0,
	ACL_E_ADDRESS, /* not an IPv4 or IPv6 address */
	ACL_E_BITS,    /* not a decimal number in 0..32 or 0..128 */
	ACL_E_FULL,    /* LIMIT_ACL_RULES are there already */
	ACL_E_COUNT
};

/*
 * Add "ADDRESS" or "ADDRESS/BITS".  Bits of the address beyond BITS are
 * ignored, as distccd does.  ACL_OK, or why not; then nothing is changed.
 */
enum acl_error acl_add(struct acl *a, const char *text);

/* Add the one address of @p; ACL_E_ADDRESS for a local user's number. */
enum acl_error acl_add_peer(struct acl *a, const struct peer *p);

/*
 * May @text, which is no address, be a host's name (RFC 1123, and "_")?  Not
 * what a resolver would take for a number, and no final dot.
 */
#define ACL_NAME_MAX 253
bool acl_is_name(const char *text);

/* Add the private networks: loopback, RFC 1918, fe80::/10, fc00::/7. */
enum acl_error acl_add_private(struct acl *a);

/*
 * May @p be a client?  An IPv4 client, also one that came in over an IPv6
 * socket, is matched by IPv4 rules alone: "::/0" says nothing about it.
 */
bool acl_allows(const struct acl *a, const struct peer *p);

/* The rule as "2001:db8::/32" or "192.0.2.0/24", with its NUL. */
#define ACL_RULE_TEXT 52
void acl_rule_text(const struct acl_rule *r, char out[ACL_RULE_TEXT]);

/* Does @r, a rule or any other network, hold @p? */
bool acl_rule_holds(const struct acl_rule *r, const struct peer *p);

/* For people; never NULL. */
const char *acl_error_text(enum acl_error e);

#endif
