/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs nothing: are the numbers of kernel_abi.h the running kernel's?  What
 * this kernel is too old for is not asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sandbox/kernel_abi.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SEAL_EXEC 0x0020 /* F_SEAL_EXEC, 6.3 */

static const struct {
	const char *name;
	int nr;
	const char *since;
} calls[] = {
#define ROW(name, nr, since) { #name, nr, since },
	KERNEL_ABI_CALLS(ROW)
#undef ROW
};

static int
version(const char *text)
{
	char *dot;
	long major = strtol(text, &dot, 10);

	return (int)(major * 1000 + strtol(dot + 1, NULL, 10));
}

static int
running(void)
{
	struct utsname u;

	assert_int_equal(uname(&u), 0);
	return version(u.release);
}

/* errno of the call with arguments that none takes, in a child. */
static int
errno_of(int nr)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		errno = 0;
		(void)syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
		_exit(errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_calls_exist(void **state)
{
	int now = running();

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		int e = errno_of(calls[i].nr);

		/* a kernel configured without: x86 shadow stacks, LSMs */
		if (e == ENOSYS && (calls[i].nr == 453 ||
			(calls[i].nr >= 459 && calls[i].nr <= 461)))
			continue;
		if ((version(calls[i].since) <= now) != (e != ENOSYS))
			fail_msg("%s is %s, yet says %d here", calls[i].name,
			    calls[i].since, e);
	}
}

/* A newer libseccomp, or libc, that knows a name must agree. */
static void
test_same_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		int nr = seccomp_syscall_resolve_name(calls[i].name);

		if (nr != __NR_SCMP_ERROR)
			assert_int_equal(nr, calls[i].nr);
		if (i > 0)
			assert_int_equal(calls[i].nr, calls[i - 1].nr + 1);
	}
	assert_int_equal(seccomp_syscall_resolve_name("fsopen"), __NR_fsopen);
	assert_int_equal(seccomp_syscall_resolve_name("clone3"), __NR_clone3);
	assert_int_equal(seccomp_syscall_resolve_name("mount_setattr"),
	    __NR_mount_setattr);
	assert_int_equal(seccomp_syscall_resolve_name("landlock_add_rule"),
	    __NR_landlock_add_rule);
}

static int
ruleset(uint64_t fs, uint64_t net, uint64_t scoped)
{
	struct kernel_landlock_ruleset r = { fs, net, scoped };
	int fd = (int)syscall(__NR_landlock_create_ruleset, &r, sizeof(r), 0);
	int e = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return e;
}

/* Each right is taken from its ABI on and not before. */
static void
test_landlock(void **state)
{
	static const struct {
		int abi;
		uint64_t fs, net, scoped;
	} cases[] = {
		{ 1, LANDLOCK_ACCESS_FS_MAKE_SYM, 0, 0 },
		{ 2, LANDLOCK_ACCESS_FS_REFER, 0, 0 },
		{ 3, LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0 },
		{ 4, 0, LANDLOCK_ACCESS_NET_BIND_TCP, 0 },
		{ 4, 0, LANDLOCK_ACCESS_NET_CONNECT_TCP, 0 },
		{ 5, LANDLOCK_ACCESS_FS_IOCTL_DEV, 0, 0 },
		{ 6, 0, 0, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET },
		{ 6, 0, 0, LANDLOCK_SCOPE_SIGNAL },
	};
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	(void)state;
	if (abi < 1)
		skip();
	for (size_t i = 0; i < COUNT(cases); i++) {
		int e = ruleset(cases[i].fs, cases[i].net, cases[i].scoped);

		if ((e == 0) != (cases[i].abi <= abi))
			fail_msg("case %zu says %d at ABI %ld", i, e, abi);
	}
}

static void
test_memfd_flags(void **state)
{
	int fd;

	(void)state;
	if (running() < version("6.3"))
		skip();
	fd = (int)syscall(__NR_memfd_create, "t", MFD_NOEXEC_SEAL);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS) & SEAL_EXEC, SEAL_EXEC);
	close(fd);
	fd = (int)syscall(__NR_memfd_create, "t", MFD_EXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS) & SEAL_EXEC, 0);
	close(fd);
}

static void
test_mdwe(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	if (running() < version("6.3"))
		skip();
	pid = fork();
	if (pid == 0) {
		void *p = mmap(NULL, 1, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0)
			_exit(1);
		if (prctl(PR_GET_MDWE, 0, 0, 0, 0) != 1)
			_exit(2);
		if (mprotect(p, 1, PROT_READ | PROT_EXEC) == 0)
			_exit(3);
		_exit(errno == EACCES ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_passrights(void **state)
{
	int pair[2], value = 7;
	socklen_t len = sizeof(value);

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	if (getsockopt(pair[0], SOL_SOCKET, SO_PASSRIGHTS, &value, &len) != 0)
		assert_true(running() < version("6.16"));
	else
		assert_int_equal(value, 1); /* on until switched off */
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_exist),
		cmocka_unit_test(test_same_numbers),
		cmocka_unit_test(test_landlock),
		cmocka_unit_test(test_memfd_flags),
		cmocka_unit_test(test_mdwe),
		cmocka_unit_test(test_passrights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
