/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs /proc: lines of /proc/net/tcp in, an inode out; and ourselves found. */
#include <node/monitor/port_holder.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define REST " 00000000:00000000 00:00000000 00000000     0        0 "

static void
test_lines(void **state)
{
	static const struct {
		const char *line;
		unsigned long inode;
	} cases[] = {
		{ "   0: 0100007F:0E30 00000000:0000 0A" REST "4711 1 0 100",
		    4711 },
		{ "  12: 00000000000000000000000000000000:0E30 "
		  "00000000000000000000000000000000:0000 0A" REST "4712 1",
		    4712 },
		/* another port, connected rather than listening */
		{ "   0: 0100007F:0E31 00000000:0000 0A" REST "4711 1", 0 },
		{ "   0: 0100007F:0E30 0100007F:1234 01" REST "4711 1", 0 },
		{ "  sl  local_address rem_address   st tx_queue", 0 },
		{ "", 0 },
		{ "   0: 0100007F:0E30 00000000:0000 0A", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(port_holder_inode(cases[i].line, 3632),
		    cases[i].inode);
}

static void
test_ourselves(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char name[32] = "";

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(port_holder(ntohs(a.sin_port), name, sizeof(name)),
	    0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(port_holder(ntohs(a.sin_port), name, sizeof(name)),
	    getpid());
	assert_string_equal(name, "test_port_holde");
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_ourselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
