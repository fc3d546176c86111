/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: the resolver is the one below. */
#include <node/monitor/allow_names.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static unsigned *asked; /* shared: names are asked for in another process */

static struct addrinfo *
entry(int family, const char *text, struct addrinfo *next)
{
	struct addrinfo *ai = calloc(1, sizeof(*ai));
	struct sockaddr_in6 *v6 = calloc(1, sizeof(*v6));
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)v6;

	v6->sin6_family = (sa_family_t)family;
	(void)inet_pton(family, text, family == AF_INET ?
	    (void *)&v4->sin_addr : (void *)&v6->sin6_addr);
	ai->ai_addr = (struct sockaddr *)(void *)v6;
	ai->ai_addrlen = family == AF_INET ? sizeof(*v4) : sizeof(*v6);
	ai->ai_family = family;
	ai->ai_next = next;
	return ai;
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)service;
	*ret = NULL;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	(*asked)++;
	if (strcmp(name, "two") == 0) {
		*ret = entry(AF_INET, "192.0.2.1",
		    entry(AF_INET6, "2001:db8::1", NULL));
	} else if (strcmp(name, "many") == 0) {
		for (unsigned i = 0; i < LIMIT_ACL_RULES; i++)
			*ret = entry(AF_INET, "192.0.2.9", *ret);
	} else {
		return EAI_NONAME;
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	struct addrinfo *next;

	for (; list != NULL; list = next) {
		next = list->ai_next;
		free(list->ai_addr);
		free(list);
	}
}

static bool
admits(const struct cmdline *c, int family, const char *text)
{
	struct addrinfo *ai = entry(family, text, NULL);
	struct peer p;
	bool yes;

	assert_int_equal(peer_from_sockaddr(&p, ai->ai_addr, ai->ai_addrlen),
	    0);
	yes = acl_allows(&c->acl, &p);
	freeaddrinfo(ai);
	return yes;
}

static void
test_every_address(void **state)
{
	static struct cmdline c = { .allow_names = { "two" },
		.nallow_names = 1 };
	char err[CMDLINE_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(allow_names_look_up(&c, err, sizeof(err)), 0);
	assert_int_equal(c.acl.n, 2);
	assert_true(admits(&c, AF_INET, "192.0.2.1"));
	assert_true(admits(&c, AF_INET6, "::ffff:192.0.2.1"));
	assert_true(admits(&c, AF_INET6, "2001:db8::1"));
	assert_false(admits(&c, AF_INET, "192.0.2.2"));
	assert_false(admits(&c, AF_INET6, "2001:db8::2"));
}

static void
test_reload_asks_nobody(void **state)
{
	static struct cmdline same = { .allow_names = { "two" },
		.nallow_names = 1 };
	static struct cmdline more = { .allow_names = { "two", "new" },
		.nallow_names = 2 };
	unsigned before = *asked;
	char err[CMDLINE_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(allow_names_known(&same, err, sizeof(err)), 0);
	assert_true(admits(&same, AF_INET, "192.0.2.1"));
	assert_int_equal(allow_names_known(&more, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "\"new\": names are looked up at the "
	    "start alone; restart"));
	assert_int_equal(*asked, before);
	assert_int_equal(before, 1);
}

static void
test_no_such_host(void **state)
{
	static struct cmdline c = { .allow_names = { "two", "nosuch" },
		.nallow_names = 2 };
	char err[CMDLINE_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(allow_names_look_up(&c, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "--allow: \"nosuch\": "));
	assert_non_null(strstr(err, "; give a host"));
}

static void
test_too_many(void **state)
{
	static struct cmdline c = { .allow_names = { "many" },
		.nallow_names = 1 };
	char err[CMDLINE_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(allow_names_look_up(&c, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "--allow: \"many\": "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_address),
		cmocka_unit_test(test_reload_asks_nobody),
		cmocka_unit_test(test_no_such_host),
		cmocka_unit_test(test_too_many),
	};

	asked = mmap(NULL, sizeof(*asked), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (asked == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
