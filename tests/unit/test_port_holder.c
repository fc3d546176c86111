/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs /proc: lines of /proc/net/tcp in, a socket out; and ourselves found. */
#include <node/monitor/port_holder.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ANY6  "00000000000000000000000000000000"
#define LOOP6 "00000000000000000000000001000000"
#define MAP6  "0000000000000000FFFF00000100007F"
#define LINE(address, port, st)                                                \
	"   0: " address ":" port " 00000000:0000 " st                          \
	" 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100"

static socklen_t
parse(struct sockaddr_storage *ss, const char *text, uint16_t port)
{
	struct sockaddr_in6 *six = (void *)ss;
	struct sockaddr_in *four = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		ss->ss_family = AF_INET6;
		six->sin6_port = htons(port);
		return sizeof(*six);
	}
	assert_int_equal(inet_pton(AF_INET, text, &four->sin_addr), 1);
	ss->ss_family = AF_INET;
	four->sin_port = htons(port);
	return sizeof(*four);
}

static void
test_lines(void **state)
{
	static const struct {
		const char *line, *wanted;
		bool is;
	} cases[] = {
		{ LINE("0100007F", "0E30", "0A"), "127.0.0.1", true },
		{ LINE("0100007F", "0E30", "0A"), "0.0.0.0", true },
		{ LINE("00000000", "0E30", "0A"), "127.0.0.1", true },
		{ LINE(ANY6, "0E30", "0A"), "::1", true },
		{ LINE(ANY6, "0E30", "0A"), "127.0.0.1", true },
		{ LINE(LOOP6, "0E30", "0A"), "::1", true },
		{ LINE(LOOP6, "0E30", "0A"), "::", true },
		{ LINE(MAP6, "0E30", "0A"), "127.0.0.1", true },
		/* another address */
		{ LINE("0200007F", "0E30", "0A"), "127.0.0.1", false },
		{ LINE("0100007F", "0E30", "0A"), "::1", false },
		{ LINE("0100007F", "0E30", "0A"), "::", false },
		{ LINE(LOOP6, "0E30", "0A"), "127.0.0.1", false },
		{ LINE(LOOP6, "0E30", "0A"), "0.0.0.0", false },
		/* another port; connected rather than listening */
		{ LINE("0100007F", "0E31", "0A"), "127.0.0.1", false },
		{ LINE("0100007F", "0E30", "01"), "127.0.0.1", false },
		{ LINE("0100007", "0E30", "0A"), "127.0.0.1", false },
		{ "  sl  local_address rem_address   st tx_queue",
		    "127.0.0.1", false },
		{ "", "127.0.0.1", false },
		{ "   0: 0100007F:0E30 00000000:0000 0A", "127.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_storage ss;
		unsigned long inode = 0;
		uid_t uid = 0;

		(void)parse(&ss, cases[i].wanted, 3632);
		if (port_holder_line(cases[i].line, (void *)&ss, &inode,
		        &uid) != cases[i].is)
			fail_msg("%s for %s", cases[i].line, cases[i].wanted);
		if (cases[i].is) {
			assert_int_equal(inode, 4711);
			assert_int_equal(uid, 1000);
		}
	}
}

static void
test_ourselves(void **state)
{
	struct sockaddr_storage ss, other;
	struct port_holder h = { .pid = -1 };
	socklen_t len = parse(&ss, "127.0.0.1", 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (void *)&ss, len), 0);
	assert_int_equal(getsockname(fd, (void *)&ss, &len), 0);
	assert_false(port_holder((void *)&ss, &h));
	assert_int_equal(listen(fd, 1), 0);
	assert_true(port_holder((void *)&ss, &h));
	assert_int_equal(h.pid, getpid());
	assert_int_equal(h.uid, getuid());
	assert_string_equal(h.name, "test_port_holde");
	/* of another address we are none */
	(void)parse(&other, "127.0.0.77",
	    ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port));
	assert_false(port_holder((void *)&other, &h));
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
