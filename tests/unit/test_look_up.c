/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolver is the one below.  As root it sees that it has root's rights no
 * more. */
#include <node/monitor/look_up.h>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

static struct sockaddr_in six;
static int open_fd; /* of the process that asks for a look-up */

/* A process that outlives the one which is killed in the end. */
static bool
leaves_another(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* What the resolver may do, as an address. */
static unsigned
rights(void)
{
	return (geteuid() == 0 || setuid(0) == 0 ? 1U : 0U) |
	    (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ? 2U : 0U) |
	    (fcntl(open_fd, F_GETFD) >= 0 ? 4U : 0U) |
	    (leaves_another() ? 8U : 0U);
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **ret)
{
	static struct addrinfo ai;

	*ret = NULL;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0 || *name == '-')
		return EAI_NONAME;
	if (strcmp(name, "silent") == 0) {
		(void)signal(SIGALRM, SIG_IGN);
		for (;;)
			(void)pause();
	}
	if (strcmp(name, "dies") == 0)
		_exit(0);
	six.sin_family = AF_INET;
	six.sin_port = htons((uint16_t)strtoul(service, NULL, 10));
	six.sin_addr.s_addr = rights();
	ai = (struct addrinfo){ .ai_family = AF_INET, .ai_addr = (void *)&six,
		.ai_addrlen = sizeof(six) };
	*ret = &ai;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

static void
test_no_rights(void **state)
{
	static struct look_up l;
	struct sockaddr_in got;

	(void)state;
	open_fd = open("/", O_RDONLY | O_DIRECTORY);
	assert_true(open_fd >= 0);
	assert_true(dup2(open_fd, 77) == 77);
	open_fd = 77;
	assert_int_equal(look_up(&l, "name", 3632, 5), 0);
	assert_int_equal(l.n, 1);
	memcpy(&got, &l.at[0], sizeof(got));
	assert_int_equal(got.sin_family, AF_INET);
	assert_int_equal(ntohs(got.sin_port), 3632);
	assert_int_equal(got.sin_addr.s_addr, 0);
}

static void
test_no_answer(void **state)
{
	static struct look_up l;

	(void)state;
	assert_int_equal(look_up(&l, "silent", 0, 1), EAI_AGAIN);
	assert_int_equal(look_up(&l, "dies", 0, 60), EAI_AGAIN);
	assert_int_equal(look_up(&l, "-", 0, 60), EAI_NONAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_rights),
		cmocka_unit_test(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
