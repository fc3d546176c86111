/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that no compiler makes, with arguments that are harmless when
 * they reach the kernel: it answers with success or with an errno of its own
 * (EINVAL, EBADF, EFAULT, ENOENT, EPERM), never with the filter's.
 */
#ifndef TESTS_ESCAPE_ATTACKER_CALLS_H
#define TESTS_ESCAPE_ATTACKER_CALLS_H

#include <sys/syscall.h>

struct call {
	const char *name;
	long number;
	long a[6];
};

#define BAD (-1L)

/* clang-format off */
static const struct call calls[] = {
	/* namespaces and mounts */
	{ "unshare-user", SYS_unshare, { 0x10000000 } },
	{ "unshare-mnt", SYS_unshare, { 0x00020000 } },
	{ "clone-user", SYS_clone, { 0x10000000 | 17 } },
	{ "clone-pid", SYS_clone, { 0x20000000 | 17 } },
	{ "clone3", 435, { BAD, 8 } },
	{ "setns", SYS_setns, { BAD } },
	{ "mount", SYS_mount, { (long)"x", (long)"/nowhere", (long)"tmpfs" } },
	{ "umount", SYS_umount2, { (long)"/nowhere", 0 } },
	{ "pivot_root", SYS_pivot_root, { (long)"/nowhere", (long)"/nowhere" } },
	{ "chroot", SYS_chroot, { (long)"." } },
	{ "open_tree", 428, { BAD, (long)"/nowhere", 0 } },
	{ "move_mount", 429, { BAD, (long)"", BAD, (long)"", 0 } },
	{ "fsopen", 430, { (long)"tmpfs", 0 } },
	{ "fspick", 433, { BAD, (long)"/nowhere", 0 } },
	{ "mount_setattr", 442, { BAD, (long)"/nowhere", 0, 0, 0 } },
	{ "quotactl", SYS_quotactl, { BAD, 0, 0, 0 } },
	/* other processes */
	{ "pidfd_open", 434, { 1, 0 } },
	{ "pidfd_getfd", 438, { BAD, 0, 0 } },
	{ "process_madvise", 440, { BAD, 0, 0, 0, 0 } },
	{ "kcmp", SYS_kcmp, { BAD, BAD, 0, 0, 0 } },
	{ "ptrace-seize", SYS_ptrace, { 0x4206, 1, 0, 0 } },
	{ "prlimit-pid1", SYS_prlimit64, { 1, 7, 0, 0 } },
	{ "setpriority", SYS_setpriority, { 0, 0, 0 } },
	{ "sched_setscheduler", SYS_sched_setscheduler, { BAD, 0, 0 } },
	{ "sched_setattr", SYS_sched_setattr, { BAD, 0, 0 } },
	{ "ioprio_set", SYS_ioprio_set, { BAD, 0, 0 } },
	{ "setuid", SYS_setuid, { 0 } },
	{ "setresuid", SYS_setresuid, { 0, 0, 0 } },
	{ "setsid", SYS_setsid, { 0 } },
	{ "personality", SYS_personality, { 0x0400000 } },
	{ "rt_sigqueueinfo", SYS_rt_sigqueueinfo, { BAD, 0, 0 } },
	/* prctl: of what a job might want to change */
	{ "pr-dumpable", SYS_prctl, { 4, 1, 0, 0, 0 } },
	{ "pr-pdeathsig", SYS_prctl, { 1, 0, 0, 0, 0 } },
	{ "pr-subreaper", SYS_prctl, { 36, 1, 0, 0, 0 } },
	{ "pr-seccomp", SYS_prctl, { 22, 1, 0, 0, 0 } },
	{ "pr-set-mm", SYS_prctl, { 35, BAD, 0, 0, 0 } },
	{ "pr-keepcaps", SYS_prctl, { 8, 0, 0, 0, 0 } },
	{ "pr-tsc", SYS_prctl, { 26, 1, 0, 0, 0 } },
	{ "pr-ambient", SYS_prctl, { 47, 4, 0, 0, 0 } },
	{ "pr-securebits", SYS_prctl, { 28, 0, 0, 0, 0 } },
	{ "pr-syscall-dispatch", SYS_prctl, { 59, 0, 0, 0, 0 } },
	{ "pr-thp", SYS_prctl, { 41, 1, 0, 0, 0 } },
	{ "pr-timerslack", SYS_prctl, { 29, 1, 0, 0, 0 } },
	{ "pr-perf-off", SYS_prctl, { 31, 0, 0, 0, 0 } },
	{ "pr-no-new-privs", SYS_prctl, { 38, 1, 0, 0, 0 } },
	{ "pr-flusher", SYS_prctl, { 57, 0, 0, 0, 0 } },
	/* the kernel's big interfaces */
	{ "bpf", SYS_bpf, { BAD, 0, 0 } },
	{ "perf_event_open", SYS_perf_event_open, { 0, BAD, BAD, BAD, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { BAD } },
	{ "io_uring_setup", 425, { 1, 0 } },
	{ "io_setup", SYS_io_setup, { 0, 0 } },
	{ "keyctl", SYS_keyctl, { 0, BAD, 0 } },
	{ "add_key", SYS_add_key, { 0, 0, 0, 0, 0 } },
	{ "request_key", SYS_request_key, { 0, 0, 0, 0 } },
	{ "init_module", SYS_init_module, { 0, 0, 0 } },
	{ "finit_module", SYS_finit_module, { BAD, 0, 0 } },
	{ "delete_module", SYS_delete_module, { 0, 0 } },
	{ "kexec_load", SYS_kexec_load, { 0, 99, 0, 0 } },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 } },
	{ "swapon", SYS_swapon, { (long)"/nowhere", 0 } },
	{ "acct", SYS_acct, { (long)"/nowhere" } },
	{ "syslog", SYS_syslog, { 10, 0, 0 } },
	{ "sethostname", SYS_sethostname, { 0, BAD } },
	{ "clock_settime", SYS_clock_settime, { 99, 0 } },
	{ "adjtimex", SYS_adjtimex, { 0 } },
	{ "seccomp", SYS_seccomp, { 2, 0, 0 } },
	{ "landlock", 444, { 0, 0, 1 } },
	{ "memfd_secret", 447, { BAD } },
	{ "mlock", SYS_mlock, { 0, 0 } },
	{ "mlockall", SYS_mlockall, { BAD } },
	{ "mbind", SYS_mbind, { 1, 0, 0, 0, 0, 0 } },
	{ "move_pages", SYS_move_pages, { 0, 0, 0, 0, 0, BAD } },
	{ "remap_file_pages", SYS_remap_file_pages, { 0, 0, 1, 0, 0 } },
	{ "pkey_mprotect", SYS_pkey_mprotect, { 1, 0, 0, BAD } },
	/* descriptors that wait, tell or copy */
	{ "inotify", SYS_inotify_init1, { 0 } },
	{ "fanotify", SYS_fanotify_init, { BAD, BAD } },
	{ "epoll", SYS_epoll_create1, { 0 } },
	{ "eventfd", SYS_eventfd2, { 0, 0 } },
	{ "signalfd", SYS_signalfd4, { BAD, 0, 8, 0 } },
	{ "timerfd", SYS_timerfd_create, { 1, 0 } },
	{ "timer_create", SYS_timer_create, { 99, 0, 0 } },
	{ "splice", SYS_splice, { BAD, 0, BAD, 0, 1, 0 } },
	{ "vmsplice", SYS_vmsplice, { BAD, 0, 0, 0 } },
	{ "tee", SYS_tee, { BAD, BAD, 1, 0 } },
	{ "sendfile", SYS_sendfile, { BAD, BAD, 0, 1 } },
	{ "copy_file_range", SYS_copy_file_range, { BAD, 0, BAD, 0, 1, 0 } },
	{ "ioctl", SYS_ioctl, { 0, 0x541B, BAD } },
	{ "tiocsti", SYS_ioctl, { 0, 0x5412, BAD } },
	{ "f_setown", SYS_fcntl, { 0, 8, 0 } },
	{ "f_setpipe_sz", SYS_fcntl, { 0, 1031, 4096 } },
	{ "f_setlease", SYS_fcntl, { 0, 1024, 2 } },
	{ "f_notify", SYS_fcntl, { 0, 1026, 0 } },
	{ "flock", SYS_flock, { 0, 8 } },
	/* System V and POSIX ipc */
	{ "shmget", SYS_shmget, { 0, 4096, 01600 } },
	{ "semget", SYS_semget, { 0, 1, 01600 } },
	{ "msgget", SYS_msgget, { 0, 01600 } },
	{ "mq_open", SYS_mq_open, { (long)"x", 0, 0, 0 } },
	{ "bind", SYS_bind, { 0, 0, 0 } },
	{ "recvmsg", SYS_recvmsg, { 0, 0, 0 } },
	{ "accept", SYS_accept4, { 0, 0, 0, 0 } },
	{ "listen", SYS_listen, { 0, 1 } },
#ifdef __x86_64__
	{ "iopl", SYS_iopl, { 0 } },
	{ "ioperm", SYS_ioperm, { BAD, 0, 0 } },
	{ "modify_ldt", SYS_modify_ldt, { 0, 0, 0 } },
	{ "arch_prctl", SYS_arch_prctl, { 0x1011, 0 } },
	{ "arch-gs", SYS_arch_prctl, { 0x1001, 0 } },
	{ "vhangup-free", SYS_ustat, { BAD, 0 } },
#endif
};
/* clang-format on */

#endif
