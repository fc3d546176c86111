/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers of the broker to a front that is behind: none is lost, none out of
 * order, none is waited for.  Needs nothing.
 */
#include "node/broker/broker.h"

#include "node/common/limits.h"
#include "node/common/memfd.h"
#include "node/common/message.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

static struct broker *broker;
static struct front_peer front;
static int peer; /* the front's own end */

static unsigned
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int
set_up(void **state)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &front };
	int sv[2];

	(void)state;
	broker = calloc(1, sizeof(*broker));
	if (broker == NULL || msg_pair(sv) < 0)
		return -1;
	broker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	memset(&front, 0, sizeof(front));
	front.sock = sv[0];
	peer = sv[1];
	return epoll_ctl(broker->epoll_fd, EPOLL_CTL_ADD, sv[0], &ev);
}

static int
tear_down(void **state)
{
	(void)state;
	front_forget(&front);
	close(broker->epoll_fd);
	close(front.sock);
	close(peer);
	free(broker);
	return 0;
}

static uint32_t
events(void)
{
	struct epoll_event ev = { .events = 0 };

	return epoll_wait(broker->epoll_fd, &ev, 1, 0) == 1 ? ev.events : 0;
}

/* Reply number @n, with a descriptor. */
static int
reply(uint64_t n)
{
	const struct imsg_job_reply r = { .proto = 1 };
	int fd = memfd_new("t"), e;

	assert_true(fd >= 0);
	e = front_tell(broker, &front, IMSG_JOB_REPLY, n, &r, sizeof(r), &fd);
	if (fd >= 0)
		close(fd);
	return e;
}

static void
test_kept(void **state)
{
	enum { MANY = 2000 };
	unsigned before = open_fds();
	uint64_t next = 1;
	struct msg m;

	(void)state;
	for (uint64_t n = 1; n <= MANY; n++)
		assert_int_equal(n % 2 == 0 ? reply(n) :
		    front_tell(broker, &front, IMSG_JOB_CLOSE, n, NULL, 0,
		        NULL), 0);
	assert_in_range(front.nkept, 1, MANY);
	assert_int_equal(events() & EPOLLOUT, 0); /* full: nothing to do */
	while (next <= MANY) {
		while (msg_recv(peer, &m) == 1) {
			assert_int_equal(m.hdr.job, next);
			assert_int_equal(m.hdr.type, next % 2 == 0 ?
			        IMSG_JOB_REPLY : IMSG_JOB_CLOSE);
			assert_int_equal(m.nfds, next % 2 == 0);
			msg_done(&m);
			next++;
		}
		if (next <= MANY) {
			assert_true((events() & EPOLLOUT) != 0);
			front_flush(broker, &front);
		}
	}
	assert_int_equal(front.nkept, 0);
	assert_int_equal(events(), 0); /* or we would spin */
	assert_int_equal(open_fds(), before);
	assert_int_equal(reply(1), 0);
}

/* One that never reads is found out, and costs a bounded number of them. */
static void
test_deaf(void **state)
{
	unsigned before = open_fds();
	int r = 0;

	(void)state;
	for (uint64_t n = 1; r == 0; n++) {
		assert_true(n < 4UL * LIMIT_CONNS);
		r = front_tell(broker, &front, IMSG_JOB_CLOSE, n, NULL, 0,
		    NULL);
	}
	assert_int_equal(r, -EPROTO);
	front_forget(&front);
	assert_int_equal(front.nkept, 0);
	assert_int_equal(open_fds(), before);
}

/* It dies with answers kept for it. */
static void
test_gone(void **state)
{
	unsigned before = open_fds();

	(void)state;
	for (uint64_t n = 1; n <= 1000; n++)
		assert_int_equal(reply(n), 0);
	assert_true(front.nkept > 0);
	close(peer);
	peer = -1;
	front_flush(broker, &front);
	assert_int_equal(front.nkept, 0);
	assert_int_equal(open_fds(), before - 1);
	assert_true(reply(1) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deaf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("tell", tests, NULL, NULL);
}
