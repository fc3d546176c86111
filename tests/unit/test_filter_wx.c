/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: no process of a node can make code of memory of its own; of a file
 * only those that load programs can.  Every filter as built. */
#include <sandbox/filter.h>

#include "bpf_run.h"

#include <errno.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cmocka.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define RX (PROT_READ | PROT_EXEC)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define DENIED (SECCOMP_RET_ERRNO | EACCES)

extern const struct filter filter_auditor, filter_broker, filter_cell_killer,
    filter_cell_one, filter_executor, filter_front, filter_imager,
    filter_jail_init, filter_job, filter_job_trip, filter_monitor, filter_pack,
    filter_relay, filter_status, filter_unpack, filter_zygote;

static const struct filter *const filters[] = { &filter_auditor,
	&filter_broker, &filter_cell_killer, &filter_cell_one, &filter_executor,
	&filter_front, &filter_imager, &filter_jail_init, &filter_job,
	&filter_job_trip, &filter_monitor, &filter_pack, &filter_relay,
	&filter_status, &filter_unpack, &filter_zygote };

#define FILTERS (sizeof(filters) / sizeof(filters[0]))

static uint32_t
ask(const struct filter *f, long nr, uint64_t prot, uint64_t flags)
{
	struct seccomp_data d = { (int)nr, ARCH, 0,
		{ 0, 4096, prot, flags, 0, 0 } };

	return bpf_run(f->code, f->len, &d);
}

static void
test_no_code(void **state)
{
	static const struct {
		long nr;
		uint64_t prot, flags;
	} rows[] = {
		{ SYS_mmap, RX | PROT_WRITE, ANON },
		{ SYS_mmap, RX | PROT_WRITE, MAP_PRIVATE },
		{ SYS_mmap, RX | PROT_WRITE, MAP_SHARED },
		{ SYS_mmap, RX, ANON },
		{ SYS_mmap, RX, MAP_SHARED },
		{ SYS_mmap, PROT_EXEC, MAP_SHARED_VALIDATE },
		{ SYS_mprotect, RX, 0 },
		{ SYS_mprotect, PROT_EXEC, 0 },
		{ SYS_mprotect, RX | PROT_WRITE, 0 },
		{ SYS_mprotect, RX | UINT64_C(1) << 32, 0 },
		{ SYS_pkey_mprotect, RX, 0 },
		{ SYS_shmat, 0, 0100000 /* SHM_EXEC */ },
		{ SYS_remap_file_pages, 0, 0 },
		{ SYS_personality, 0, 0 }, /* READ_IMPLIES_EXEC */
	};

	(void)state;
	for (size_t i = 0; i < FILTERS; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (ask(filters[i], rows[k].nr, rows[k].prot,
			        rows[k].flags) == SECCOMP_RET_ALLOW)
				fail_msg("%s: call %ld (%#llx, %#llx)",
				    filters[i]->name, rows[k].nr,
				    (unsigned long long)rows[k].prot,
				    (unsigned long long)rows[k].flags);
}

/* The loader works, and who tries more is told, not ended: a library that makes
 * code where it may does without. */
static void
test_monitor(void **state)
{
	const struct filter *f = &filter_monitor;

	(void)state;
	assert_int_equal(ask(f, SYS_mmap, RX, MAP_PRIVATE | MAP_FIXED),
	    SECCOMP_RET_ALLOW);
	assert_int_equal(ask(f, SYS_mmap, RW, ANON), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(f, SYS_mmap, RW, MAP_SHARED), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(f, SYS_mprotect, PROT_READ, 0),
	    SECCOMP_RET_ALLOW);
	assert_int_equal(ask(f, SYS_mprotect, RW, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(f, SYS_mmap, RX | PROT_WRITE, ANON), DENIED);
	assert_int_equal(ask(f, SYS_mmap, RX, ANON), DENIED);
	assert_int_equal(ask(f, SYS_mprotect, RX, 0), DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_code),
		cmocka_unit_test(test_monitor),
	};

	return cmocka_run_group_tests_name("filter_wx", tests, NULL, NULL);
}
