/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-zygote: makes the cells of one slot.
 *
 * Started by the spawner inside the slot's user, mount, net, ipc, uts and
 * cgroup namespaces, as uid 0 of the user namespace; child of what becomes the
 * executor.  It makes the templates its root, lets go of everything else of
 * the host, and answers IMSG_CELL_MAKE by cloning a pid 1 (cell_init.c) whose
 * parent is the executor.
 *
 * Its capabilities hold in the slot's user namespace alone.  It reads nothing
 * but fixed-length messages of its executor, whose integers it checks against
 * its table; a client's byte never comes here.  When the executor is gone, so
 * is it.
 */
#include "cell.h"
#include "table_map.h"
#include "template.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sandbox/caps.h>
#include <sandbox/filter.h>
#include <sandbox/kernel_abi.h>
#include <sandbox/landlock.h>
#include <sandbox/mount.h>
#include <sandbox/namespace.h>
#include <sandbox/probe.h>
#include <sandbox/user_mode.h>

#include "node/common/by_hand.h"
#include "node/common/fd.h"
#include "node/common/imsg.h"
#include "node/common/message.h"
#include "node/common/role.h"
#include "node/common/tops.h"

extern const struct filter filter_zygote;

#define FD_EXECUTOR 3
#define FD_TABLE    4

/* Pid and mount namespaces at a time: its own mounts, a cell that runs, one
 * that waits, and such as the kernel has not yet taken apart. */
#define NAMESPACES    32
/* In user mode a cell has two pid namespaces, and nothing waits for the inner
 * one to be gone. */
#define NAMESPACES_ONE_ID 96
#define CLONE_TRIES   50
#define CLONE_WAIT_NS 2000000L

static struct {
	struct table table;
	uint64_t expected; /* layers of this kernel */
	bool one_id;	   /* user mode */
	uint64_t tops_all; /* bits of tops.h that have a name */
	struct limits limits;
	bool groups_stay; /* setgroups(2) was denied before its namespace */
	bool grouped; /* each cell has a group, which comes before its order */
	int group;    /* owned: of the next cell; -1 = none yet */
} zygote = { .group = -1 };

static _Noreturn void
fail(const char *what, int error)
{
	dprintf(STDERR_FILENO, "immured: zygote: %s: %s; slot not started\n",
	    what, strerror(error < 0 ? -error : error));
	_exit(ROLE_EXIT_UNCONFINED);
}

static void
must(const char *what, int r)
{
	if (r < 0)
		fail(what, r);
}

static int
errno_of(int r)
{
	return r < 0 ? -errno : r;
}

/* The job dies first when memory runs out; raising it needs no right. */
static int
offer_to_oom(void)
{
	cleanup_fd int fd = -1;

	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1000", 4) != 4)
		return -errno;
	return 0;
}

static int
take_template(const char *place, unsigned index, unsigned profile)
{
	char from[256], to[256];

	(void)snprintf(from, sizeof(from), "%s/t/%u.%u", place, index, profile);
	(void)snprintf(
	    to, sizeof(to), "%s/z" ZYGOTE_TEMPLATE, place, index, profile);
	if (mkdir(to, 0755) < 0)
		return -errno;
	/* A bind of one's own: mounts that came from outside the user
	 * namespace are locked, and pivot_root(2) wants one that is not
	 * (mount_namespaces(7)). */
	return mount_bind_tree(from, to, 0);
}

/* Should: see the templates and nothing else.  Mustn't: keep a mount, a
 * descriptor or a directory of the host. */
static void
take_root(const char *place)
{
	char root[256], job[300];
	const unsigned attr =
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

	(void)snprintf(root, sizeof(root), "%s/z", place);
	(void)snprintf(job, sizeof(job), "%s" ZYGOTE_JOB, root);
	must("private mounts", mount_private());
	must("tmpfs of the root", mount_tmpfs(root, 65536, 512, 0755, attr));
	must("mkdir(2)", errno_of(mkdir(job, 0700)));
	for (unsigned i = 0; i < zygote.table.ntoolchains; i++) {
		if (!table_is_usable(&zygote.table, i))
			continue;
		must("a template", take_template(place, i, PROFILE_PLAIN));
		if (template_has_pump(&zygote.table.toolchains[i]))
			must("a template",
			    take_template(place, i, PROFILE_PUMP));
	}
	must("pivot_root(2)", mount_pivot(root));
	must("read-only root", mount_attr("/", MOUNT_ATTR_RDONLY));
}

