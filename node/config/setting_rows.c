/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every option of distccd, ours, and what each is.  The order is that of
 * --help.  The first row of a field is the one that shows it.
 */
#include "setting.h"

#include <limits.h>

#define AT(f) .at = offsetof(struct cmdline, f),                               \
	.size = sizeof(((struct cmdline *)0)->f)
#define NUMBER(f, lo, hi, by, w) .kind = KIND_NUMBER, AT(f), .min = (lo),      \
	.max = (hi), .scale = (by), .what = (w)
#define SECONDS(f) NUMBER(f, 0, 86400, 1000, "a number of seconds")
#define LIST(k, f, n, room, w) .kind = (k), AT(f),                             \
	.count_at = offsetof(struct cmdline, n), .max = (room), .what = (w)
#define ACTION(a) .kind = KIND_ACTION, .min = (a), .flags = ONLY
#define ONLY SETTING_CMDLINE_ONLY
#define RELOADS SETTING_RELOADS

/* clang-format off */
const struct setting settings[] = {
	{ "help", 'h', .help = "show this text", ACTION(CMDLINE_HELP) },
	{ "version", .help = "show version and protocols",
	    ACTION(CMDLINE_VERSION) },
	{ "config", 0, "FILE", KIND_PATH, ONLY, AT(config),
	    .help = "read FILE, not /etc/immure/immured.conf" },
	{ "check-config", .help = "only say whether the settings are right",
	    ACTION(CMDLINE_CHECK) },
	{ "listen", 0, "ADDRESS",
	    LIST(KIND_TEXTS, listen, nlisten, LIMIT_LISTEN, "addresses"),
	    .help = "listen there only (repeatable)" },
	{ "port", 'p', "PORT", NUMBER(port, 1, 65535, 1, "a TCP port"),
	    .help = "TCP port (3632)" },
	{ "allow", 'a', "IP[/BITS]", KIND_ALLOW, RELOADS, AT(acl),
	    .help = "who may connect, or a name (repeatable)" },
	{ "allow-private", 0, NULL, KIND_ALLOW_PRIVATE, RELOADS, AT(acl),
	    .help = "private networks may connect (if no --allow)" },
	{ "jobs", 'j', "N", .flags = RELOADS,
	    NUMBER(jobs, 1, LIMIT_SLOTS, 1, "a possible number of jobs"),
	    .help = "jobs at a time (CPUs + 2)" },
	{ "job-lifetime", 0, "SECONDS", .flags = RELOADS | SETTING_ZERO_DEFAULT,
	    NUMBER(job_ms, 0, INT_MAX / 1000, 1000, "a number of seconds"),
	    .help = "longest a job may take (0: built in)" },
	{ "nice", 'N', "LEVEL", .flags = SETTING_CLAMPS,
	    NUMBER(nice, -20, 19, 1, "a nice level"),
	    .help = "nice level of node and jobs (5)" },
	{ "log-file", 0, "FILE", KIND_PATH, RELOADS, AT(log_file),
	    .help = "log there, not to syslog" },
	{ "log-level", 0, "LEVEL", KIND_LEVEL, RELOADS, AT(log_level),
	    .help = "log that and worse (notice)" },
	{ "log-stderr", 0, NULL, KIND_TRUE, 0, AT(log_stderr),
	    .help = "log to standard error" },
	{ "log-format", 0, "FORMAT", KIND_FORMAT, RELOADS, AT(log_format),
	    .help = "text or json (text)" },
	{ "verbose", 0, NULL, KIND_VERBOSE, ONLY, AT(log_level),
	    .help = "--log-level debug" },
	{ "audit-file", 0, "FILE", KIND_PATH, RELOADS, AT(audit_file),
	    .help = "record each job there, a line of JSON each" },
	{ "pid-file", 'P', "FILE", KIND_PATH, 0, AT(pid_file),
	    .help = "write the process id there" },
	/* It does not undo --no-detach, as in distccd. */
	{ "daemon", 0, NULL, KIND_IGNORED, ONLY,
	    .help = "run as a daemon (unless --no-detach)" },
	{ "no-detach", 0, NULL, KIND_FALSE, ONLY, AT(detach),
	    .help = "stay in the foreground" },
	{ "user", 0, "USER", KIND_TEXT, 0, AT(user), .what = "a user",
	    .help = "owner of the files it writes" },
	{ "enable-tcp-insecure", 0, NULL, KIND_TRUE, 0, AT(insecure),
	    .help = "ignore the list of names in /usr/lib/distcc" },
	{ "make-me-a-botnet", 0, NULL, KIND_TRUE, 0, AT(insecure),
	    .help = "the same" },
	{ "inetd", 0, NULL, KIND_TRUE, ONLY, AT(inetd),
	    .help = "one job on stdin and stdout (ssh)" },
	{ "socket", 0, "FILE", KIND_PATH, 0, AT(socket),
	    .help = "unix socket for --inetd" },
	{ "socket-group", 0, "GROUP", KIND_TEXT, 0, AT(socket_group),
	    .what = "a group", .help = "may connect to it (immure)" },
	{ "no-tcp", 0, NULL, KIND_TRUE, 0, AT(no_tcp),
	    .help = "jobs come over the unix socket alone" },
	{ "idle-exit", 0, "SECONDS",
	    NUMBER(idle_s, 0, 86400, 1, "a number of seconds"),
	    .help = "end so long after the last job (0: never)" },
	{ "lifetime", 0, "SECONDS",
	    NUMBER(lifetime_s, 0, INT_MAX, 1, "a number of seconds"),
	    .help = "end after so long (0: never)" },
	{ "drip", 0, "SECONDS", .flags = RELOADS, SECONDS(drip_ms),
	    .help = "a byte for clients of long jobs (60; 0: no)" },
	{ "max-wait", 0, "SECONDS", .flags = RELOADS, SECONDS(wait_ms),
	    .help = "longest wait for a slot (120; 0: any)" },
	{ "slot-jobs", 0, "N", .flags = RELOADS,
	    NUMBER(slot_jobs, 1, 1000000000, 1, "a number of jobs"),
	    .help = "build a slot anew after so many (1000)" },
	{ "drain", 0, "SECONDS", .flags = RELOADS, SECONDS(drain_ms),
	    .help = "what running jobs get after SIGTERM (10)" },
	{ "stats", 0, NULL, KIND_TRUE, 0, AT(stats),
	    .help = "serve distccd's statistics page" },
	{ "stats-port", 0, "PORT",
	    NUMBER(stats_port, 1, 65535, 1, "a TCP port"),
	    .help = "where (3633)" },
	{ "zeroconf", 0, NULL, KIND_TRUE, 0, AT(zeroconf),
	    .help = "announce the node by mDNS" },
	{ "oom-score-adj", 0, "N", NUMBER(oom_score_adj, -1000, 1000, 1,
	    "an OOM score adjustment (proc(5))"),
	    .help = "OOM score adjustment of the node" },
	{ "sysroot", 0, "DIR", KIND_PATH, 0, AT(sysroot),
	    .help = "directory of -specs= files" },
	{ "compiler", 0, "FILE", LIST(KIND_PATHS, compilers, ncompilers,
	    LIMIT_COMPILERS, "compilers"),
	    .help = "a compiler of an unusual place (repeatable)" },
	{ "require", 0, "LAYER", KIND_LAYERS, 0, AT(require),
	    .help = "do not start without this layer (repeatable)" },
	{ "cgroup", 0, "DIR", KIND_CGROUP, 0, AT(cgroup),
	    .help = "where cells get their groups, or none" },
	/* The limits: immured.conf(5) has them all; --help would be twice as
	 * long. */
#define LIMIT_ROW(field, key, unit, built_in, least, most, reloads, word, why) \
	{ key, 0, (unit) == LIMIT_SECONDS ? "SECONDS" : (unit) == LIMIT_NUMBER ?\
	    "N" : "BYTES", KIND_LIMIT, ((reloads) ? RELOADS : 0U) |            \
	    ((unit) == LIMIT_SECONDS || (unit) == LIMIT_NUMBER ? 0U :          \
	    SETTING_BYTES), AT(limits.field),                                  \
	    .min = (long)((least) / ((unit) == LIMIT_SECONDS ? 1000 : 1)),     \
	    .max = (long)((most) / ((unit) == LIMIT_SECONDS ? 1000 : 1)),      \
	    .scale = (unit) == LIMIT_SECONDS ? 1000 : 1, .help = NULL },
	LIMIT_ROWS(LIMIT_ROW)
#undef LIMIT_ROW
	{ "no-fifo", 0, NULL, KIND_IGNORED, ONLY,
	    .help = "accepted, no effect" },
	{ "no-fork", 0, NULL, KIND_FALSE, ONLY, AT(detach),
	    .help = "the same as --no-detach" },
	{ "wizard", 'W', NULL, KIND_FALSE, ONLY, AT(detach),
	    .help = "the same as --no-detach" },
	/* What a distccd without GSS-API does not know either. */
	{ "auth", 0, NULL, KIND_REFUSED, ONLY, .help = NULL },
	{ "whitelist", 0, "FILE", KIND_REFUSED, ONLY, .help = NULL },
	{ "blacklist", 0, "FILE", KIND_REFUSED, ONLY, .help = NULL },
	{ "show-principal", 0, NULL, KIND_REFUSED, ONLY, .help = NULL },
};
/* clang-format on */

const unsigned settings_count = sizeof(settings) / sizeof(settings[0]);
_Static_assert(sizeof(settings) / sizeof(settings[0]) <= CMDLINE_SETTINGS_MAX,
    "struct cmdline has an origin for each row");
