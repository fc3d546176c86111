/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs nothing.  Filters add up and the strictest answer wins: the zygote's,
 * which every process of a cell inherits, must not kill what one of theirs
 * lets pass or refuses with an errno.
 */
#include <sandbox/filter.h>

#include "bpf_run.h"

#include <errno.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KILL SECCOMP_RET_KILL_PROCESS

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

extern const struct filter filter_zygote, filter_job, filter_cell_one,
    filter_cell_killer, filter_unpack, filter_pack;

static uint32_t
answer(const struct filter *f, int nr, const uint64_t *args)
{
	struct seccomp_data d = { nr, ARCH, 0,
		{ args[0], args[1], args[2], args[3], 0, 0 } };

	return bpf_run(f->code, f->len, &d);
}

/* Every constant a filter compares with, as an argument. */
static size_t
constants(const struct filter *f, uint64_t *out, size_t max)
{
	size_t n = 0;

	for (unsigned i = 0; i < f->len && n + 2 < max; i++) {
		if (f->code[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
			out[n++] = f->code[i].k;
		if (f->code[i].code == (BPF_ALU | BPF_AND | BPF_K))
			out[n++] = f->code[i].k;
	}
	out[n++] = UINT64_MAX;
	return n;
}

static bool
kills_what_passes(const struct filter *inner, int nr, const uint64_t *args)
{
	return answer(inner, nr, args) != KILL &&
	    answer(&filter_zygote, nr, args) == KILL;
}

static void
check(const struct filter *inner)
{
	static uint64_t values[512];
	size_t n = constants(inner, values, COUNT(values));

	for (int nr = 0; nr < 512; nr++) {
		for (size_t i = 0; i < n * 4; i++) {
			uint64_t args[4] = { 0, 0, 0, 0 };

			args[i % 4] = values[i / 4];
			if (kills_what_passes(inner, nr, args))
				fail_msg("%s: call %d, argument %zu %#lx",
				    inner->name, nr, i % 4,
				    (unsigned long)values[i / 4]);
		}
	}
}

static void
test_zygote(void **state)
{
	(void)state;
	check(&filter_job);
	check(&filter_cell_one);
	check(&filter_cell_killer);
	check(&filter_unpack);
	check(&filter_pack);
}

/* A listener is heard and answered by ioctl(2): a zygote that were given one
 * of its own filter could let everything pass (docs/threat-model.md). */
static void
test_zygote_ioctl(void **state)
{
	static const uint64_t calls[] = { SECCOMP_IOCTL_NOTIF_RECV,
		SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_IOCTL_NOTIF_ID_VALID,
		SECCOMP_IOCTL_NOTIF_ADDFD, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		for (uint64_t fd = 0; fd < 16; fd++) {
			const uint64_t args[4] = { fd, calls[i], 0, 0 };

			assert_int_equal(
			    answer(&filter_zygote, SYS_ioctl, args),
			    SECCOMP_RET_ERRNO | ENOTTY);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zygote),
		cmocka_unit_test(test_zygote_ioctl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
