/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of every kind against memfd_check().  Needs nothing. */
#include "node/common/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN 10000

static int
sealed(int seals)
{
	static char text[LEN];
	int fd = memfd_new("t");

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, LEN, 0), LEN);
	if (seals != 0)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int
make_good(void)
{
	int fd = sealed(0);

	assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

static int
make_unsealed(void)
{
	return sealed(0);
}

static int
make_future_write(void)
{
	return sealed(
	    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE);
}

static int
make_no_shrink(void)
{
	return sealed(F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_WRITE);
}

static int
make_no_grow(void)
{
	return sealed(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_WRITE);
}

static int
make_no_seal(void)
{
	return sealed(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

static int
make_sparse(void)
{
	int fd = memfd_new("t");

	assert_int_equal(ftruncate(fd, LEN), 0);
	assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

static int
make_short(void)
{
	int fd = memfd_new("t");

	assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

static int
make_pipe(void)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	close(p[1]);
	return p[0];
}

static int
make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
make_epoll(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static int
make_file(void)
{
	char name[] = "/tmp/test_memfd.XXXXXX";
	static char text[LEN];
	int fd = mkostemp(name, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, LEN), LEN);
	unlink(name);
	return fd;
}

static int
make_directory(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
make_path(void)
{
	return open("/", O_PATH | O_CLOEXEC);
}

static int
make_closed(void)
{
	return -1;
}

/* A huge page of its own may not be had: the seals are what counts here. */
static int
make_hugetlb(void)
{
	int fd;

	fd = memfd_create("h", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
	if (fd >= 0)
		assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*make)(void);
	uint64_t size;
	int other_owner;
	enum memfd_fault want;
} cases[] = {
	{ "good", make_good, LEN, 0, MEMFD_OK },
	{ "another's", make_good, LEN, 1, MEMFD_E_OWNER },
	{ "longer than said", make_good, LEN - 1, 0, MEMFD_E_SIZE },
	{ "shorter than said", make_good, LEN + 1, 0, MEMFD_E_SIZE },
	{ "size 2^64-1", make_good, UINT64_MAX, 0, MEMFD_E_SIZE },
	{ "short", make_short, LEN, 0, MEMFD_E_SIZE },
	{ "unsealed", make_unsealed, LEN, 0, MEMFD_E_SEALS },
	{ "future write", make_future_write, LEN, 0, MEMFD_E_SEALS },
	{ "can shrink", make_no_shrink, LEN, 0, MEMFD_E_SEALS },
	{ "can grow", make_no_grow, LEN, 0, MEMFD_E_SEALS },
	{ "seals open", make_no_seal, LEN, 0, MEMFD_E_SEALS },
	{ "sparse", make_sparse, LEN, 0, MEMFD_E_SPARSE },
	{ "pipe", make_pipe, 0, 0, MEMFD_E_KIND },
	{ "socket", make_socket, 0, 0, MEMFD_E_KIND },
	{ "epoll", make_epoll, 0, 0, MEMFD_E_KIND },
	{ "directory", make_directory, 0, 0, MEMFD_E_KIND },
	{ "O_PATH", make_path, 0, 0, MEMFD_E_KIND },
	{ "closed", make_closed, 0, 0, MEMFD_E_KIND },
	{ "hugetlb", make_hugetlb, 0, 0, MEMFD_E_KIND },
};
/* clang-format on */

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = cases[i].make();
		uid_t owner = geteuid() + (uid_t)cases[i].other_owner;
		enum memfd_fault f = memfd_check(fd, cases[i].size, owner);

		if (f != cases[i].want)
			fail_msg("%s: %s", cases[i].name, memfd_fault_text(f));
		if (fd >= 0)
			close(fd);
	}
}

/* A file of a mounted file system has no seals, or SEAL alone (tmpfs). */
static void
test_plain_file(void **state)
{
	int fd = make_file();
	enum memfd_fault f = memfd_check(fd, LEN, geteuid());

	(void)state;
	assert_true(f == MEMFD_E_KIND || f == MEMFD_E_SEALS);
	close(fd);
}

static void
test_empty(void **state)
{
	int fd = memfd_new("t");

	(void)state;
	assert_int_equal(memfd_seal(fd), 0);
	assert_int_equal(memfd_check(fd, 0, geteuid()), MEMFD_OK);
	close(fd);
}

/* security-rules 11: EBUSY while somebody can still write through a map. */
static void
test_seal_busy(void **state)
{
	int fd = sealed(0);
	void *p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	assert_true(p != MAP_FAILED);
	assert_int_equal(memfd_seal(fd), -EBUSY);
	munmap(p, LEN);
	assert_int_equal(memfd_seal(fd), 0);
	close(fd);
}

static void
test_not_executable(void **state)
{
	int fd = memfd_new("t");
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	/* MFD_NOEXEC_SEAL: without the x bits, and they cannot come back. */
	if ((st.st_mode & 0111) == 0)
		assert_int_equal(fchmod(fd, 0755), -1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_plain_file),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_seal_busy),
		cmocka_unit_test(test_not_executable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
