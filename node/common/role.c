/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confinement of a role; see role.h.  Each step says what holds after it.
 * Everything here runs before the role has met a foreign byte.
 */
#include "role.h"
#include "fd.h"
#include "message.h"
#include "uids.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sandbox/caps.h>
#include <sandbox/landlock.h>
#include <sandbox/limits.h>
#include <sandbox/mount.h>
#include <sandbox/user_mode.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static const char *const names[ROLE_COUNT] = { "monitor", "front", "broker",
	"executor", "auditor", "imager", "status" };

const char *
role_name(enum role r)
{
	return (unsigned)r < ROLE_COUNT ? names[r] : "unknown";
}

void
role_ids(enum role r, uint32_t *ret_uid, uint32_t *ret_gid)
{
	char user[64];
	struct passwd *pw;

	/* There is no other: what root's node has from its uids, an ordinary
	 * user's has from the other layers alone. */
	if (user_mode()) {
		*ret_uid = *ret_gid = 0;
		return;
	}
	snprintf(user, sizeof(user), "immure-%s", role_name(r));
	pw = getpwnam(user);
	/* A user entry that maps a role to root would undo the separation. */
	if (pw != NULL && pw->pw_uid != 0 && pw->pw_gid != 0) {
		*ret_uid = pw->pw_uid;
		*ret_gid = pw->pw_gid;
		return;
	}
	*ret_uid = *ret_gid = ROLE_UID_BASE + (uint32_t)r;
}

static void
unconfined(const struct role_confinement *c, const char *step, int error)
{
	dprintf(STDERR_FILENO,
	    "immured: %s: cannot confine itself: %s: %s; not started\n",
	    role_name(c->role), step, strerror(error < 0 ? -error : error));
	_exit(ROLE_EXIT_UNCONFINED);
}

#define MUST(c, step, call)                                                    \
	do {                                                                   \
		int must_r = (call);                                           \
		if (must_r < 0)                                                \
			unconfined((c), (step), must_r);                       \
	} while (0)

static int
errno_of(int r)
{
	return r < 0 ? -errno : r;
}

/* Should: leave 0..last_fd open, signals at their defaults, umask 077.
 * Mustn't: keep anything the monitor had open. */
static void
confine_process(const struct role_confinement *c)
{
	sigset_t none;

	sigemptyset(&none);
	MUST(c, "sigprocmask", errno_of(sigprocmask(SIG_SETMASK, &none, NULL)));
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	umask(077);
	MUST(c, "close_range",
	    errno_of(close_range((unsigned)c->last_fd + 1, ~0U, 0)));
}

/* Should: see no interface, no IPC object, no host name, and, unless it must
 * read files, nothing but an empty directory. */
static void
confine_namespaces(const struct role_confinement *c)
{
	static const char *const places[] = { "/run/immure", "/tmp", "/proc" };
	const char *place = NULL;

	MUST(c, "unshare(2) of namespaces",
	    errno_of(unshare(
	        CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)));
	MUST(c, "sethostname(2)", errno_of(sethostname("immure", 6)));
	MUST(c, "private mounts", mount_private());
	if (c->keep_root)
		return;
	for (size_t i = 0; i < 3 && place == NULL; i++)
		if (access(places[i], F_OK) == 0)
			place = places[i];
	if (place == NULL)
		unconfined(c, "no place for an empty root", ENOENT);
	MUST(c, "empty root",
	    mount_tmpfs(place, 0, 1, 0555,
	        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
	            MOUNT_ATTR_NOEXEC));
	MUST(c, "pivot_root(2)", mount_pivot(place));
}

/* Should: be nobody in particular, for good. */
static void
confine_identity(const struct role_confinement *c, uint32_t uid, uint32_t gid,
    bool groups_stay)
{
	struct pollfd p = { .fd = ROLE_FD_MONITOR, .events = POLLIN };

	MUST(c, "uid and gid", caps_become(uid, gid, 1, groups_stay));
	MUST(c, "capabilities", caps_drop_all());
	MUST(c, "dumpable", errno_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)));
	/* setresuid(2) clears it, so only now (prctl(2)); a monitor that died
	 * before this shows as a hang-up. */
	MUST(c, "parent-death signal",
	    errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)));
	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0)
		_exit(ROLE_EXIT_OK);
}

static void
confine_access(const struct role_confinement *c)
{
	const struct rlimits l = { .as_bytes = c->as_bytes, .fsize_bytes =
	    LIMIT_LEAVE, .stack_bytes = LIMIT_LEAVE, .cpu_s = LIMIT_LEAVE,
		.nofile = c->nofile, .nproc = LIMIT_LEAVE };
	int ruleset = c->landlock;

	if (ruleset < 0)
		ruleset = landlock_new();
	MUST(c, "landlock_create_ruleset(2)", ruleset);
	MUST(c, "landlock_restrict_self(2)", landlock_enter(ruleset));
	(void)close(ruleset);
	MUST(c, "limits", rlimits_apply(&l));
}

/* Replace stdio by a pipe without a peer: reads end, writes fail. */
static int
replace_stdio(void)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	if (dup2(p[0], 0) < 0 || dup2(p[1], 1) < 0 || dup2(p[1], 2) < 0)
		return -errno;
	(void)close(p[0]);
	(void)close(p[1]);
	return 0;
}

void
role_confine(const struct role_confinement *c)
{
	uint32_t uid, gid;
	const bool groups_stay = user_mode_groups_stay(); /* there is a /proc */
	cleanup_fd int err = -1;
	int r;

	role_ids(c->role, &uid, &gid);
	confine_process(c);
	confine_namespaces(c);
	confine_identity(c, uid, gid, groups_stay);
	confine_access(c);
	err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, c->last_fd + 1);
	MUST(c, "stdio", replace_stdio());
	r = filter_install(c->filter);
	if (r < 0) {
		(void)dup2(err, STDERR_FILENO);
		unconfined(c, "seccomp(2)", r);
	}
}

void
role_ready(void)
{
	if (msg_send(ROLE_FD_MONITOR, IMSG_READY, 0, NULL, 0, NULL, 0) < 0)
		_exit(ROLE_EXIT_OK);
}

static void
vlog(int level, const struct peer *peer, const char *word, const char *fmt,
    va_list ap)
{
	struct imsg_audit_event e;

	memset(&e, 0, sizeof(e));
	e.level = (uint32_t)level;
	if (peer != NULL)
		e.peer = *peer;
	snprintf(e.word, sizeof(e.word), "%s", word);
	vsnprintf(e.text, sizeof(e.text), fmt, ap);
	(void)msg_send(ROLE_FD_MONITOR, IMSG_AUDIT_EVENT, 0, &e, sizeof(e),
	    NULL, 0);
}

void
role_log(int level, const struct peer *peer, const char *word, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(level, peer, word, fmt, ap);
	va_end(ap);
}

void
role_die(int code, const char *word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_ERR, NULL, word, fmt, ap);
	va_end(ap);
	_exit(code);
}
