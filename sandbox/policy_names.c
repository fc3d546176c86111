/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The constants a policy may name.  They are this machine's: a policy is
 * compiled where it will run.
 */
#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/memfd.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "kernel_abi.h"

#define N(name) { #name, (uint64_t)(name) }

/* musl spells the first three alike for 64-bit offsets; the kernel's numbers
 * are what a filter sees. */
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif
#define ARCH_SET_FS 0x1002 /* asm/prctl.h, x86 alone */
#ifndef FUTEX_CMD_MASK
#define FUTEX_CMD_MASK ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
#endif

/* clang-format off */
static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
	/* open(2), fcntl(2) */
	N(O_ACCMODE), N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_CREAT),
	N(O_EXCL), N(O_TRUNC), N(O_APPEND), N(O_NONBLOCK), N(O_CLOEXEC),
	N(O_DIRECTORY), N(O_NOFOLLOW), N(O_PATH), N(O_TMPFILE),
	N(F_DUPFD), N(F_DUPFD_CLOEXEC), N(F_GETFD), N(F_SETFD), N(F_GETFL),
	N(F_SETFL), N(F_GETLK), N(F_SETLK), N(F_SETLKW), N(F_OFD_GETLK),
	N(F_OFD_SETLK), N(F_OFD_SETLKW), N(F_ADD_SEALS), N(F_GET_SEALS),
	N(F_SETPIPE_SZ), N(F_GETPIPE_SZ), N(FD_CLOEXEC),
	N(AT_EMPTY_PATH), N(AT_SYMLINK_NOFOLLOW), N(AT_REMOVEDIR),
	N(S_ISUID), N(S_ISGID), N(S_IFMT), N(S_IFREG), N(S_IFIFO),
	N(S_IFSOCK), N(S_IFCHR), N(S_IFBLK),
	{ "O_NOTIFICATION_PIPE", (uint64_t)O_EXCL }, /* linux/watch_queue.h */
	/* mmap(2), mprotect(2), madvise(2), memfd_create(2) */
	N(PROT_NONE), N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC),
	N(MAP_SHARED), N(MAP_PRIVATE), N(MAP_SHARED_VALIDATE), N(MAP_TYPE),
	N(MAP_ANONYMOUS), N(MAP_FIXED), N(MAP_HUGETLB), N(MAP_GROWSDOWN),
	N(MADV_NORMAL), N(MADV_RANDOM), N(MADV_SEQUENTIAL), N(MADV_WILLNEED),
	N(MADV_DONTNEED), N(MADV_FREE), N(MADV_HUGEPAGE), N(MADV_NOHUGEPAGE),
	N(MADV_DONTDUMP), N(MADV_DODUMP), N(MADV_DONTFORK), N(MADV_DOFORK),
	N(MADV_WIPEONFORK), N(MADV_KEEPONFORK),
	N(MFD_CLOEXEC), N(MFD_ALLOW_SEALING), N(MFD_HUGETLB),
	N(MFD_NOEXEC_SEAL), N(MFD_EXEC),
	/* clone(2) */
	N(CLONE_VM), N(CLONE_FS), N(CLONE_FILES), N(CLONE_SIGHAND),
	N(CLONE_PTRACE), N(CLONE_VFORK), N(CLONE_PARENT), N(CLONE_THREAD),
	N(CLONE_NEWNS), N(CLONE_SYSVSEM), N(CLONE_SETTLS),
	N(CLONE_PARENT_SETTID), N(CLONE_CHILD_CLEARTID), N(CLONE_UNTRACED),
	N(CLONE_CHILD_SETTID), N(CLONE_NEWCGROUP), N(CLONE_NEWUTS),
	N(CLONE_NEWIPC), N(CLONE_NEWUSER), N(CLONE_NEWPID), N(CLONE_NEWNET),
	N(CLONE_IO), N(CLONE_DETACHED), N(CLONE_PIDFD), N(CLONE_NEWTIME),
	/* prctl(2), arch_prctl(2) */
	N(PR_SET_NAME), N(PR_GET_NAME), N(PR_SET_PDEATHSIG),
	N(PR_GET_PDEATHSIG), N(PR_SET_DUMPABLE), N(PR_GET_DUMPABLE),
	N(PR_SET_NO_NEW_PRIVS), N(PR_GET_NO_NEW_PRIVS), N(PR_SET_SECCOMP),
	N(PR_GET_SECCOMP), N(PR_SET_MDWE), N(PR_GET_MDWE), N(PR_SET_KEEPCAPS),
	N(PR_GET_KEEPCAPS), N(PR_SET_SECUREBITS), N(PR_GET_SECUREBITS),
	N(PR_CAPBSET_READ), N(PR_CAPBSET_DROP), N(PR_CAP_AMBIENT),
	N(PR_SET_CHILD_SUBREAPER), N(PR_SET_MM), N(PR_SET_PTRACER),
	N(PR_SET_TIMERSLACK), N(ARCH_SET_FS),
	/* futex(2) */
	N(FUTEX_WAIT), N(FUTEX_WAKE), N(FUTEX_REQUEUE), N(FUTEX_CMP_REQUEUE),
	N(FUTEX_WAKE_OP), N(FUTEX_WAIT_BITSET), N(FUTEX_WAKE_BITSET),
	N(FUTEX_LOCK_PI), N(FUTEX_UNLOCK_PI), N(FUTEX_PRIVATE_FLAG),
	N(FUTEX_CLOCK_REALTIME), N(FUTEX_CMD_MASK),
	/* setrlimit(2), ioctl(2), signals, waitid(2) */
	N(RLIMIT_AS), N(RLIMIT_CORE), N(RLIMIT_CPU), N(RLIMIT_DATA),
	N(RLIMIT_FSIZE), N(RLIMIT_NOFILE), N(RLIMIT_NPROC), N(RLIMIT_STACK),
	N(RLIMIT_MEMLOCK),
	N(TCGETS), N(FIONREAD), N(FIONBIO), N(TIOCGWINSZ),
	N(SIGKILL), N(SIGTERM), N(SIGABRT), N(SIGCHLD), N(SIGSTOP),
	N(P_PID), N(P_ALL), N(P_PIDFD), N(WNOHANG), N(WEXITED), N(WNOWAIT),
	/* sockets */
	N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK),
	N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_SEQPACKET), N(SOCK_CLOEXEC),
	N(SOCK_NONBLOCK), N(SOL_SOCKET), N(IPPROTO_TCP), N(IPPROTO_IP),
	N(IPPROTO_IPV6), N(SO_ERROR), N(SO_TYPE), N(SO_DOMAIN), N(SO_REUSEADDR),
	N(SO_PEERCRED), N(SO_LINGER), N(SO_RCVBUF), N(SO_SNDBUF),
	N(SO_KEEPALIVE), N(SO_PASSCRED), N(SO_PASSRIGHTS), N(SO_ACCEPTCONN),
	N(SO_RCVTIMEO), N(SO_SNDTIMEO), N(SO_PROTOCOL), N(IPV6_V6ONLY),
	N(TCP_NODELAY), N(TCP_CORK), N(TCP_QUICKACK), N(TCP_USER_TIMEOUT),
	N(TCP_INFO), N(TCP_DEFER_ACCEPT), N(MSG_DONTWAIT), N(MSG_NOSIGNAL),
	N(MSG_PEEK), N(MSG_TRUNC), N(MSG_CMSG_CLOEXEC), N(MSG_WAITALL),
	N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR), N(EPOLL_CLOEXEC),
	N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD),
};

static const struct {
	const char *name;
	uint32_t value;
} errnos[] = {
#define E(name) { #name, name }
	E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(EBADF), E(EAGAIN),
	E(ENOMEM), E(EACCES), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
	E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(EFBIG), E(ENOSPC),
	E(EROFS), E(EMLINK), E(EPIPE), E(EDEADLK), E(ENOLCK), E(ENOSYS),
	E(EOPNOTSUPP), E(ENOTSUP), E(EAFNOSUPPORT), E(EPROTONOSUPPORT),
	E(ENODATA), E(EOVERFLOW),
};
/* clang-format on */

bool
policy_constant(const char *name, uint64_t *ret)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
		if (strcmp(constants[i].name, name) == 0) {
			*ret = constants[i].value;
			return true;
		}
	}
	return false;
}

bool
policy_errno(const char *name, uint32_t *ret)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++) {
		if (strcmp(errnos[i].name, name) == 0) {
			*ret = errnos[i].value;
			return true;
		}
	}
	return false;
}
