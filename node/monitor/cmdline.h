/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immured's command line: distccd's options, one meaning each.  Pure but for
 * the number of CPUs: words in, a struct or a reason out; nothing is opened,
 * looked up, printed or exited from here.
 */
#ifndef IMMURE_CMDLINE_H
#define IMMURE_CMDLINE_H

#include "acl.h"
#include <node/common/limits.h>
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

enum cmdline_action { CMDLINE_RUN = 0, CMDLINE_HELP, CMDLINE_VERSION };

#define CMDLINE_ERROR_MAX 512  /* room for any reason, with its NUL */
#define CMDLINE_PORT	  3632 /* registered for distcc with IANA */
#define CMDLINE_NICE	  5

/* Strings are borrowed from argv. */
struct cmdline {
	enum cmdline_action action;

	const char *listen[LIMIT_LISTEN]; /* names or literals; see resolve.h */
	unsigned nlisten;		  /* 0 = every address */
	uint16_t port;
	struct acl acl;
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
};

/*
 * Parse @argv (argv[0] is skipped).  0, or CMDLINE_EXIT_USAGE with option,
 * value, reason and remedy in @err (one line, no newline); *c is then of no
 * use.  --help and --version win over errors that follow them.
 */
int cmdline_parse(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen);

void cmdline_print_help(FILE *out);

/* Two lines in distccd's form: its users and tests read the second. */
void cmdline_print_version(FILE *out);

#endif
