/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pid 1 of a jail and the command before its exec.  Each step either holds or
 * ends the process with a report; nothing of the command runs before all of
 * them hold and the probes have tried.
 */
#include "jail_private.h"
#include "caps.h"
#include "filter.h"
#include "landlock.h"
#include "namespace.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_abi.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2) /* linux/close_range.h */
#endif
#define REPORT_FD 3 /* of the command, until its exec */
#define SPARE_FD 10 /* above all fixed numbers */

extern const struct filter filter_job, filter_jail_init;

void
jail_fail(int report_fd, enum jail_step step, int value)
{
	struct report r = { (int32_t)step, value };

	/* write: the filter knows no send */
	if (write(report_fd, &r, sizeof(r)) < 0)
		_exit(126);
	_exit(125);
}

static void
check(int r, int report_fd, enum jail_step step)
{
	if (r != 0)
		jail_fail(report_fd, step, -r);
}

static int
die_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ? -errno : 0;
}

/* The caller's descriptors as 0, 1, 2, the report as 3, the rest gone at the
 * exec.  Copies first: any of them may sit on another's number. */
static int
place_stdio(const struct spawn *s)
{
	int copy[4];
	const int from[4] = { s->stdio[0], s->stdio[1], s->stdio[2],
		s->report[1] };

	for (int i = 0; i < 4; i++) {
		copy[i] = fcntl(from[i], F_DUPFD_CLOEXEC, SPARE_FD);
		if (copy[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 4; i++) {
		if (dup3(copy[i], i, i == REPORT_FD ? O_CLOEXEC : 0) < 0)
			return -errno;
	}
	if (syscall(__NR_close_range, REPORT_FD + 1, ~0U, 0) != 0)
		return -errno;
	return 0;
}

/* A mask and ignored signals would pass through the exec. */
static void
default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Read and run what was bound, write to the tmpfs, nothing else: not even
 * list the root. */
static int
file_rules(const struct jail *j)
{
	const struct place *p;
	unsigned allow;
	int r = 0, ruleset = landlock_new();

	if (ruleset < 0)
		return ruleset;
	for (unsigned i = 0; r == 0 && i < j->n_places; i++) {
		p = &j->places[i];
		if (p->kind == PLACE_SYMLINK)
			continue;
		allow = LANDLOCK_READ;
		if (p->kind == PLACE_TMPFS)
			allow |= LANDLOCK_WRITE | LANDLOCK_DIRS;
		else if (p->exec)
			allow |= LANDLOCK_EXEC;
		r = landlock_allow(ruleset, AT_FDCWD, p->to, allow);
	}
	if (r == 0)
		r = landlock_enter(ruleset);
	close(ruleset);
	return r;
}

static int
no_exec_gain(void)
{
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
		return 0;
	/* before 6.3 the filter's mmap and mprotect rules stand alone */
	return errno == EINVAL ? 0 : -errno;
}

/* The lowest layer of @broken ends it. */
static void
check_layers(uint64_t broken)
{
	for (int layer = 0; layer < LAYER_COUNT; layer++) {
		if ((broken & (UINT64_C(1) << layer)) != 0)
			jail_fail(REPORT_FD, STEP_PROBE, layer);
	}
}

static uint64_t
bit(enum layer layer)
{
	return UINT64_C(1) << layer;
}

/* What a jail of the caller's making can be held to: its descriptors and what
 * it binds are the caller's choice. */
static uint64_t
layers_to_probe(const struct spawn *s)
{
	uint64_t layers = probe_expected();

	layers &= ~(bit(LAYER_FDS) | bit(LAYER_MOUNT_NS) | bit(LAYER_NO_PROC));
	layers &= ~bit(LAYER_TRIP); /* the filter kills: there is no listener */
	/* the jail's own namespace denies setgroups(2) in any case */
	layers |= bit(LAYER_NO_GROUPS);
	if (s->groups_stay)
		layers &= ~bit(LAYER_NO_GROUPS);
	return layers;
}

/* From here on there is one direction: every step takes something away. */
static void __attribute__((noreturn))
command(const struct spawn *s)
{
	const struct jail *j = s->jail;
	uint64_t layers;

	check(place_stdio(s), s->report[1], STEP_STDIO);
	default_signals();
	/* no controlling terminal, no group of the caller */
	if (setsid() < 0)
		jail_fail(REPORT_FD, STEP_PARENT, errno);
	check(die_with_parent(), REPORT_FD, STEP_PARENT);
	if (chdir(j->cwd == NULL ? "/" : j->cwd) != 0)
		jail_fail(REPORT_FD, STEP_CHDIR, errno);
	check(rlimits_apply(&j->limits), REPORT_FD, STEP_LIMITS);
	check(caps_drop_all(), REPORT_FD, STEP_CAPS);
	layers = layers_to_probe(s); /* before MDWE answers for itself */
	check(no_exec_gain(), REPORT_FD, STEP_MDWE);
	check(file_rules(j), REPORT_FD, STEP_LANDLOCK);
	check_layers(probe_beneath(layers));
	check(filter_install(&filter_job), REPORT_FD, STEP_FILTER);
	/* an ordinary user's jail has that user's one id, the root's owner:
	 * to the quick look that is no namespace at all */
	if (j->uid == 0)
		layers &= ~bit(LAYER_USER_NS);
	check_layers(probe_quick(layers));
	execve(s->argv[0], (char *const *)(uintptr_t)s->argv, j->env);
	jail_fail(REPORT_FD, STEP_EXEC, errno);
}

/* Until nobody is left, so that wait4(2) of pid 1 knows what all have used. */
static void
reap_all(void)
{
	kill(-1, SIGKILL); /* all of this pid namespace but pid 1 */
	while (wait4(-1, NULL, 0, NULL) > 0 || errno == EINTR)
		;
}

/* Pid 1 from now on: one descriptor, no right, a filter, and a wait. */
static void __attribute__((noreturn))
wait_for(pid_t pid, int status_fd)
{
	int status = 0;
	pid_t ended;

	if (dup2(status_fd, 0) != 0 ||
	    syscall(__NR_close_range, 1, ~0U, 0) != 0)
		_exit(125);
	if (caps_drop_all() != 0 || filter_install(&filter_jail_init) != 0)
		_exit(125);
	do
		ended = wait4(-1, &status, 0, NULL);
	while (ended != pid && (ended > 0 || errno == EINTR));
	reap_all();
	if (write(0, &status, sizeof(status)) != (ssize_t)sizeof(status))
		_exit(125);
	_exit(0);
}

/* The caller writes the maps first, then a byte. */
static void
await_maps(const struct spawn *s)
{
	ssize_t n;
	char c;

	do
		n = read(s->go[0], &c, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(125);
}

/* PDEATHSIG does not tell of a death before it was set; the pipe does. */
static void
check_caller(const struct spawn *s)
{
	struct pollfd p = { .fd = s->go[0], .events = POLLIN };

	if (poll(&p, 1, 0) != 0)
		_exit(125);
}

void
jail_inside(struct spawn *s)
{
	int report = s->report[1];
	pid_t pid;

	await_maps(s);
	check(namespace_lock_at(s->proc, 0), report, STEP_LOCK);
	close(s->proc);
	if (sethostname(PROBE_HOSTNAME, strlen(PROBE_HOSTNAME)) != 0 ||
	    setdomainname("", 0) != 0)
		jail_fail(report, STEP_NAME, errno);
	check(caps_become(JAIL_UID, JAIL_UID, 1, s->groups_stay), report, STEP_IDS);
	/* after the ids: setresuid(2) clears it */
	check(die_with_parent(), report, STEP_PARENT);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		jail_fail(report, STEP_PARENT, errno);
	check_caller(s);
	pid = fork();
	if (pid < 0)
		jail_fail(report, STEP_PROCESS, errno);
	if (pid == 0)
		command(s);
	wait_for(pid, s->status[1]);
}
