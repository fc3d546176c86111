/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pid 1 of a cell.  Set-up, all of it before a byte of a job is near: the
 * root, the pipes, the stages; then it gives up every capability, takes a
 * filter of eight calls and waits:
 *
 *   unpack ends with 0    -> the launcher's pipe is at its end: it execs
 *   the killer reports    -> the job's processes are dead: PACK_NOW to pack,
 *                            CELL_STATUS to the executor
 *   pack ends             -> it ends, and with it the namespace
 *
 * Anything out of turn ends the cell at once with a code of enum cell_exit.
 */
#include "cell.h"
#include "cell_killer.h"
#include "cell_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sandbox/caps.h>
#include <sandbox/namespace.h>

#include "node/cell/cell_paths.h"
#include "node/common/fd.h"
#include "node/common/imsg.h"
#include "node/common/limits.h"
#include "node/common/message.h"

extern const struct filter filter_cell_one, filter_job_trip;

/* In user mode the limit on a uid's processes counts the zygote and, of each
 * cell of the slot, pid 1, unpack, pack, killer and launcher. */
#define NOT_OF_JOB 24

#define FD_FAIL_MIN 64 /* out of the way of any stage's numbers */

/* Address space of unpack: plan, bodies, one body unpacked, itself. */
#define UNPACK_AS(l) ((l)->unpacked + LIMIT_BODIES_BYTES + 256 * MIB)
/* … of pack: an object, its LZO block (1/16 more at worst), both texts. */
#define PACK_AS(l)                                                             \
	(2 * (l)->object + (l)->object / 16 + 4 * (l)->text + 64 * MIB)

struct cell {
	const struct cell_order *order;
	pid_t unpack, pack, killer;
	int in, out[2], err[2]; /* the compiler's 0, 1, 2 */
	int plan[2];		/* unpack -> launch; its end of file is "go" */
	int layers[2];		/* launch -> pid 1: what does not hold */
	int report[2];		/* killer -> pid 1 */
	int now[2];		/* pid 1 -> pack */
	int fail[2]; /* a step that failed; end of file: all exec'd */
	struct imsg_cell_status status;
	bool unpacked, ended;
};

uint32_t
cell_job_uid(const struct cell_order *o)
{
	return o->one_id ? CELL_UID_INIT : CELL_UID_JOB;
}

/* PDEATHSIG is for the executor, in another pid namespace: getppid() is 0, so
 * its socket tells whether it had gone before. */
static void
die_with_executor(const struct cell_order *o)
{
	struct pollfd p = { .fd = o->executor, .events = POLLIN };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0))
		_exit(CELL_EXIT_DEATH);
}

static int
make_pipes(struct cell *c)
{
	int in[2], high;

	/* The compiler's stdin is at its end from the start. */
	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	c->in = in[0];
	(void)close(in[1]);
	if (pipe2(c->out, O_CLOEXEC) < 0 || pipe2(c->err, O_CLOEXEC) < 0 ||
	    pipe2(c->plan, O_CLOEXEC) < 0 || pipe2(c->report, O_CLOEXEC) < 0 ||
	    pipe2(c->layers, O_CLOEXEC) < 0 || pipe2(c->fail, O_CLOEXEC) < 0)
		return -errno;
	high = fcntl(c->fail[1], F_DUPFD_CLOEXEC, FD_FAIL_MIN);
	if (high < 0)
		return -errno;
	(void)close(c->fail[1]);
	c->fail[1] = high;
	return msg_pair(c->now);
}

/* unpack fills the tmpfs; pack writes the result, which lies outside of it. */
static uint64_t
longest_file(const struct limits *l)
{
	const uint64_t result = 2 * l->object + 4 * l->text + MIB;

	return l->space > result ? l->space : result;
}

