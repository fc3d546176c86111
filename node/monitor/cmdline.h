/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What immured is told: distccd's options, one meaning each, from the command
 * line, the configuration file and the environment (node/config/).  Pure but
 * for the numbers of CPUs and of bytes of memory: words in, a struct or a reason out; nothing is
 * opened, looked up, printed or exited from here.
 */
#ifndef IMMURE_CMDLINE_H
#define IMMURE_CMDLINE_H

#include <node/common/acl.h>
#include <node/config/firewall.h>
#include <node/toolchain/alias.h>
#include <node/common/limit_rows.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* distcc's exit codes, as init scripts and its test suite know them. */
enum cmdline_exit {
	CMDLINE_EXIT_FAILED = 100,
	CMDLINE_EXIT_USAGE = 101,
	CMDLINE_EXIT_BIND = 102,
	CMDLINE_EXIT_NO_COMPILER = 110
};

enum cmdline_action {
	CMDLINE_RUN = 0,
	CMDLINE_HELP,
	CMDLINE_VERSION,
	CMDLINE_CHECK /* --check-config */
};

enum log_format { LOG_FORMAT_TEXT = 0, LOG_FORMAT_JSON };

#define CMDLINE_ERROR_MAX 512  /* room for any reason, with its NUL */
#define CMDLINE_PORT	  3632 /* registered for distcc with IANA */
#define CMDLINE_NICE	  5
#define CMDLINE_STATS_PORT 3633
#define CMDLINE_DRIP_MS	  60000U
#define CMDLINE_DRAIN_MS  10000U

/* Where a setting comes from. */
enum setting_source {
	FROM_DEFAULT = 0,
	FROM_FILE,
	FROM_ENVIRONMENT,
	FROM_COMMAND_LINE
};

struct origin {
	uint32_t source; /* enum setting_source */
	uint32_t line;	 /* of the file, the last one that set it; or 0 */
};

#define CMDLINE_SETTINGS_MAX 128 /* rows of node/config/setting_rows.c */

struct kept_text;

/* Strings are borrowed from argv and the environment, or owned by @texts. */
struct cmdline {
	enum cmdline_action action;

	const char *listen[LIMIT_LISTEN]; /* names or literals; see resolve.h */
	unsigned nlisten;		  /* 0 = every address */
	uint16_t port;
	struct acl acl;
	const char *allow_names[LIMIT_ALLOW_NAMES]; /* see allow_names.h */
	unsigned nallow_names;
	bool allow_default; /* it is the private networks, unasked */

	unsigned jobs;	 /* 1..LIMIT_SLOTS; CPUs + 2 when not given */
	uint32_t job_ms; /* limit of one job; LIMIT_WALL_MS when not given */
	int nice;	 /* increment */

	const char *log_file; /* NULL = syslog, unless log_stderr */
	bool log_stderr;
	int log_level;		/* syslog(3): LOG_NOTICE when not given */
	const char *audit_file; /* JSON lines; NULL = none */

	const char *pid_file; /* NULL = none */
	const char *user;     /* as given, or NULL; every role has its own */
	bool detach;	      /* false with --no-detach */

	uint32_t lifetime_s; /* the whole node ends then; 0 = never */
	uint32_t drip_ms;    /* a byte of the reply each, while a job runs, so
				that its client keeps waiting; 0 = none */
	uint32_t wait_ms;    /* the longest a job may wait for a slot; 0 = any */
	uint32_t slot_jobs;  /* a slot's jobs; then it is built anew */
	uint32_t drain_ms;   /* what running jobs get after SIGTERM */
	bool inetd;	     /* one job on stdin and stdout */
	const char *socket;  /* unix socket for --inetd; NULL = the default */
	const char *socket_group; /* may connect to it; NULL = "immure" */
	bool no_tcp;	     /* jobs come over the unix socket alone */
	uint32_t idle_s;     /* the node ends so long after its last job; 0 =
				never */
	bool stats;	     /* the page of distccd's --stats */
	uint16_t stats_port;
	bool zeroconf;
	bool has_oom_score_adj;
	int oom_score_adj;
	const char *sysroot; /* directory of -specs= files; NULL = none */
	bool insecure;	     /* --enable-tcp-insecure: no list of names */
	const char *compilers[LIMIT_COMPILERS]; /* further ones, absolute */
	unsigned ncompilers;

	enum log_format log_format; /* of --log-file and --log-stderr */
	uint64_t require; /* mask of layers (sandbox/probe.h) without which
			     the node does not start */
	struct alias aliases[LIMIT_ALIASES]; /* the smallest network holds */
	unsigned naliases;
	struct firewall firewall; /* for `immure firewall` */
	struct limits limits;

	/* from the environment, as distccd */
	const char *path;	/* DISTCCD_PATH, without effect; NULL = not set */
	const char *cmdlist;	/* DISTCC_CMDLIST; NULL = not set */
	unsigned cmdlist_words; /* DISTCC_CMDLIST_NUMWORDS; 1 when not set */

	const char *cgroup; /* where groups are made, or "none"; NULL = what
			       the service manager gave */

	const char *config; /* the file to read, or that was read; NULL: none */
	char warning[160];  /* for the starter's eyes; "" = none */
	struct origin origins[CMDLINE_SETTINGS_MAX]; /* by row of settings */
	struct kept_text *texts; /* owned */
};

/*
 * Set *c to the defaults and then to what @argv says (argv[0] is skipped).  0,
 * or CMDLINE_EXIT_USAGE with option, value, reason and remedy in @err (one
 * line, no newline); *c is then of no use.  --help and --version win over
 * errors that follow them.  cmdline_free() afterwards, always.
 */
int cmdline_parse(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen);

/* The steps of cmdline_parse(), for those who put a file's settings between
 * the first and the second (node/config/settings.h). */
void cmdline_defaults(struct cmdline *c);
int cmdline_words(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen);
void cmdline_finish(struct cmdline *c);

/* Free what *c owns. */
void cmdline_free(struct cmdline *c);

void cmdline_print_help(FILE *out);

/*
 * Two lines in distccd's form, which its users and tests read, and a third, as
 * it has more too.  The first begins with the name it was @called by (argv[0],
 * may be NULL), when that is distccd.
 */
void cmdline_print_version(FILE *out, const char *called);

#endif
