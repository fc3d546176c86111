/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-executor: commands the cells of one slot.
 *
 * Exec'd by the spawner (3 = monitor, 4 = broker, 5 = table, 6 = zygote). It
 * gives up root in role_confine(), has every toolchain's jail prove itself in
 * a check cell, keeps one cell ready of the kind last used, and runs one job
 * at a time.  It sees descriptors, integers and the kernel's wait statuses; no
 * byte of a client's.  It ends when a peer does, when a message is not what it
 * must be, or when a cell did what it must not; the monitor then builds the
 * slot anew.
 */
#include "exec.h"
#include "cell.h"
#include "scope.h"
#include "table_map.h"
#include "template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "node/common/by_hand.h"
#include "node/common/limits.h"
#include "node/common/role.h"
#include "node/common/tops.h"

/* How soon an order for a cell is offered again. */
#define ORDER_AGAIN_US 10000U

extern const struct filter filter_executor;

struct executor ex;

/* The @n-th kind that has to be checked; false: there are no more. */
static bool
check_kind(unsigned n, struct cell_kind *k)
{
	for (unsigned i = 0; i < ex.table.ntoolchains; i++) {
		if (!table_is_usable(&ex.table, i))
			continue;
		*k = (struct cell_kind){ i, PROFILE_PLAIN | CELL_CHECK, 0 };
		if (n-- == 0)
			return true;
		if (!template_has_pump(&ex.table.toolchains[i]))
			continue;
		*k = (struct cell_kind){ i, PROFILE_PUMP | CELL_CHECK,
			tops_default };
		if (n-- == 0)
			return true;
	}
	return false;
}

void
slot_prepare(void)
{
	struct cell_kind k;

	if (ex.next != NULL || ex.broken || (ex.starved && ex.job.active))
		return;
	if (ex.job.active && ex.job.cell->state != CELL_RUNNING)
		return; /* the job's own first */
	ex.next = cell_make(check_kind(ex.checked, &k) ? &k : &ex.kind);
}

void
slot_on_ready(struct exec_cell *c)
{
	const struct imsg_slot s = { ex.slot, 0, ex.generation };

	if ((c->kind.profile & CELL_CHECK) != 0)
		return; /* it ends by itself; slot_prepare() goes on then */
	if (!ex.serving) {
		/* Only now: a node none of whose slots is whole must not
		 * say that it serves. */
		ex.serving = true;
		role_ready();
		if (msg_send(FD_BROKER, IMSG_SLOT_READY, 0, &s, sizeof(s), NULL,
			0) != 0)
			exit(ROLE_EXIT_OK);
	}
	job_on_ready(c);
}

enum { ST_STARTING, ST_IDLE, ST_BUSY };

static unsigned
state(void)
{
	if (!ex.serving)
		return ST_STARTING;
	return ex.job.active ? ST_BUSY : ST_IDLE;
}

static const struct msg_rule broker_rules[] = {
	{ IMSG_JOB_START, 1U << ST_IDLE, sizeof(struct imsg_job_start), 2,
	    job_on_start },
	{ IMSG_JOB_CANCEL, MSG_ANY_STATE, 0, 0, job_on_cancel },
};

static const struct msg_rule zygote_rules[] = {
	{ IMSG_CELL_MADE, MSG_ANY_STATE, sizeof(struct imsg_cell_pid), 0,
	    cell_on_made },
};

/* One message of a role; its end is ours. */
static void
hear(int sock, const char *who, const struct msg_rule *rules, size_t n)
{
	static struct msg m;
	int r;

	r = msg_recv(sock, &m);
	if (r == -EAGAIN)
		return;
	if (r == 0 && sock == FD_ZYGOTE) /* it ends with us, never before */
		role_die(ROLE_EXIT_SYSTEM, "zygote.died",
		    "slot %u: the zygote has hung up", ex.slot);
	if (r == 0)
		exit(ROLE_EXIT_OK);
	if (r == 1)
		r = msg_dispatch(rules, n, state(), NULL, &m);
	msg_done(&m);
	if (r < 0)
		role_die(sock == FD_BROKER ? ROLE_EXIT_BROKER :
		    ROLE_EXIT_PROTOCOL, "executor.protocol",
		    "slot %u: %s sent what it must not", ex.slot, who);
}