static struct rlimits
stage_limits(const struct limits *l, uint64_t as_bytes)
{
	return (struct rlimits){ .as_bytes = as_bytes,
		.fsize_bytes = longest_file(l),
		.stack_bytes = MIB,
		.cpu_s = limit_cpu_s(l),
		.nofile = 64,
		.nproc = LIMIT_LEAVE };
}

static pid_t
fork_unpack(const struct cell *c)
{
	const struct limits *l = c->order->limits;
	const struct cell_stage s = { .path = CELL_STAGES "/unpack",
		.fds = { 0, 1, 2, c->order->unpack, c->plan[1] },
		.nfds = 5,
		.limits = stage_limits(l, UNPACK_AS(l)),
		.rules = cell_rules_unpack };
	pid_t pid = fork();

	if (pid == 0)
		cell_stage_exec(c->order, &s, c->fail[1], 1);
	return pid;
}

static pid_t
fork_pack(const struct cell *c)
{
	const struct limits *l = c->order->limits;
	const struct cell_stage s = { .path = CELL_STAGES "/pack",
		.fds = { 0, 1, 2, c->order->pack, c->now[1], c->err[0],
		    c->out[0] },
		.nfds = 7,
		.limits = stage_limits(l, PACK_AS(l)),
		.rules = cell_rules_pack };
	pid_t pid = fork();

	if (pid == 0)
		cell_stage_exec(c->order, &s, c->fail[1], 1);
	return pid;
}

/* The whole policy of a job: what launch and everything after it may do. */
static pid_t
fork_killer(const struct cell *c)
{
	char expected[24];
	const bool check = c->order->check;
	const struct limits *l = c->order->limits;
	/* probe has the compiler's own descriptors and says what it found on
	 * its stdout. */
	const struct cell_stage launch = {
		.path = check ? CELL_STAGES "/probe" : CELL_STAGES "/launch",
		.arg = expected,
		.fds = { c->in, check ? c->layers[1] : c->out[1], c->err[1],
		    c->plan[0], c->layers[1] },
		.nfds = check ? 3 : 5,
		.limits = { .as_bytes = l->address_space,
		    .fsize_bytes = l->space,
		    .stack_bytes = l->stack,
		    .cpu_s = limit_cpu_s(l),
		    .nofile = l->open_files,
		    .nproc = l->processes +
			(c->order->one_id ? NOT_OF_JOB : 0) },
		.rules = cell_rules_job,
		.trip = true,
		.filter = &filter_job_trip
	};
	const struct cell_killer k = {
		.launch = &launch, .report = c->report[1], .fail = c->fail[1]
	};
	pid_t pid;

	(void)snprintf(expected, sizeof(expected), "%llx",
	    (unsigned long long)c->order->expected);
	/* With the uid of pid 1, unpack and pack the job must not see them,
	 * nor the killer's signal reach them. */
	pid = c->order->one_id ? namespace_clone(CLONE_NEWPID) : fork();
	if (pid == 0)
		cell_killer_main(c->order, &k);
	return pid;
}

/* What pid 1 does not need; the pipes' ends must live in the stages alone, or
 * nobody would ever see an end of file.  Except plan[1]: closing it is go. */
static void
close_ends(struct cell *c)
{
	const int fds[] = { c->in, c->out[0], c->out[1], c->err[0], c->err[1],
		c->plan[0], c->layers[1], c->report[1], c->now[1], c->fail[1],
		c->order->unpack, c->order->pack };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		(void)close(fds[i]);
}

/* Only the killer has a uid to change and needs capabilities for it; once it
 * is forked nobody does, and unpack and pack never have one. */
static void
start_stages(struct cell *c)
{
	c->killer = fork_killer(c);
	if (caps_drop_all() != 0)
		_exit(CELL_EXIT_DROP);
	c->pack = fork_pack(c);
	c->unpack = fork_unpack(c);
	if (c->pack < 0 || c->unpack < 0 || c->killer < 0)
		_exit(CELL_EXIT_FORK);
	close_ends(c);
}

