/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table holds every option of distccd, ours, and those that are still to
 * come; the parser, --help and the tests read it.  Written out and not left
 * to getopt_long(3), which accepts abbreviations (popt, distccd's parser, does
 * not: "--allow-p" would open the node), reorders argv and keeps state.
 */
#include "cmdline.h"

#include <node/common/limits.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#ifndef IMMURE_TRIPLE
#define IMMURE_TRIPLE "unknown"
#endif

struct parse {
	struct cmdline *c;
	const char *name;  /* the option, as written in the table */
	const char *value; /* NULL when it takes none */
	char *err;
	size_t errlen;
};

struct option_row {
	const char *name;
	char letter;	 /* 0 = none */
	const char *arg; /* what to call its argument; NULL = takes none */
	int (*fn)(struct parse *p);
	const char *help; /* NULL = not shown */
};

static int
bad_value(struct parse *p, const char *why, const char *remedy)
{
	(void)snprintf(p->err, p->errlen, "--%s: bad value \"%.80s\": %s; %s",
	    p->name, p->value, why, remedy);
	return CMDLINE_EXIT_USAGE;
}

/*
 * A decimal number in @min..@max.  strtol(3) also takes blanks and a plus
 * sign; a value that needs those is a mistake.
 */
static bool
parse_number(const char *s, long min, long max, long *ret)
{
	const char *digits = s[0] == '-' ? s + 1 : s;
	char *end;
	long v;

	if (digits[0] < '0' || digits[0] > '9')
		return false;
	errno = 0;
	v = strtol(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

static int
set_help(struct parse *p)
{
	p->c->action = CMDLINE_HELP;
	return 0;
}

static int
set_version(struct parse *p)
{
	p->c->action = CMDLINE_VERSION;
	return 0;
}

static int
set_listen(struct parse *p)
{
	if (p->value[0] == '\0')
		return bad_value(p, "empty", "give an address or a host name");
	if (p->c->nlisten >= LIMIT_LISTEN)
		return bad_value(p, "too many addresses",
		    "leave --listen out to listen on all of them");
	p->c->listen[p->c->nlisten++] = p->value;
	return 0;
}

static int
set_port(struct parse *p)
{
	long v;

	if (!parse_number(p->value, 1, 65535, &v))
		return bad_value(
		    p, "not a TCP port", "give a number from 1 to 65535");
	p->c->port = (uint16_t)v;
	return 0;
}

static int
set_allow(struct parse *p)
{
	enum acl_error e = acl_add(&p->c->acl, p->value);

	if (e == ACL_OK)
		return 0;
	return bad_value(p, acl_error_text(e),
	    "give an address or a network, as in 192.0.2.0/24");
}

static int
set_allow_private(struct parse *p)
{
	enum acl_error e = acl_add_private(&p->c->acl);

	if (e == ACL_OK)
		return 0;
	(void)snprintf(p->err, p->errlen, "--%s: %s; join some --allow",
	    p->name, acl_error_text(e));
	return CMDLINE_EXIT_USAGE;
}

static int
set_jobs(struct parse *p)
{
	char remedy[48];
	long v;

	(void)snprintf(
	    remedy, sizeof(remedy), "give a number from 1 to %u", LIMIT_SLOTS);
	if (!parse_number(p->value, 1, LIMIT_SLOTS, &v))
		return bad_value(p, "not a possible number of jobs", remedy);
	p->c->jobs = (unsigned)v;
	return 0;
}

static int
set_job_lifetime(struct parse *p)
{
	long v;

	if (!parse_number(p->value, 0, INT_MAX / 1000, &v))
		return bad_value(p, "not a number of seconds",
		    "give 1 or more, or 0 for the built-in limit");
	if (v > 0)
		p->c->job_ms = (uint32_t)v * 1000U;
	return 0;
}

static int
set_nice(struct parse *p)
{
	long v;

	if (!parse_number(p->value, -20, 19, &v))
		return bad_value(p, "not a nice level",
		    "give a number from -20 to 19 (nice(1))");
	p->c->nice = (int)v;
	return 0;
}

/* Files are opened again on SIGHUP, and by then the daemon is in "/". */
static int
set_path(struct parse *p, const char **ret)
{
	if (p->value[0] != '/')
		return bad_value(p, "not an absolute path",
		    "give one that begins with \"/\"");
	*ret = p->value;
	return 0;
}

static int
set_log_file(struct parse *p)
{
	return set_path(p, &p->c->log_file);
}

static int
set_audit_file(struct parse *p)
{
	return set_path(p, &p->c->audit_file);
}

static int
set_pid_file(struct parse *p)
{
	return set_path(p, &p->c->pid_file);
}

static int
set_user(struct parse *p)
{
	if (p->value[0] == '\0')
		return bad_value(p, "empty", "give a user, or leave it out");
	p->c->user = p->value;
	return 0;
}

static int
set_log_level(struct parse *p)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = {
		{ "emerg", LOG_EMERG },
		{ "emergency", LOG_EMERG },
		{ "alert", LOG_ALERT },
		{ "crit", LOG_CRIT },
		{ "critical", LOG_CRIT },
		{ "err", LOG_ERR },
		{ "error", LOG_ERR },
		{ "warn", LOG_WARNING },
		{ "warning", LOG_WARNING },
		{ "note", LOG_NOTICE },
		{ "notice", LOG_NOTICE },
		{ "info", LOG_INFO },
		{ "debug", LOG_DEBUG },
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(p->value, levels[i].name) == 0) {
			p->c->log_level = levels[i].level;
			return 0;
		}
	}
	return bad_value(
	    p, "no such level", "give error, warning, notice, info or debug");
}

