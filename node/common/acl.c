/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acl.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define MAPPED_BITS 96U /* RFC 4291 2.5.5.2: ::ffff:0:0/96 is IPv4 */

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

static const char *const private_networks[] = {
	"127.0.0.0/8",
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"::1/128",
	"fe80::/10",
	"fc00::/7",
};

static const char *const error_texts[ACL_E_COUNT] = {
	[ACL_OK] = "no error",
	[ACL_E_ADDRESS] = "neither an IPv4 or IPv6 address nor a host's "
			  "name",
	[ACL_E_BITS] = "the number of bits after '/' must be 0 to 32 for "
		       "IPv4, 0 to 128 for IPv6",
	[ACL_E_FULL] = "too many rules",
};

const char *
acl_error_text(enum acl_error e)
{
	return e < ACL_E_COUNT ? error_texts[e] : "unknown error";
}

/* Decimal digits alone: no sign, no blank, no octal. */
static bool
parse_bits(const char *s, unsigned max, unsigned *ret)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		if (i == 3 || s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	if (i == 0 || v > max)
		return false;
	*ret = v;
	return true;
}

/* The address in @r->addr; its first bit in *ret_base: 96 for IPv4. */
static bool
parse_address(const char *s, struct acl_rule *r, unsigned *ret_base)
{
	*ret_base = 0;
	if (inet_pton(AF_INET6, s, r->addr) == 1)
		return true;
	memcpy(r->addr, mapped_prefix, sizeof(mapped_prefix));
	*ret_base = MAPPED_BITS;
	return inet_pton(AF_INET, s, r->addr + sizeof(mapped_prefix)) == 1;
}

enum acl_error
acl_add(struct acl *a, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct acl_rule rule = { 0 };
	char addr[INET6_ADDRSTRLEN];
	unsigned base, bits;

	if (len >= sizeof(addr))
		return ACL_E_ADDRESS;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (!parse_address(addr, &rule, &base))
		return ACL_E_ADDRESS;
	bits = 128 - base;
	if (slash != NULL && !parse_bits(slash + 1, 128 - base, &bits))
		return ACL_E_BITS;
	if (a->n >= LIMIT_ACL_RULES)
		return ACL_E_FULL;
	rule.bits = (uint8_t)(base + bits);
	a->rules[a->n++] = rule;
	return ACL_OK;
}

enum acl_error
acl_add_peer(struct acl *a, const struct peer *p)
{
	struct acl_rule rule = { .bits = 128 };

	if (p->kind != PEER_ADDRESS)
		return ACL_E_ADDRESS;
	if (a->n >= LIMIT_ACL_RULES)
		return ACL_E_FULL;
	memcpy(rule.addr, p->addr, sizeof(rule.addr));
	a->rules[a->n++] = rule;
	return ACL_OK;
}

/* What inet_aton(3), and so getaddrinfo(3), takes for a number: "10.1", "1",
 * "010.0.0.1", "0x7f.1" are addresses that somebody mistyped. */
static bool
is_number(const char *label)
{
	return label[strspn(label, "0123456789")] == '\0' ||
	    (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'));
}

bool
acl_is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
	const char *last = strrchr(text, '.');

	return len > 0 && text[len] == '\0' && len <= ACL_NAME_MAX &&
	    text[0] != '-' && text[0] != '.' && strstr(text, "..") == NULL &&
	    !is_number(last != NULL ? last + 1 : text);
}

enum acl_error
acl_add_private(struct acl *a)
{
	size_t n = sizeof(private_networks) / sizeof(private_networks[0]);

	for (size_t i = 0; i < n; i++) {
		enum acl_error e = acl_add(a, private_networks[i]);

		if (e != ACL_OK)
			return e;
	}
	return ACL_OK;
}

/*
 * Byte by byte, as the address stands in memory and on the wire: distcc's
 * issue 443 came of comparing a word of one byte order with one of the other.
 */
static bool
same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00U >> rest);

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

static bool
is_mapped(const uint8_t *addr)
{
	return memcmp(addr, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

bool
acl_rule_holds(const struct acl_rule *r, const struct peer *p)
{
	/* A local user's number is no address, whatever its bytes look like. */
	return p->kind == PEER_ADDRESS &&
	    (r->bits >= MAPPED_BITS || !is_mapped(p->addr)) &&
	    same_prefix(r->addr, p->addr, r->bits);
}

bool
acl_allows(const struct acl *a, const struct peer *p)
{
	for (unsigned i = 0; i < a->n; i++)
		if (acl_rule_holds(&a->rules[i], p))
			return true;
	return false;
}

void
acl_rule_text(const struct acl_rule *r, char out[ACL_RULE_TEXT])
{
	bool v4 = r->bits >= MAPPED_BITS && is_mapped(r->addr);
	char addr[INET6_ADDRSTRLEN] = "?";

	(void)inet_ntop(v4 ? AF_INET : AF_INET6,
	    r->addr + (v4 ? sizeof(mapped_prefix) : 0), addr, sizeof(addr));
	(void)snprintf(out, ACL_RULE_TEXT, "%s/%u", addr,
	    v4 ? r->bits - MAPPED_BITS : r->bits);
}