/* Until every stage has exec'd and the launcher has probed its jail.  The
 * layers that do not hold. */
static uint64_t
wait_ready(struct cell *c)
{
	unsigned char step;
	uint64_t failed;
	ssize_t n;

	do
		n = read(c->fail[0], &step, 1);
	while (n < 0 && errno == EINTR);
	if (n != 0)
		_exit(n == 1 ? step : CELL_EXIT_PIPES);
	(void)close(c->fail[0]);
	/* A pipe hands on a write of so few bytes whole (pipe(7)). */
	n = read(c->layers[0], &failed, sizeof(failed));
	if (n != sizeof(failed))
		_exit(CELL_EXIT_PROBE);
	(void)close(c->layers[0]);
	return failed;
}

static void
tell_executor(const struct cell *c, uint32_t type, const void *body, size_t len)
{
	if (msg_send(c->order->executor, type, 0, body, len, NULL, 0) != 0)
		_exit(CELL_EXIT_REPORT);
}

/* From here on nothing is privileged any more. */
static void
seal(const struct cell *c)
{
	die_with_executor(c->order);
	if (filter_install(&filter_cell_one) != 0)
		_exit(CELL_EXIT_FILTER);
}

static void
on_unpack(struct cell *c, int status)
{
	/* It ends with a code of its own or not at all: a signal means that
	 * the filter, or somebody else, has killed it. */
	if (WIFSIGNALED(status))
		_exit(CELL_EXIT_STRANGER);
	c->unpacked = true;
	c->status.unpack = (uint32_t)status;
	if (status != 0) {
		/* The compiler never starts; ending ends all. */
		tell_executor(
		    c, IMSG_CELL_STATUS, &c->status, sizeof(c->status));
		_exit(CELL_EXIT_OK);
	}
	(void)close(c->plan[1]);
}

static void
on_killer(struct cell *c, int killed)
{
	int status;

	/* A compiler that "ended" before its go was not the compiler. */
	if (killed != 0 || !c->unpacked ||
	    read(c->report[0], &status, sizeof(status)) != sizeof(status))
		_exit(CELL_EXIT_KILLER);
	c->ended = true;
	c->status.compiler = (uint32_t)status;
	tell_executor(c, IMSG_CELL_STATUS, &c->status, sizeof(c->status));
	if (msg_send(c->now[0], IMSG_PACK_NOW, 0, &c->status, sizeof(c->status),
		NULL, 0) != 0)
		_exit(CELL_EXIT_REPORT);
}

/* pack may end before its time: when a text is over its limit. */
static _Noreturn void
on_pack(const struct cell *c, int status)
{
	(void)c;
	_exit(status == 0 ? CELL_EXIT_OK : CELL_EXIT_STRANGER);
}

static _Noreturn void
serve(struct cell *c)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid == c->unpack && !c->unpacked)
			on_unpack(c, status);
		else if (pid == c->killer && !c->ended)
			on_killer(c, status);
		else if (pid == c->pack)
			on_pack(c, status);
		else
			_exit(CELL_EXIT_STRANGER);
	}
}

void
cell_main(const struct cell_order *o)
{
	static struct cell c;
	struct imsg_cell_check check;

	c.order = o;
	die_with_executor(o);
	/* A signal to a process group crosses pid namespaces: not into that of
	 * the node, nor of the slot's next cell. */
	if (setsid() < 0)
		_exit(CELL_EXIT_DEATH);
	if (cell_root(o) != 0)
		_exit(CELL_EXIT_ROOT);
	if (make_pipes(&c) != 0)
		_exit(CELL_EXIT_PIPES);
	start_stages(&c);
	check.failed = wait_ready(&c);
	seal(&c);
	tell_executor(&c, IMSG_CELL_READY, &check, sizeof(check));
	if (o->check)
		_exit(CELL_EXIT_OK);
	serve(&c);
}