static int
set_log_stderr(struct parse *p)
{
	p->c->log_stderr = true;
	return 0;
}

static int
set_verbose(struct parse *p)
{
	p->c->log_level = LOG_DEBUG;
	return 0;
}

static int
set_no_detach(struct parse *p)
{
	p->c->detach = false;
	return 0;
}

static int
accept_only(struct parse *p)
{
	(void)p;
	return 0;
}

static int
not_yet(struct parse *p)
{
	(void)snprintf(p->err, p->errlen,
	    "--%s: not available in immured " IMMURE_VERSION
	    " yet; leave it out",
	    p->name);
	return CMDLINE_EXIT_USAGE;
}

/* clang-format off */
static const struct option_row option_rows[] = {
	{ "help", 0, NULL, set_help, "show this text" },
	{ "version", 0, NULL, set_version, "show version and protocols" },
	{ "listen", 0, "ADDRESS", set_listen, "listen there only (repeatable)" },
	{ "port", 'p', "PORT", set_port, "TCP port (3632)" },
	{ "allow", 'a', "IP[/BITS]", set_allow, "who may connect (repeatable)" },
	{ "allow-private", 0, NULL, set_allow_private,
	    "private networks may connect (when no --allow)" },
	{ "jobs", 'j', "N", set_jobs, "jobs at a time (CPUs + 2)" },
	{ "job-lifetime", 0, "SECONDS", set_job_lifetime,
	    "longest a job may take (0: built in)" },
	{ "nice", 'N', "LEVEL", set_nice, "nice level of node and jobs (5)" },
	{ "log-file", 0, "FILE", set_log_file, "log there, not to syslog" },
	{ "log-level", 0, "LEVEL", set_log_level, "log that and worse (notice)" },
	{ "log-stderr", 0, NULL, set_log_stderr, "log to standard error" },
	{ "verbose", 0, NULL, set_verbose, "--log-level debug" },
	{ "audit-file", 0, "FILE", set_audit_file,
	    "record each job there, a line of JSON each" },
	{ "pid-file", 'P', "FILE", set_pid_file, "write the process id there" },
	{ "daemon", 0, NULL, accept_only, "run as a daemon (always)" },
	{ "no-detach", 0, NULL, set_no_detach, "stay in the foreground" },
	{ "user", 0, "USER", set_user,
	    "accepted; each role has a user of its own" },
	{ "enable-tcp-insecure", 0, NULL, accept_only, "accepted, no effect" },
	{ "make-me-a-botnet", 0, NULL, accept_only, "accepted, no effect" },
	{ "no-fifo", 0, NULL, accept_only, "accepted, no effect" },
	/* Options of distccd that would change something: never ignored. */
	{ "inetd", 0, NULL, not_yet, NULL },
	{ "lifetime", 0, "SECONDS", not_yet, NULL },
	{ "no-fork", 0, NULL, not_yet, NULL },
	{ "wizard", 'W', NULL, not_yet, NULL },
	{ "stats", 0, NULL, not_yet, NULL },
	{ "stats-port", 0, "PORT", not_yet, NULL },
	{ "zeroconf", 0, NULL, not_yet, NULL },
	{ "oom-score-adj", 0, "N", not_yet, NULL },
	{ "sysroot", 0, "DIR", not_yet, NULL },
	{ "auth", 0, NULL, not_yet, NULL },
	{ "whitelist", 0, "FILE", not_yet, NULL },
	{ "blacklist", 0, "FILE", not_yet, NULL },
	{ "show-principal", 0, NULL, not_yet, NULL },
};
/* clang-format on */