/* Keep what cells need: mounts and namespaces, the job's uid, dropping. */
static void
take_caps(void)
{
	static const int keep[] = { CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID,
		CAP_SETPCAP, CAP_CHOWN };

	must("capabilities", caps_keep(keep, sizeof(keep) / sizeof(keep[0])));
	must("no_new_privs", errno_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
	must("dumpable", errno_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)));
	must("parent-death signal",
	    errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)));
}

/* Stages get these as 0, 1, 2: reads end, writes fail. */
static int
dead_stdio(void)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0 || dup2(p[0], 0) < 0 || dup2(p[1], 1) < 0 ||
	    dup2(p[1], 2) < 0)
		return -errno;
	(void)close(p[0]);
	(void)close(p[1]);
	return 0;
}

/* In a child under every layer of a job but its filter, which would hide the
 * others: do they hold?  Never returns. */
static _Noreturn void
probe_child(int report)
{
	uint64_t failed = UINT64_MAX;
	int rules = landlock_new();

	if (rules >= 0 && caps_drop_all() == 0 && landlock_enter(rules) == 0) {
		(void)prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
		failed = probe_beneath(zygote.expected);
	}
	_exit(write(report, &failed, sizeof(failed)) != sizeof(failed));
}

/* Refuse to serve when a layer of the slot's gives way. */
static void
probe_slot(void)
{
	uint64_t failed = UINT64_MAX;
	int p[2];
	pid_t pid;

	must("pipe2(2)", errno_of(pipe2(p, O_CLOEXEC)));
	pid = fork();
	if (pid == 0)
		probe_child(p[1]);
	(void)close(p[1]);
	if (pid < 0 || read(p[0], &failed, sizeof(failed)) != sizeof(failed))
		fail("probing the slot", ECHILD);
	(void)close(p[0]);
	(void)waitpid(pid, NULL, 0);
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if ((failed & UINT64_C(1) << i) != 0)
			dprintf(STDERR_FILENO,
			    "immured: zygote: layer %s does not hold: %s\n",
			    layer_texts[i].name, layer_texts[i].remedy);
	if (failed != 0)
		_exit(ROLE_EXIT_UNCONFINED);
}

static int
check_order(const struct imsg_cell *c)
{
	const struct table *t = &zygote.table;
	uint32_t profile = c->profile & ~CELL_CHECK;

	if (!table_is_usable(t, c->toolchain) || profile >= PROFILE_COUNT)
		return -EPROTO;
	if (profile == PROFILE_PLAIN)
		return c->tops == 0 ? 0 : -EPROTO;
	if (!template_has_pump(&t->toolchains[c->toolchain]))
		return -EPROTO;
	/* CELL_OUT lies in /tmp. */
	if ((c->tops & ~zygote.tops_all) != 0 ||
	    (c->tops & tops_bit("/tmp")) == 0)
		return -EPROTO;
	return 0;
}

/*
 * Namespaces of cells that have ended are taken apart behind our back; until
 * then they count (ENOSPC, namespaces(7)).
 */
static pid_t
clone_cell(void)
{
	const struct timespec pause = { .tv_nsec = CLONE_WAIT_NS };
	pid_t pid = -ENOSPC;

	for (int i = 0; i < CLONE_TRIES && pid == -ENOSPC; i++) {
		if (i > 0)
			(void)nanosleep(&pause, NULL);
		pid = namespace_clone_into(
		    CLONE_NEWPID | CLONE_NEWNS | CLONE_PARENT, zygote.group);
	}
	return pid;
}

