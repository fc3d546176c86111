/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a role: started by the monitor by fork and exec with descriptor
 * ROLE_FD_MONITOR, it confines itself in one call, says IMSG_READY, and
 * serves until a peer is gone.  There is no flag to run a role unconfined.
 */
#ifndef IMMURE_ROLE_H
#define IMMURE_ROLE_H

#include "imsg.h"
#include <sandbox/filter.h>
#include <stdbool.h>
#include <stdint.h>

#define ROLE_FD_MONITOR 3

struct role_confinement {
	enum role role;
	const struct filter *filter; /* the last layer to be put on */
	int last_fd;        /* descriptors 0..last_fd are kept, the rest closed;
			       0, 1, 2 are replaced by an empty pipe's ends */
	uint64_t nofile;    /* RLIMIT_NOFILE */
	uint64_t as_bytes;  /* RLIMIT_AS */
	bool keep_root;     /* the role needs files and makes its own Landlock
			       ruleset: no empty root (imager only) */
	int landlock;       /* ruleset to enter, or -1 for one without rules */
};

/* "front", … ; never NULL. */
const char *role_name(enum role r);

/* User immure-<name> if there is one, else the fixed number (1900000001…); in
 * user mode (sandbox/user_mode.h) 0, the one id that is mapped.  Reads the
 * user database and /proc: before confinement only. */
void role_ids(enum role r, uint32_t *ret_uid, uint32_t *ret_gid);

/*
 * Confine the calling process, in the order of style.md §3: descriptors,
 * PDEATHSIG, own net/ipc/uts/mount namespaces, empty root, uid, capabilities,
 * no_new_privs, dumpable 0, Landlock, limits, filter; verify.  Returns only
 * when all of it holds; otherwise the reason goes to stderr and the process
 * exits with ROLE_EXIT_UNCONFINED.
 */
void role_confine(const struct role_confinement *c);

#define ROLE_EXIT_OK         0  /* a peer closed: nothing left to do */
#define ROLE_EXIT_UNCONFINED 71 /* a layer could not be put on */
#define ROLE_EXIT_PROTOCOL   72 /* a peer sent what it must not */
#define ROLE_EXIT_SYSTEM     73 /* the kernel said no */
#define ROLE_EXIT_BROKER   75 /* the broker sent what it must not */
#define ROLE_EXIT_REBUILD    74 /* executor: the job was answered, its slot is
				   to be built anew (security-rules 7) */

/* Tell the monitor that this role serves; exits on failure. */
void role_ready(void);

/*
 * Record an event: IMSG_AUDIT_EVENT to the monitor, which passes it to the
 * auditor as coming from this role whatever it claims.  @word is the stable
 * word, the rest is for people.  Never blocks; a full queue loses the line.
 */
void role_log(int level, const struct peer *peer, const char *word,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* role_log at LOG_ERR, then exit with @code. */
void role_die(int code, const char *word, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

#endif