#define OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]))

static const struct option_row *
find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *o = &option_rows[i];

		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	}
	return NULL;
}

static const struct option_row *
find_letter(char letter)
{
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		if (letter != '\0' && option_rows[i].letter == letter)
			return &option_rows[i];
	}
	return NULL;
}

/*
 * What @word names, or NULL.  *ret_value is what is glued to it
 * ("--port=1", "-p1", "-p=1": popt takes all three), or NULL.
 */
static const struct option_row *
find_option(const char *word, const char **ret_value)
{
	const struct option_row *o;
	size_t len;

	*ret_value = NULL;
	if (word[0] != '-')
		return NULL;
	if (word[1] == '-') {
		len = strcspn(word + 2, "=");
		if (word[2 + len] == '=')
			*ret_value = word + 2 + len + 1;
		return find_long(word + 2, len);
	}
	o = find_letter(word[1]);
	if (o == NULL || word[2] == '\0')
		return o;
	if (o->arg == NULL)
		return NULL;
	*ret_value = word[2] == '=' ? word + 3 : word + 2;
	return o;
}

/* Handle the option at argv[*i]; *i is moved on over its value. */
static int
parse_one(struct parse *p, int argc, char *const argv[], int *i)
{
	const struct option_row *o = find_option(argv[*i], &p->value);

	if (o == NULL) {
		(void)snprintf(p->err, p->errlen,
		    "%.80s: unknown option; immured --help lists them all",
		    argv[*i]);
		return CMDLINE_EXIT_USAGE;
	}
	p->name = o->name;
	if (o->arg == NULL && p->value != NULL)
		return bad_value(p, "it takes none", "leave the value out");
	if (o->fn == not_yet)
		return not_yet(p);
	if (o->arg != NULL && p->value == NULL) {
		if (*i + 1 >= argc) {
			(void)snprintf(p->err, p->errlen,
			    "--%s: %s is missing; give it as --%s=%s", o->name,
			    o->arg, o->name, o->arg);
			return CMDLINE_EXIT_USAGE;
		}
		p->value = argv[++*i];
	}
	return o->fn(p);
}

static void
set_defaults(struct cmdline *c)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = cpus > 0 ? (unsigned)cpus + 2 : 3;

	*c = (struct cmdline){
		.port = CMDLINE_PORT,
		.jobs = jobs < LIMIT_SLOTS ? jobs : LIMIT_SLOTS,
		.job_ms = LIMIT_WALL_MS,
		.nice = CMDLINE_NICE,
		.log_level = LOG_NOTICE,
		.detach = true,
	};
}

int
cmdline_parse(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen)
{
	struct parse p = { .c = c, .err = err, .errlen = errlen };

	set_defaults(c);
	for (int i = 1; i < argc; i++) {
		int r = parse_one(&p, argc, argv, &i);

		if (r != 0)
			return r;
		if (c->action != CMDLINE_RUN)
			return 0;
	}
	/* distccd: nobody named means the private networks. */
	c->allow_default = c->acl.n == 0;
	if (c->allow_default)
		(void)acl_add_private(&c->acl);
	return 0;
}

void
cmdline_print_help(FILE *out)
{
	(void)fputs("usage: immured [option ...]\n"
		    "A compile node for distcc clients that runs every job in "
		    "a jail.\n\n",
	    out);
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *o = &option_rows[i];
		char left[48];

		if (o->help == NULL)
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? "," : " ", o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		(void)fprintf(out, "  %-32s %s\n", left, o->help);
	}
	(void)fputs("\nEnvironment variables and configuration files are not "
		    "read.  See immured(8).\n",
	    out);
}

void
cmdline_print_version(FILE *out)
{
	(void)fprintf(out,
	    "immured %s %s\n  (protocols 1, 2 and 3) (default port %d)\n",
	    IMMURE_VERSION, IMMURE_TRIPLE, CMDLINE_PORT);
}