static int
make_cell(void *ctx, struct msg *m)
{
	struct cell_order o = { .expected = zygote.expected,
		.one_id = zygote.one_id, .limits = &zygote.limits };
	struct imsg_cell_pid answer = { 0, 0 };
	struct imsg_cell c;
	pid_t pid;

	(void)ctx;
	memcpy(&c, m->body, sizeof(c));
	if (check_order(&c) != 0)
		return -EPROTO;
	o.toolchain = c.toolchain;
	o.profile = c.profile & ~CELL_CHECK;
	o.check = (c.profile & CELL_CHECK) != 0;
	o.tops = c.tops;
	o.tc = &zygote.table.toolchains[c.toolchain];
	o.executor = m->fds[0];
	o.unpack = m->fds[1];
	o.pack = m->fds[2];
	pid = clone_cell();
	if (pid == 0) {
		(void)close(FD_EXECUTOR);
		zygote.group = fd_close(zygote.group);
		cell_main(&o);
	}
	/* It was good for one cell. */
	zygote.group = fd_close(zygote.group);
	if (pid < 0)
		answer.error = (int32_t)pid;
	else
		answer.pid = pid;
	return msg_send(FD_EXECUTOR, IMSG_CELL_MADE, m->hdr.job, &answer,
	    sizeof(answer), NULL, 0);
}

static int
take_group(void *ctx, struct msg *m)
{
	(void)ctx;
	/* The order that belonged to an earlier one may not have come. */
	zygote.group = fd_close(zygote.group);
	zygote.group = msg_take_fd(m, 0);
	return 0;
}

enum { ST_NO_GROUP, ST_READY };

/* No cell without its group, where cells have one. */
static unsigned
state(void)
{
	return zygote.grouped && zygote.group < 0 ? ST_NO_GROUP : ST_READY;
}

static const struct msg_rule rules[] = {
	{ IMSG_CELL_GROUP, MSG_ANY_STATE, 0, 1, take_group },
	{ IMSG_CELL_MAKE, 1U << ST_READY, sizeof(struct imsg_cell), 3,
	    make_cell },
};

static _Noreturn void
serve(void)
{
	static struct msg m;
	int r;

	for (;;) {
		r = msg_recv_wait(FD_EXECUTOR, &m, -1);
		if (r == 0)
			_exit(ROLE_EXIT_OK);
		if (r < 0)
			_exit(ROLE_EXIT_PROTOCOL);
		r = msg_dispatch(rules, 2, state(), NULL, &m);
		/* Ours to close: sockets of our own executor. */
		for (unsigned i = 0; i < m.nfds; i++)
			m.fds[i] = fd_close(m.fds[i]);
		if (r != 0)
			_exit(ROLE_EXIT_PROTOCOL);
	}
}

static int
take_words(char **word)
{
	for (; *word != NULL; word++) {
		if (strcmp(*word, "--groups-stay") == 0)
			zygote.groups_stay = true;
		else if (strcmp(*word, "--cell-groups") == 0)
			zygote.grouped = true;
		else
			return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	by_hand(argc, argv, "makes the cells of one slot");
	if (argc < 5 || strcmp(argv[1], "--place") != 0 ||
	    strcmp(argv[3], "--limits") != 0 ||
	    limits_scan(&zygote.limits, argv[4]) != 0 ||
	    take_words(argv + 5) != 0)
		fail("it is started by the spawner, not by hand", EINVAL);
	must("table of toolchains", table_map(FD_TABLE, &zygote.table));
	(void)close(FD_TABLE);
	for (unsigned i = 0; tops_names[i] != NULL; i++)
		zygote.tops_all |= 1ULL << i;
	/* the slot's namespace denies setgroups(2) in any case: what was so
	 * before it the spawner says */
	zygote.expected = probe_expected() | UINT64_C(1) << LAYER_NO_GROUPS;
	if (zygote.groups_stay)
		zygote.expected &= ~(UINT64_C(1) << LAYER_NO_GROUPS);
	zygote.one_id = user_mode();
	/* Where SELinux gives an exec a domain of its own, the kernel forgets
	 * what the spawner has asked for.  An executor that has gone by now
	 * shows as a hang-up. */
	must("parent-death signal",
	    errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)));
	must("limits of the user namespace",
	    namespace_lock(zygote.one_id ? NAMESPACES_ONE_ID : NAMESPACES));
	must("oom_score_adj", offer_to_oom());
	must("sethostname(2)",
	    errno_of(sethostname(PROBE_HOSTNAME, sizeof(PROBE_HOSTNAME) - 1)));
	take_root(argv[2]);
	probe_slot();
	/* What probe_slot() has just seen hold, the launcher would look for in
	 * a stranger's ids, and here the image is the job's own. */
	if (zygote.one_id)
		zygote.expected &= ~(UINT64_C(1) << LAYER_USER_NS);
	take_caps();
	must("stdio", dead_stdio());
	must("seccomp(2)", filter_install(&filter_zygote));
	serve();
}