static void
hear_children(void)
{
	struct signalfd_siginfo s;

	while (read(FD_SIGNAL, &s, sizeof(s)) == sizeof(s))
		continue;
	if (waitpid(ex.zygote, NULL, WNOHANG) != 0)
		role_die(ROLE_EXIT_SYSTEM, "zygote.died",
		    "slot %u: the zygote has ended", ex.slot);
	cells_reap();
}

/* Is there one that the zygote has not been able to take? */
static bool
cells_wait(void)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state != CELL_NONE &&
		    ex.cells[i].theirs[0] >= 0)
			return true;
	return false;
}

static void
order_cells(void)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state != CELL_NONE &&
		    ex.cells[i].theirs[0] >= 0)
			cell_order(&ex.cells[i]);
}

static bool
cpu_is_watched(void)
{
	return ex.job.active && ex.job.forced == END_EXIT &&
	       ex.job.cpu_due_us != 0;
}

/* Milliseconds until the next deadline, rounded up; -1: none. */
static int
timeout_ms(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	if (ex.job.active && ex.job.forced == END_EXIT)
		next = ex.job.deadline_us;
	if (cpu_is_watched() && ex.job.cpu_due_us < next)
		next = ex.job.cpu_due_us;
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state == CELL_MAKING &&
		    ex.cells[i].deadline_us < next)
			next = ex.cells[i].deadline_us;
	if (cells_wait() && next > now + ORDER_AGAIN_US)
		next = now + ORDER_AGAIN_US;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now + 999) / 1000);
}

static void
check_deadlines(uint64_t now)
{
	if (ex.job.active && now >= ex.job.deadline_us)
		job_stop(END_WALL);
	if (cpu_is_watched() && now >= ex.job.cpu_due_us)
		job_on_cpu_due();
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state == CELL_MAKING &&
		    now >= ex.cells[i].deadline_us)
			role_die(ROLE_EXIT_SYSTEM, "cell.slow",
			    "slot %u: a cell was not ready after %u ms",
			    ex.slot, CELL_MAKE_MS);
}

enum { P_MONITOR, P_BROKER, P_ZYGOTE, P_SIGNAL, P_PROCS, P_CELLS };

static void
serve_once(void)
{
	struct pollfd p[P_CELLS + 3 * CELLS_MAX] = {
		[P_MONITOR] = { ROLE_FD_MONITOR, POLLIN, 0 },
		[P_BROKER] = { FD_BROKER, POLLIN, 0 },
		[P_ZYGOTE] = { FD_ZYGOTE, POLLIN, 0 },
		[P_SIGNAL] = { FD_SIGNAL, POLLIN, 0 },
		[P_PROCS] = { ex.job.active ? ex.job.procs : -1, POLLPRI, 0 },
	};
	nfds_t n = P_CELLS;
	int fds[3];

	for (unsigned i = 0; i < CELLS_MAX; i++)
		for (unsigned k = cell_sockets(&ex.cells[i], fds); k > 0; k--)
			p[n++] = (struct pollfd){ fds[k - 1], POLLIN, 0 };
	if (poll(p, n, timeout_ms(now_us())) < 0 && errno != EINTR)
		role_die(ROLE_EXIT_SYSTEM, "executor.poll", "poll(2): %s",
		    strerror(errno));
	if (p[P_ZYGOTE].revents != 0) {
		hear(FD_ZYGOTE, "the zygote", zygote_rules, 1);
		cells_reap(); /* one may have ended before it had a pid */
	}
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state != CELL_NONE)
			cell_hear(&ex.cells[i]);
	if (p[P_PROCS].revents != 0 && ex.job.active)
		job_on_procs();
	if (p[P_SIGNAL].revents != 0)
		hear_children();
	if (p[P_MONITOR].revents != 0)
		hear(ROLE_FD_MONITOR, "the monitor", NULL, 0);
	if (p[P_BROKER].revents != 0)
		hear(FD_BROKER, "the broker", broker_rules, 2);
	order_cells();
	check_deadlines(now_us());
}

