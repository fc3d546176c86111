/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-spawner: the birth of a slot.  The monitor starts it as root with
 *
 *   3 = socket to the monitor, 4 = socket to the broker, 5 = table (memfd),
 *   6 = the node's tree of cgroups, where there is one
 *   --slot N --generation G --images DIR [--limits N,…] [--cell-groups]
 *
 * In a mount namespace of its own it builds the template roots; it makes the
 * slot's user, net, ipc, uts and cgroup namespaces, owned by the executor's
 * uid, so that an executor without any capability may kill what lives there
 * (user_namespaces(7): "a process whose effective user ID matches that of the
 * owner … has all capabilities in the namespace"), starts the zygote in them
 * and execs immure-executor, which gives up all that is left: the zygote is
 * then the executor's own child.
 *
 * Short-lived, and the only root process of a slot.  It reads its arguments
 * and the table, no byte of a client's.  Anything that fails ends it with the
 * reason on stderr: it never goes on with less.
 */
#include "scope.h"
#include "slot_group.h"
#include "table_map.h"
#include "template.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sandbox/caps.h>
#include <sandbox/kernel_abi.h>
#include <sandbox/mount.h>
#include <sandbox/namespace.h>
#include <sandbox/user_mode.h>

#include "node/cell/cell_paths.h"
#include "node/common/by_hand.h"
#include "node/common/fd.h"
#include "node/common/install_dir.h"
#include "node/common/limit_rows.h"
#include "node/common/message.h"
#include "node/common/role.h"
#include "node/common/uids.h"

#define FD_TABLE  5
#define FD_TREE	  6 /* the spawner's own */
#define FD_ZYGOTE 6 /* of the executor: its socket to the zygote */
#define FD_GROUP  7 /* of the executor: its group, where there is one */

#define SLOTS_MAX 4096U

#define SLOT_NAMESPACES                                                        \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |           \
	    CLONE_NEWUTS | CLONE_NEWCGROUP)

struct spawn {
	unsigned slot;
	uint64_t generation;
	const char *images;
	char limits[LIMITS_WORD]; /* those of limit_rows.h */
	uint32_t uid, gid; /* the executor's */
	bool grouped;	   /* FD_TREE is there */
	struct slot_group group;
	int controllers; /* of its cells' groups */
	bool groups_stay; /* user_mode_groups_stay(), before its namespaces */
};

static _Noreturn void __attribute__((format(printf, 2, 3)))
fail(int error, const char *fmt, ...)
{
	char text[768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "immured: spawner: %s: %s; slot not started\n",
	    text, strerror(error < 0 ? -error : error));
	_exit(ROLE_EXIT_UNCONFINED);
}

static void
must(const char *what, int r)
{
	if (r < 0)
		fail(r, "%s", what);
}

static int
errno_of(int r)
{
	return r < 0 ? -errno : r;
}

static uint64_t
number(const char *name, const char *text, uint64_t max)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || n > max)
		fail(EINVAL, "%s %s", name, text);
	return n;
}

static void
parse(struct spawn *s, int argc, char **argv)
{
	struct limits limits = limits_built_in;

	s->grouped = strcmp(argv[argc - 1], "--cell-groups") == 0;
	argc -= s->grouped;
	if ((argc != 7 && argc != 9) || strcmp(argv[1], "--slot") != 0 ||
	    strcmp(argv[3], "--generation") != 0 ||
	    strcmp(argv[5], "--images") != 0 || argv[6][0] != '/' ||
	    (argc == 9 && (strcmp(argv[7], "--limits") != 0 ||
	    limits_scan(&limits, argv[8]) != 0)))
		fail(EINVAL, "it is started by immured, not by hand");
	s->slot = (unsigned)number(argv[1], argv[2], SLOTS_MAX - 1);
	s->generation = number(argv[3], argv[4], UINT64_MAX);
	s->images = argv[6];
	limits_print(&limits, s->limits, sizeof(s->limits));
	s->group = (struct slot_group){ -1, -1 };
	role_ids(ROLE_EXECUTOR, &s->uid, &s->gid);
}

/*
 * The owner of a user namespace is the effective uid of its maker.  With that
 * changed the effective capabilities are gone and come back from the permitted
 * ones, which stay while the real uid is 0 (capabilities(7)).
 */
static int
borrow_uid(uint32_t uid)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct d[2];

	if (seteuid(uid) < 0 || syscall(SYS_capget, &head, d) < 0)
		return -errno;
	d[0].effective = d[0].permitted;
	d[1].effective = d[1].permitted;
	return syscall(SYS_capset, &head, d) < 0 ? -errno : 0;
}

/* In the new namespaces: wait for the maps, then become the zygote. */
static _Noreturn void
zygote_child(const struct spawn *s, int mapped, int sock, int program)
{
	const char *argv[8] = { "immure-zygote", "--place", s->images,
		"--limits", s->limits };
	static const char *const env[] = { NULL };
	unsigned n = 5;
	char byte;

	if (s->groups_stay)
		argv[n++] = "--groups-stay";
	if (s->grouped)
		argv[n++] = "--cell-groups";
	if (read(mapped, &byte, 1) != 1)
		_exit(ROLE_EXIT_UNCONFINED);
	/* Only after the maps: an unmapped maker of a tmpfs is EOVERFLOW. */
	must("setresgid(2)", errno_of(setresgid(0, 0, 0)));
	must("setresuid(2)", errno_of(setresuid(0, 0, 0)));
	must("parent-death signal",
	    errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)));
	must("dup2(2)", errno_of(dup2(sock, 3)));
	must("dup2(2)", errno_of(dup2(FD_TABLE, 4)));
	must("close_range(2)", errno_of((int)syscall(__NR_close_range, 5, ~0U,
				   CLOSE_RANGE_CLOEXEC)));
	/* By descriptor: the way to it may be root's alone. */
	(void)syscall(
	    SYS_execveat, program, "", argv, env, AT_EMPTY_PATH);
	fail(errno, "exec of immure-zygote");
}

