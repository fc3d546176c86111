/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: 16 bytes of a client's address, then rules, one a line.  Beside not
 * crashing: a rule that was taken never makes the list match less, and is the
 * same after it was shown; what is taken for a name is an address in no form,
 * not even in one of inet_aton(3)'s.
 */
#include <node/common/acl.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The last rule, as text, is the same rule. */
static void
check_text(const struct acl *a)
{
	const struct acl_rule *r = &a->rules[a->n - 1];
	struct acl again = { .n = 0 };
	char text[ACL_RULE_TEXT];

	acl_rule_text(r, text);
	if (acl_add(&again, text) != ACL_OK ||
	    again.rules[0].bits != r->bits ||
	    memcmp(again.rules[0].addr, r->addr, sizeof(r->addr)) != 0)
		abort();
}

static void
check_name(const struct acl *before, const char *line)
{
	static struct acl a;
	struct in_addr any;

	a = *before;
	if (acl_is_name(line) &&
	    (acl_add(&a, line) == ACL_OK || inet_aton(line, &any) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct peer p = { .port = 1 };
	struct acl a = { .n = 0 };
	char line[128];

	if (len < sizeof(p.addr))
		return 0;
	memcpy(p.addr, bytes, sizeof(p.addr));
	bytes += sizeof(p.addr);
	len -= sizeof(p.addr);
	while (len > 0) {
		const uint8_t *nl = memchr(bytes, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - bytes) : len;
		bool before = acl_allows(&a, &p);

		if (n < sizeof(line)) {
			memcpy(line, bytes, n);
			line[n] = '\0';
			check_name(&a, line);
			(void)acl_error_text(acl_add(&a, line));
			if (a.n > 0)
				check_text(&a);
			if (before && !acl_allows(&a, &p))
				abort();
		}
		n += nl != NULL;
		bytes += n;
		len -= n;
	}
	(void)acl_add_private(&a);
	(void)acl_allows(&a, &p);
	/* An address of a name that was looked up. */
	if (acl_add_peer(&a, &p) == ACL_OK && !acl_allows(&a, &p))
		abort();
	return 0;
}