static void
fail(const char *what)
{
	dprintf(STDERR_FILENO, "immured: executor: %s: %s; slot not started\n",
	    what, strerror(errno));
	_exit(ROLE_EXIT_UNCONFINED);
}

/* Is it our child?  Then its pid stays its own until we reap it. */
static bool
is_child(pid_t pid)
{
	siginfo_t si;

	return pid > 0 &&
	       waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void
parse(int argc, char **argv)
{
	uint32_t gid, uid;

	if ((argc != 9 && argc != 11) || strcmp(argv[1], "--slot") != 0 ||
	    strcmp(argv[3], "--generation") != 0 ||
	    strcmp(argv[5], "--zygote") != 0 ||
	    strcmp(argv[7], "--limits") != 0 ||
	    limits_scan(&ex.limits, argv[8]) != 0 ||
	    (argc == 11 && strcmp(argv[9], "--group") != 0)) {
		errno = EINVAL;
		fail("it is started by the spawner, not by hand");
	}
	ex.slot = (uint32_t)strtoul(argv[2], NULL, 10);
	ex.generation = strtoull(argv[4], NULL, 10);
	ex.zygote = (pid_t)strtol(argv[6], NULL, 10);
	ex.grouped = argc == 11;
	ex.cpus = (unsigned)get_nprocs_conf();
	if (ex.grouped)
		ex.controllers = (unsigned)strtoul(argv[10], NULL, 10);
	if (!is_child(ex.zygote))
		fail("no zygote");
	role_ids(ROLE_EXECUTOR, &uid, &gid);
	ex.uid = uid;
	role_ids(ROLE_BROKER, &uid, &gid);
	ex.broker_uid = uid;
	role_ids(ROLE_FRONT, &uid, &gid);
	ex.front_uid = uid;
}

/* To a number of its own, among those that role_confine() keeps. */
static void
place_fd(int fd, int number)
{
	if (fd == number)
		return;
	if (dup3(fd, number, O_CLOEXEC) < 0)
		fail("dup3(2)");
	(void)close(fd);
}

/* SIGCHLD as a descriptor, so that it can be polled with the sockets. */
static void
open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fail("signalfd(2)");
	place_fd(fd, FD_SIGNAL);
}

int
main(int argc, char **argv)
{
	struct role_confinement c = { .role = ROLE_EXECUTOR,
		.filter = &filter_executor,
		.last_fd = FD_RULES,
		.landlock = FD_RULES,
		.nofile = 128,
		.as_bytes = 256 * MIB };
	sigset_t chld;
	int rules;

	by_hand(argc, argv, "commands the cells of one slot");
	parse(argc, argv);
	if (table_map(FD_TABLE, &ex.table) != 0)
		fail("table of toolchains");
	for (unsigned i = 0; tops_names[i] != NULL; i++)
		ex.tops_all |= 1ULL << i;
	while (ex.kind.toolchain < ex.table.ntoolchains &&
	       !table_is_usable(&ex.table, ex.kind.toolchain))
		ex.kind.toolchain++;
	(void)close(FD_TABLE);
	open_signals();
	rules = scope_executor_rules(ex.grouped ? FD_GROUP : -1);
	if (rules < 0)
		fail("landlock_create_ruleset(2)");
	place_fd(rules, FD_RULES); /* role_confine() closes it */
	role_confine(&c);
	/* role_confine() unblocks all; signalfd wants it blocked. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, NULL);
	slot_prepare();
	for (;;)
		serve_once();
}
