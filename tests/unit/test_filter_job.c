/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: what the job's filter, as built, says to single calls. */
#include <sandbox/filter.h>

#include "bpf_run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RX (PROT_READ | PROT_EXEC)
#define RWX (RX | PROT_WRITE)

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

extern const struct filter filter_job;

static uint32_t
answer(const struct filter *f, long nr, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3)
{
	struct seccomp_data d = { (int)nr, ARCH, 0, { a0, a1, a2, a3, 0, 0 } };

	return bpf_run(f->code, f->len, &d);
}

static void
test_arguments(void **state)
{
	/* clang-format off */
	static const struct {
		long nr;
		uint64_t a0, a1, a2, a3;
		uint32_t want;
	} cases[] = {
		{ SYS_mmap, 0, 1, PROT_READ | PROT_WRITE, ANON, ALLOW },
		{ SYS_mmap, 0, 1, PROT_READ | PROT_WRITE, MAP_SHARED, ALLOW },
		{ SYS_mmap, 0, 1, RX, MAP_PRIVATE, ALLOW },
		{ SYS_mmap, 0, 1, RX, MAP_PRIVATE | MAP_FIXED | 0x800, ALLOW },
		{ SYS_mmap, 0, 1, RX, MAP_SHARED, ERRNO(EACCES) },
		{ SYS_mmap, 0, 1, RX, MAP_SHARED_VALIDATE, ERRNO(EACCES) },
		{ SYS_mmap, 0, 1, RX, ANON, ERRNO(EACCES) },
		{ SYS_mmap, 0, 1, RWX, MAP_PRIVATE, ERRNO(EACCES) },
		{ SYS_mmap, 0, 1, RWX, ANON, ERRNO(EACCES) },
		{ SYS_mprotect, 0, 1, PROT_READ, 0, ALLOW },
		{ SYS_mprotect, 0, 1, RX, 0, ERRNO(EACCES) },
		{ SYS_clone, 17, 0, 0, 0, ALLOW },
		{ SYS_clone, 17 | CLONE_VM | CLONE_VFORK, 0, 0, 0, ALLOW },
		{ SYS_clone, 17 | CLONE_NEWUSER, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_NEWNS, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_NEWPID, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_NEWNET, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_NEWTIME, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_PARENT, 0, 0, 0, KILL },
		{ SYS_clone, 17 | CLONE_PTRACE, 0, 0, 0, KILL },
		{ SYS_clone3, 0, 0, 0, 0, ERRNO(ENOSYS) },
		{ SYS_fcntl, 0, F_GETFD, 0, 0, ALLOW },
		{ SYS_fcntl, 0, F_SETLK, 0, 0, ERRNO(0) },
		{ SYS_fcntl, 0, F_SETLKW, 0, 0, ERRNO(0) },
		{ SYS_fcntl, 0, 37, 0, 0, ERRNO(0) }, /* F_OFD_SETLK */
		{ SYS_fcntl, 0, 38, 0, 0, ERRNO(0) },
		{ SYS_fcntl, 0, F_GETLK, 0, 0, ERRNO(EINVAL) },
		{ SYS_fcntl, 0, 36, 0, 0, ERRNO(EINVAL) },
		{ SYS_fcntl, 0, F_SETOWN, 0, 0, KILL },
		{ SYS_fcntl, 0, F_SETPIPE_SZ, 0, 0, KILL },
		{ SYS_fcntl, 0, F_SETLEASE, 0, 0, KILL },
		{ SYS_fcntl, 0, F_NOTIFY, 0, 0, KILL },
		{ SYS_fcntl, 0, F_ADD_SEALS, 0, 0, KILL },
		{ SYS_prctl, PR_SET_NAME, 0, 0, 0, ALLOW },
		{ SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, ERRNO(EINVAL) },
		{ SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, ERRNO(EINVAL) },
		{ SYS_prctl, PR_SET_MM, 0, 0, 0, ERRNO(EINVAL) },
		{ SYS_prctl, PR_SET_SECCOMP, 2, 0, 0, ERRNO(EINVAL) },
		{ SYS_prctl, PR_CAPBSET_DROP, 0, 0, 0, ERRNO(EINVAL) },
		{ SYS_prlimit64, 0, RLIMIT_STACK, 0, 0, ALLOW },
		{ SYS_prlimit64, 1, RLIMIT_STACK, 0, 0, ERRNO(EPERM) },
		{ SYS_madvise, 0, 0, MADV_DONTNEED, 0, ALLOW },
		{ SYS_madvise, 0, 0, 20, 0, ERRNO(EINVAL) }, /* COLD */
		{ SYS_madvise, 0, 0, 21, 0, ERRNO(EINVAL) }, /* PAGEOUT */
		{ SYS_madvise, 0, 0, 100, 0, ERRNO(EINVAL) }, /* HWPOISON */
		{ SYS_pipe2, 0, O_CLOEXEC, 0, 0, ALLOW },
		{ SYS_pipe2, 0, O_EXCL, 0, 0, KILL }, /* O_NOTIFICATION_PIPE */
		{ SYS_futex, 0, FUTEX_WAKE_PRIVATE, 0, 0, ALLOW },
		{ SYS_futex, 0, FUTEX_WAKE, 0, 0, ERRNO(0) },
		{ SYS_futex, 0, FUTEX_WAIT, 0, 0, ALLOW },
		{ SYS_futex, 0, FUTEX_REQUEUE, 0, 0, ERRNO(ENOSYS) },
		{ SYS_fadvise64, 0, 0, 0, 4, ERRNO(0) },
		{ SYS_statfs, 0, 0, 0, 0, ERRNO(ENOSYS) },
		{ SYS_fstatfs, 0, 0, 0, 0, ERRNO(ENOSYS) },
		{ SYS_fchmod, 0, 0755, 0, 0, ALLOW },
		{ SYS_fchmod, 0, 04755, 0, 0, KILL },
		{ SYS_fchmodat, 0, 0, 02755, 0, KILL },
		{ SYS_ioctl, 0, 0x5401, 0, 0, ERRNO(ENOTTY) }, /* TCGETS */
		{ SYS_ioctl, 0, 0x5412, 0, 0, ERRNO(ENOTTY) }, /* TIOCSTI */
		{ SYS_socket, 1, 1, 0, 0, ERRNO(EAFNOSUPPORT) },
		{ SYS_memfd_create, 0, 0, 0, 0, ERRNO(ENOSYS) },
		{ SYS_symlinkat, 0, 0, 0, 0, ERRNO(EPERM) },
		{ SYS_linkat, 0, 0, 0, 0, ERRNO(EPERM) },
#ifdef SYS_arch_prctl
		{ SYS_arch_prctl, 0x1002, 0, 0, 0, ALLOW },
		{ SYS_arch_prctl, 0x1001, 0, 0, 0, ERRNO(EINVAL) },
		{ SYS_arch_prctl, 0x1012, 0, 0, 0, ERRNO(EINVAL) },
#endif
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t got = answer(&filter_job, cases[i].nr, cases[i].a0,
		    cases[i].a1, cases[i].a2, cases[i].a3);

		if (got != cases[i].want)
			fail_msg("case %zu: %#x, not %#x", i, got,
			    cases[i].want);
	}
}

