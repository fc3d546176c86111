/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acts of the test program (node/selftest/acts.c has their language), as far as
 * they are safe on a node that serves: none does harm where it works.
 */
#include "selftest.h"

#include <sys/syscall.h>

#define TEXT_(x) #x
#define TEXT(x)	 TEXT_(x)
#define CALL(nr) "c " TEXT(nr) " "
#define KILL(nr) "x " TEXT(nr) " "

#define OPEN(path)	CALL(SYS_openat) "-100 s:" path " 0"
#define STAT(path)	CALL(SYS_newfstatat) "-100 s:" path " z 0"
#define OPEN_DIR(path)	CALL(SYS_openat) "-100 s:" path " 0x10000"
#define OPEN_WRITE(path) CALL(SYS_openat) "-100 s:" path " 1"
/* O_TMPFILE: a file without a name, so that none is left where it works */
#define MAKE_IN(path)	CALL(SYS_openat) "-100 s:" path " 0x410001 0600"
#define EXEC(path)	CALL(SYS_execve) "s:" path " 0 0"
#define SOCKET(family)	CALL(SYS_socket) TEXT(family) " 1 0"

#define PROGRAM "/.immure/bin/selftest"

/* clang-format off */
const struct st_act st_acts[] = {
	{ PROMISE_READ, WANT_WORKS, "read its own toolchain", OPEN(PROGRAM) },
	{ PROMISE_READ, WANT_REFUSED, "read a file of /tmp of the host",
	    CALL(SYS_openat) "-100 s:%file 0" },
	{ PROMISE_READ, WANT_REFUSED, "read /etc/passwd", OPEN("/etc/passwd") },
	{ PROMISE_READ, WANT_REFUSED, "read /etc/shadow", OPEN("/etc/shadow") },
	{ PROMISE_READ, WANT_REFUSED, "read /etc/passwd by way of its image",
	    OPEN("/.immure/../etc/passwd") },
	{ PROMISE_READ, WANT_REFUSED, "read /etc/passwd by many ..",
	    OPEN("../../../../../../../../etc/passwd") },
	{ PROMISE_READ, WANT_REFUSED, "list its root", OPEN_DIR("/") },
	{ PROMISE_READ, WANT_REFUSED, "list /root", OPEN_DIR("/root") },
	{ PROMISE_READ, WANT_REFUSED, "list /home", OPEN_DIR("/home") },
	{ PROMISE_READ, WANT_REFUSED, "list /usr", OPEN_DIR("/usr") },
	{ PROMISE_READ, WANT_REFUSED, "list /var", OPEN_DIR("/var") },
	{ PROMISE_READ, WANT_REFUSED, "list /proc", OPEN_DIR("/proc") },
	{ PROMISE_READ, WANT_REFUSED, "list /sys", OPEN_DIR("/sys") },
	{ PROMISE_READ, WANT_REFUSED, "list /dev", OPEN_DIR("/dev") },
	{ PROMISE_READ, WANT_REFUSED, "list /run", OPEN_DIR("/run") },
	{ PROMISE_READ, WANT_REFUSED, "read /proc/self/status",
	    OPEN("/proc/self/status") },
	{ PROMISE_READ, WANT_REFUSED, "read /proc/1/environ",
	    OPEN("/proc/1/environ") },
	{ PROMISE_READ, WANT_REFUSED, "read /dev/mem", OPEN("/dev/mem") },
	/* Landlock leaves these alone: there must be nothing by that name */
	{ PROMISE_READ, WANT_WORKS, "see its own toolchain", STAT(PROGRAM) },
	{ PROMISE_READ, WANT_REFUSED, "see /etc/passwd", STAT("/etc/passwd") },
	{ PROMISE_READ, WANT_REFUSED, "see /proc/self", STAT("/proc/self") },
	{ PROMISE_READ, WANT_REFUSED, "see /sys/kernel", STAT("/sys/kernel") },
	{ PROMISE_READ, WANT_REFUSED, "see /dev/null", STAT("/dev/null") },
	{ PROMISE_READ, WANT_REFUSED, "see a file of /tmp of the host",
	    CALL(SYS_newfstatat) "-100 s:%file z 0" },
	{ PROMISE_READ, WANT_ENDS, "open a file by its handle",
	    KILL(SYS_open_by_handle_at) "-100 z 0" },
	{ PROMISE_READ, WANT_ENDS, "mount a file system",
	    KILL(SYS_mount) "s:x s:/nowhere s:tmpfs 0 0" },
	{ PROMISE_READ, WANT_ENDS, "change its root", KILL(SYS_chroot) "s:/" },
	{ PROMISE_READ, WANT_ENDS, "make a user namespace",
	    KILL(SYS_unshare) "0x10000000" },
	{ PROMISE_READ, WANT_ENDS, "enter another namespace",
	    KILL(SYS_setns) "-1 0" },

	{ PROMISE_WRITE, WANT_WORKS, "write and read in its directory",
	    "own-file" },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file in its root", MAKE_IN("/") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file in its image",
	    MAKE_IN("/.immure") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file beside its program",
	    MAKE_IN("/.immure/bin") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file beside its source",
	    MAKE_IN("/tmp") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file in /etc", MAKE_IN("/etc") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file in /dev/shm",
	    MAKE_IN("/dev/shm") },
	{ PROMISE_WRITE, WANT_REFUSED, "make a file in /usr", MAKE_IN("/usr") },
	{ PROMISE_WRITE, WANT_REFUSED, "write its toolchain",
	    OPEN_WRITE(PROGRAM) },
	{ PROMISE_WRITE, WANT_REFUSED, "write a file of the host",
	    CALL(SYS_openat) "-100 s:%file 1" },
	{ PROMISE_WRITE, WANT_REFUSED, "touch its toolchain",
	    CALL(SYS_utimensat) "-100 s:" PROGRAM " 0 0" },
	{ PROMISE_WRITE, WANT_REFUSED, "make a link",
	    CALL(SYS_symlinkat) "s:/etc/shadow -100 s:/tmp/.immure/link" },
	{ PROMISE_WRITE, WANT_REFUSED, "make a hard link to its toolchain",
	    CALL(SYS_linkat) "-100 s:" PROGRAM " -100 s:/tmp/.immure/hard 0" },
	{ PROMISE_WRITE, WANT_REFUSED, "make a device",
	    CALL(SYS_mknodat) "-100 s:/tmp/.immure/null 020666 0x103" },
	{ PROMISE_WRITE, WANT_ENDS, "make a file set-uid", "setuid-bit" },
	{ PROMISE_WRITE, WANT_REFUSED, "map a file of its own as code",
	    "map-file" },
	{ PROMISE_WRITE, WANT_REFUSED, "write a file beyond limit-space",
	    "huge-file %space" },
	{ PROMISE_WRITE, WANT_ENDS, "give a file to another",
	    KILL(SYS_fchownat) "-100 s:/tmp/.immure 0 0 0" },

	{ PROMISE_REACH, WANT_REFUSED, "socket: unix", SOCKET(1) },
	{ PROMISE_REACH, WANT_REFUSED, "socket: IPv4", SOCKET(2) },
	{ PROMISE_REACH, WANT_REFUSED, "socket: IPv6", SOCKET(10) },
	{ PROMISE_REACH, WANT_REFUSED, "socket: netlink",
	    CALL(SYS_socket) "16 3 0" },
	{ PROMISE_REACH, WANT_REFUSED, "socket: packet",
	    CALL(SYS_socket) "17 3 0" },
	{ PROMISE_REACH, WANT_REFUSED, "socket: vsock", SOCKET(40) },
	{ PROMISE_REACH, WANT_REFUSED, "socket: kernel crypto",
	    CALL(SYS_socket) "38 5 0" },
	{ PROMISE_REACH, WANT_REFUSED, "a pair of sockets",
	    CALL(SYS_socketpair) "1 1 0 z" },
	{ PROMISE_REACH, WANT_REFUSED, "have a descriptor of another's",
	    "descriptors" },
	{ PROMISE_REACH, WANT_REFUSED, "be in another's process group",
	    "outer-group" },
	{ PROMISE_REACH, WANT_REFUSED, "signal this program",
	    CALL(SYS_kill) "%pid 0" },
	{ PROMISE_REACH, WANT_ENDS, "trace a process", KILL(SYS_ptrace) "0 0" },
	{ PROMISE_REACH, WANT_ENDS, "read another's memory",
	    KILL(SYS_process_vm_readv) "1 z 1 z 1 0" },
	{ PROMISE_REACH, WANT_ENDS, "shared memory",
	    KILL(SYS_shmget) "0 4096 0600" },
	{ PROMISE_REACH, WANT_ENDS, "the kernel's keys",
	    KILL(SYS_keyctl) "0 -3 0" },
	{ PROMISE_REACH, WANT_ENDS, "io_uring", KILL(SYS_io_uring_setup) "1 0" },

	{ PROMISE_RUN, WANT_WORKS, "run its toolchain's program",
	    EXEC(PROGRAM) },
	{ PROMISE_RUN, WANT_REFUSED, "run /bin/sh", EXEC("/bin/sh") },
	{ PROMISE_RUN, WANT_REFUSED, "run /usr/bin/env", EXEC("/usr/bin/env") },
	{ PROMISE_RUN, WANT_REFUSED, "run a program of its image that is not "
	    "listed", EXEC("/.immure/.stage/probe") },
	{ PROMISE_RUN, WANT_REFUSED, "run a copy of its own", "exec-copy" },
	{ PROMISE_RUN, WANT_REFUSED, "run a script", "exec-script" },
	{ PROMISE_RUN, WANT_REFUSED, "a file in memory",
	    CALL(SYS_memfd_create) "s:x 0" },
	{ PROMISE_RUN, WANT_REFUSED, "memory to write and run",
	    CALL(SYS_mmap) "0 4096 7 0x22 -1 0" },
	{ PROMISE_RUN, WANT_REFUSED, "new memory as code",
	    CALL(SYS_mmap) "0 4096 5 0x22 -1 0" },
	{ PROMISE_RUN, WANT_REFUSED, "written memory as code", "protect" },
	{ PROMISE_RUN, WANT_ENDS, "become root", KILL(SYS_setuid) "0" },
	{ PROMISE_RUN, WANT_ENDS, "take capabilities", KILL(SYS_capset) "z z" },
	{ PROMISE_RUN, WANT_ENDS, "load a BPF program", KILL(SYS_bpf) "-1 0 0" },
	{ PROMISE_RUN, WANT_ENDS, "load a module",
	    KILL(SYS_finit_module) "-1 s: 0" },

	{ PROMISE_LIMITS, WANT_REFUSED, "more than limit-open-files",
	    "opens %open-files" },
	{ PROMISE_LIMITS, WANT_REFUSED, "more than limit-address-space",
	    "memory %address-space" },
	{ PROMISE_LIMITS, WANT_REFUSED, "raise a limit", "raise-limit" },
	{ PROMISE_LIMITS, WANT_REFUSED, "change its priority",
	    CALL(SYS_setpriority) "0 0 0" },
	{ 0, WANT_REFUSED, NULL, NULL },
};
/* clang-format on */
