/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs nothing: who can pass descriptors on.  A client on a unix socket could
 * take them, so the filters of the two programs that speak with clients, as
 * built, know no call that would send one there, or make room for it.
 */
#include <sandbox/filter.h>

#include "bpf_run.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define ALLOW SECCOMP_RET_ALLOW
#define KILL  SECCOMP_RET_KILL_PROCESS

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define UPPER(v) ((v) | UINT64_C(1) << 32) /* the kernel ignores the bit */

extern const struct filter filter_front, filter_relay;

struct row {
	long nr;
	uint64_t a0, a1;
	uint32_t want;
};

static void
check(const struct filter *f, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct seccomp_data d = { (int)rows[i].nr, ARCH, 0,
			{ rows[i].a0, rows[i].a1, 0, 0, 0, 0 } };
		uint32_t got = bpf_run(f->code, f->len, &d);

		if (got != rows[i].want)
			fail_msg("%s: call %ld (%#llx, %#llx): %#x, not %#x",
			    f->name, rows[i].nr,
			    (unsigned long long)rows[i].a0,
			    (unsigned long long)rows[i].a1, got,
			    rows[i].want);
	}
}

static void
test_front(void **state)
{
	static const struct row rows[] = {
		/* monitor and broker */
		{ SYS_sendmsg, 3, 0, ALLOW },
		{ SYS_sendmsg, 4, 0, ALLOW },
		{ SYS_recvmsg, 3, 0, ALLOW },
		{ SYS_recvmsg, 4, 0, ALLOW },
		/* a client */
		{ SYS_writev, 5, 0, ALLOW },
		{ SYS_recvfrom, 5, 0, ALLOW },
		{ SYS_sendmsg, 5, 0, KILL },
		{ SYS_sendmsg, 0, 0, KILL },
		{ SYS_sendmsg, UPPER(5), 0, KILL },
		{ SYS_recvmsg, 5, 0, KILL },
		{ SYS_sendmmsg, 5, 0, KILL },
		{ SYS_recvmmsg, 5, 0, KILL },
		/* no client's socket gets a number of theirs */
		{ SYS_close, 5, 0, ALLOW },
		{ SYS_close, 3, 0, KILL },
		{ SYS_close, 4, 0, KILL },
		{ SYS_close, UPPER(3), 0, KILL },
		{ SYS_close_range, 3, 4, KILL },
		{ SYS_dup, 5, 0, KILL },
		{ SYS_dup3, 5, 3, KILL },
		{ SYS_fcntl, 5, F_DUPFD, KILL },
		{ SYS_fcntl, 5, F_DUPFD_CLOEXEC, KILL },
		{ SYS_socket, AF_UNIX, SOCK_STREAM, KILL },
		{ SYS_connect, 5, 0, KILL },
		{ SYS_accept4, 5, 0, KILL },
	};

	(void)state;
	check(&filter_front, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_relay(void **state)
{
	static const struct row rows[] = {
		{ SYS_read, 0, 0, ALLOW },
		{ SYS_read, 3, 0, ALLOW },
		{ SYS_read, 1, 0, KILL },
		{ SYS_write, 1, 0, ALLOW },
		{ SYS_write, 2, 0, KILL },
		{ SYS_sendto, 1, 0, ALLOW },
		{ SYS_sendto, 3, 0, ALLOW },
		{ SYS_sendto, 0, 0, KILL },
		{ SYS_shutdown, 3, SHUT_WR, ALLOW },
		{ SYS_shutdown, 3, SHUT_RDWR, KILL },
		{ SYS_sendmsg, 3, 0, KILL },
		{ SYS_recvmsg, 3, 0, KILL },
		{ SYS_openat, 0, 0, KILL },
		{ SYS_socket, AF_UNIX, SOCK_STREAM, KILL },
		{ SYS_connect, 3, 0, KILL },
		{ SYS_execve, 0, 0, KILL },
		{ SYS_clone, 0, 0, KILL },
		{ SYS_close, 3, 0, KILL },
		{ SYS_dup, 3, 0, KILL },
		{ SYS_mmap, 0, 4096, KILL },
		{ SYS_kill, 1, 9, KILL },
	};

	(void)state;
	check(&filter_relay, rows, sizeof(rows) / sizeof(rows[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_front),
		cmocka_unit_test(test_relay),
	};

	return cmocka_run_group_tests_name("filter_peers", tests, NULL, NULL);
}