/* Calls that reach beyond the job: dead with any arguments. */
static void
test_killed(void **state)
{
	/* clang-format off */
	static const long calls[] = {
		SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
		SYS_kcmp, 434 /* pidfd_open */, 438 /* pidfd_getfd */,
		440 /* process_madvise */, SYS_mount, SYS_umount2,
		SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare,
		428, 429, 430, 431, 432, 433, 442, /* the mount API */
		SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, 425, 426, 427,
		SYS_io_setup, SYS_keyctl, SYS_add_key, SYS_request_key,
		SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_shmget,
		SYS_shmat, SYS_semget, SYS_msgget, SYS_mq_open,
		SYS_inotify_init1, SYS_fanotify_init, SYS_epoll_create1,
		SYS_eventfd2, SYS_timerfd_create, SYS_signalfd4,
		SYS_timer_create, SYS_setuid, SYS_setresuid, SYS_setgid,
		SYS_setgroups, SYS_capset, SYS_capget, SYS_mlock, SYS_mlockall,
		SYS_mbind, SYS_move_pages, SYS_init_module, SYS_finit_module,
		SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon,
		SYS_acct, SYS_quotactl, SYS_personality, SYS_syslog,
		SYS_clock_settime, SYS_settimeofday, SYS_sethostname,
		SYS_seccomp, 444, 445, 446 /* landlock */, SYS_execveat,
		447 /* memfd_secret */, SYS_remap_file_pages,
		SYS_pkey_mprotect, SYS_connect, SYS_bind, SYS_listen,
		SYS_accept4, SYS_sendmsg, SYS_recvmsg, SYS_sendto,
		SYS_fchown, SYS_fchownat, SYS_vmsplice, SYS_tee,
		SYS_sched_setscheduler, SYS_sched_setattr, SYS_ioprio_set,
		SYS_vhangup, SYS_lookup_dcookie,
#ifdef __x86_64__
		SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat,
		SYS_sysfs,
#endif
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		if (answer(&filter_job, calls[i], 0, 0, 0, 0) != KILL ||
		    answer(&filter_job, calls[i], UINT64_MAX, UINT64_MAX,
			UINT64_MAX, UINT64_MAX) != KILL)
			fail_msg("call %ld is not killed", calls[i]);
	}
}

/* Whatever the running kernel may have beyond this list is ENOSYS, and no
 * foreign ABI gets in. */
static void
test_beyond(void **state)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_ARM,
		0, 0xffffffff };

	(void)state;
	for (long nr = 470; nr < 2048; nr++)
		assert_int_equal(answer(&filter_job, nr, 0, 0, 0, 0),
		    ERRNO(ENOSYS));
	for (size_t i = 0; i < COUNT(foreign); i++) {
		for (int nr = 0; nr < 512; nr++) {
			struct seccomp_data d = { nr, foreign[i], 0, { 0 } };

			assert_int_equal(bpf_run(filter_job.code,
			    filter_job.len, &d), KILL);
		}
	}
#ifdef __x86_64__
	for (long nr = 0x40000000; nr < 0x40000400; nr++)
		assert_int_equal(answer(&filter_job, nr, 0, 0, 0, 0), KILL);
	assert_int_equal(answer(&filter_job, -1, 0, 0, 0, 0), KILL);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
