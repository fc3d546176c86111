/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the machine has left.  Needs nothing. */
#include "node/broker/brake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define MB (1024ULL * 1024)
#define TOTAL "MemTotal:       24684224 kB\nMemFree:        1000 kB\n"
#define SECOND (1000ULL * 1000)

static void
test_text(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ TOTAL "MemAvailable:   24179712 kB\nBuffers: 1 kB\n",
		    24179712 * 1024ULL },
		{ TOTAL "MemAvailable: 0 kB\n", 0 },
		{ TOTAL "MemAvailable: 999999999999999 kB\n",
		    999999999999999 * 1024ULL },
		{ TOTAL "MemAvailable: 1000000000000000 kB\n", BRAKE_UNKNOWN },
		{ TOTAL "MemAvailable: kB\n", BRAKE_UNKNOWN },
		{ TOTAL "MemAvailable: -1 kB\n", BRAKE_UNKNOWN },
		{ TOTAL "MemAvailable: 12", BRAKE_UNKNOWN },
		{ TOTAL "MemAvailable: 12 MB\n", BRAKE_UNKNOWN },
		{ TOTAL, BRAKE_UNKNOWN },
		{ "", BRAKE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(brake_read(cases[i].text) == cases[i].bytes);
}

static void
say(int fd, const char *text)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0),
	    (ssize_t)strlen(text));
}

/* It is looked at when the time has come, and then what is there counts. */
static void
test_looks(void **state)
{
	struct brake b = { .fd = memfd_create("meminfo", MFD_CLOEXEC) };
	uint64_t now = SECOND;

	(void)state;
	assert_true(b.fd >= 0);
	say(b.fd, TOTAL "MemAvailable: 2048 kB\n");
	assert_false(brake_is_on(&b, 2 * MB, now));
	say(b.fd, TOTAL "MemAvailable: 2047 kB\n");
	assert_false(brake_is_on(&b, 2 * MB, now + BRAKE_LOOK_US - 1));
	assert_true(brake_is_on(&b, 2 * MB, now + BRAKE_LOOK_US));
	assert_false(brake_is_on(&b, 0, now + BRAKE_LOOK_US));
	say(b.fd, TOTAL);
	assert_false(brake_is_on(&b, 2 * MB, now + 2 * BRAKE_LOOK_US));
	close(b.fd);
	b.fd = -1;
	assert_false(brake_is_on(&b, 2 * MB, now + 3 * BRAKE_LOOK_US));
}

static void
test_tells(void **state)
{
	struct brake b = { .fd = -1 };

	(void)state;
	assert_true(brake_tells(&b, SECOND));
	assert_false(brake_tells(&b, SECOND + BRAKE_TELL_US - 1));
	assert_true(brake_tells(&b, SECOND + BRAKE_TELL_US));
}

/* This machine's own. */
static void
test_kernel(void **state)
{
	char text[512];
	FILE *f = fopen("/proc/meminfo", "re");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	assert_true(brake_read(text) != BRAKE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_tells),
		cmocka_unit_test(test_kernel),
	};

	return cmocka_run_group_tests_name("brake", tests, NULL, NULL);
}