static int
open_program(const char *name)
{
	char path[4096];
	int fd, n;

	if (install_libexec() == NULL)
		fail(errno, "where this program lies");
	n = snprintf(path, sizeof(path), "%s/%s", install_libexec(), name);
	if (n < 0 || (size_t)n >= sizeof(path))
		fail(ENAMETOOLONG, "%s", name);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		fail(errno, "%s", path);
	return fd;
}

static _Noreturn void
no_user_namespace(int error)
{
	fail(error,
	    "user namespaces are not to be had (user.max_user_namespaces, "
	    "or a container that forbids them); allow them with "
	    "`sysctl user.max_user_namespaces=65536` or run immured outside "
	    "the container");
}

/* Two ids of its own for each slot; an ordinary user has one to give. */
static int
map_ids(const struct spawn *s, pid_t pid)
{
	const uint32_t base = SLOT_UID_BASE + 2 * s->slot;
	const struct id_map map[] = { { CELL_UID_INIT, base, 1 },
		{ CELL_UID_JOB, base + 1, 1 } };
	const struct id_map one = { CELL_UID_INIT, 0, 1 };

	return user_mode() ? namespace_map(pid, &one, 1)
			   : namespace_map(pid, map, 2);
}

static pid_t
start_zygote(const struct spawn *s, int sock)
{
	int sync[2], program = open_program("immure-zygote");
	pid_t pid;

	must("pipe2(2)", errno_of(pipe2(sync, O_CLOEXEC)));
	must("uid of the executor", borrow_uid(s->uid));
	pid = namespace_clone(SLOT_NAMESPACES);
	if (pid == 0) {
		(void)close(sync[1]);
		zygote_child(s, sync[0], sock, program);
	}
	if (pid < 0)
		no_user_namespace(pid);
	must("uid of root", errno_of(seteuid(0)));
	if (s->grouped)
		must("group of the zygote",
		    slot_group_seat(&s->group, pid));
	must("maps of the user namespace", map_ids(s, pid));
	must("write(2)", errno_of((int)write(sync[1], "m", 1)));
	(void)close(sync[0]);
	(void)close(sync[1]);
	(void)close(program);
	return pid;
}

static _Noreturn void
become_executor(const struct spawn *s, int sock, pid_t zygote)
{
	char slot[24], generation[24], child[24], controllers[24];
	const char *const argv[] = { "immure-executor", "--slot", slot,
		"--generation", generation, "--zygote", child, "--limits",
		s->limits, s->grouped ? "--group" : NULL, controllers, NULL };
	static const char *const env[] = { NULL };
	int program = open_program("immure-executor");

	(void)snprintf(slot, sizeof(slot), "%u", s->slot);
	(void)snprintf(
	    generation, sizeof(generation), "%" PRIu64, s->generation);
	(void)snprintf(child, sizeof(child), "%d", zygote);
	(void)snprintf(
	    controllers, sizeof(controllers), "%d", s->controllers);
	must("dup3(2)", sock == FD_ZYGOTE ? errno_of(fcntl(sock, F_SETFD, 0))
					  : errno_of(dup2(sock, FD_ZYGOTE)));
	if (s->grouped)
		must("dup2(2)", errno_of(dup2(s->group.dir, FD_GROUP)));
	must("close_range(2)", errno_of((int)syscall(__NR_close_range,
				   FD_ZYGOTE + 1 + s->grouped, ~0U,
				   CLOSE_RANGE_CLOEXEC)));
	(void)syscall(SYS_execveat, program, "", argv, env, AT_EMPTY_PATH);
	fail(errno, "exec of immure-executor");
}

/* Nothing of the slot is left, and this process is in its group. */
static void
enter_group(struct spawn *s)
{
	const uint32_t zygote = SLOT_UID_BASE + 2 * s->slot;
	const char *where = "";
	int r;

	if (!s->grouped)
		return;
	/* Both numbers stay taken until the executor gets its own. */
	must("dup2(2)", errno_of(dup2(FD_TREE, FD_GROUP)));
	r = slot_group_make(
	    &s->group, FD_TREE, s->slot, s->uid, zygote, &where);
	if (r < 0)
		fail(r, "%s", where);
}

static void
leave_group(struct spawn *s)
{
	if (!s->grouped)
		return;
	s->controllers = slot_group_leave(&s->group);
	must("the slot's group", s->controllers);
}

int
main(int argc, char **argv)
{
	struct spawn s;
	struct table t;
	const char *where = "";
	pid_t zygote;
	int r, sv[2];

	by_hand(argc, argv, "makes the namespaces of one slot");
	parse(&s, argc, argv);
	must("table of toolchains", table_map(FD_TABLE, &t));
	s.groups_stay = user_mode_groups_stay();
	must("setgroups(2)", caps_drop_groups(s.groups_stay));
	/* Dies with the monitor even before it has become the executor. */
	must("parent-death signal",
	    errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)));
	enter_group(&s);
	must("unshare(2) of mounts", errno_of(unshare(CLONE_NEWNS)));
	must("private mounts", mount_private());
	r = template_build(s.images, s.generation, &t, s.images, &where);
	if (r < 0)
		fail(r, "%s", where);
	/* Numbers below 7 are taken: what follows must lie above. */
	must("socketpair(2)", msg_pair(sv));
	must("Landlock domain of the slot", scope_enter());
	zygote = start_zygote(&s, sv[1]);
	(void)close(sv[1]);
	leave_group(&s);
	become_executor(&s, sv[0], zygote);
}
