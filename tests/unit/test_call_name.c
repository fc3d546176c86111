/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: the names made of the kernel's headers against libseccomp's,
 * and what has no name. */
#include <sandbox/call_name.h>

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

/* Where both know a name it is the same; how many that are. */
static int
compare(uint32_t arch, uint32_t token, int first)
{
	int same = 0;

	for (int nr = first; nr < first + 1000; nr++) {
		const char *ours = call_name(arch, nr);
		char *theirs = seccomp_syscall_resolve_num_arch(token, nr);

		if (ours != NULL && theirs != NULL) {
			assert_string_equal(ours, theirs);
			same++;
		}
		free(theirs);
	}
	return same;
}

#ifdef __x86_64__
static void
test_names(void **state)
{
	(void)state;
	assert_true(compare(AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, 0) > 300);
	assert_true(compare(AUDIT_ARCH_I386, SCMP_ARCH_X86, 0) > 300);
	/* without the bit: libseccomp leaves it to the caller */
	assert_true(compare(AUDIT_ARCH_X86_64, SCMP_ARCH_X32, 0x40000000) > 300);
}

static void
test_foreign(void **state)
{
	(void)state;
	assert_string_equal(call_name(AUDIT_ARCH_I386, 20), "getpid");
	assert_string_equal(
	    call_name(AUDIT_ARCH_X86_64, 0x40000000 | SYS_getpid), "getpid");
	assert_string_equal(call_arch(AUDIT_ARCH_I386, 20), "i386");
	assert_string_equal(call_arch(AUDIT_ARCH_X86_64, 20), "x86_64");
	assert_string_equal(call_arch(AUDIT_ARCH_X86_64, 0x40000014), "x32");
	assert_null(call_arch(AUDIT_ARCH_MIPS, 20));
	assert_null(call_name(AUDIT_ARCH_MIPS, 20));
}
#define HERE AUDIT_ARCH_X86_64
#else
static void
test_names(void **state)
{
	(void)state;
	assert_true(compare(AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, 0) > 250);
}

static void
test_foreign(void **state)
{
	(void)state;
	assert_null(call_name(AUDIT_ARCH_I386, 20));
}
#define HERE AUDIT_ARCH_AARCH64
#endif

static void
test_ends(void **state)
{
	(void)state;
	assert_string_equal(call_name(HERE, SYS_kcmp), "kcmp");
	/* newer than the headers of a supported system */
	assert_string_equal(call_name(HERE, 469), "file_setattr");
	assert_null(call_name(HERE, -1));
	assert_null(call_name(HERE, 0x3fffffff));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
