/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the command line: which setting each names
 * (node/config/setting_rows.c), and with which value.  Written out and not left
 * to getopt_long(3), which accepts abbreviations (popt, distccd's parser, does
 * not: "--allow-p" would open the node), reorders argv and keeps state.
 */
#include "cmdline.h"

#include <node/common/limits.h>
#include <node/config/setting.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#ifndef IMMURE_TRIPLE
#define IMMURE_TRIPLE "unknown"
#endif

static const struct setting *
find_letter(char letter)
{
	for (size_t i = 0; i < settings_count; i++) {
		if (letter != '\0' && settings[i].letter == letter)
			return &settings[i];
	}
	return NULL;
}

/*
 * What @word names, or NULL.  *ret_value is what is glued to it
 * ("--port=1", "-p1", "-p=1": popt takes all three), or NULL.
 */
static const struct setting *
find_option(const char *word, const char **ret_value)
{
	const struct setting *o;
	size_t len;

	*ret_value = NULL;
	if (word[0] != '-')
		return NULL;
	if (word[1] == '-') {
		len = strcspn(word + 2, "=");
		if (word[2 + len] == '=')
			*ret_value = word + 2 + len + 1;
		return setting_find(word + 2, len);
	}
	o = find_letter(word[1]);
	if (o == NULL || word[2] == '\0')
		return o;
	if (o->arg == NULL)
		return NULL;
	*ret_value = word[2] == '=' ? word + 3 : word + 2;
	return o;
}

/* "--port: " and @why in @err. */
static int
complain(const char *name, const char *why, char *err, size_t errlen)
{
	(void)snprintf(err, errlen, "--%s: %s", name, why);
	return CMDLINE_EXIT_USAGE;
}

static int
missing(const struct setting *s, char *err, size_t errlen)
{
	(void)snprintf(err, errlen,
	    "--%s: %s is missing; give it as --%s=%s", s->name, s->arg,
	    s->name, s->arg);
	return CMDLINE_EXIT_USAGE;
}

/* The option at argv[*i]; *i is moved on over its value. */
static int
parse_one(struct cmdline *c, int argc, char *const argv[], int *i, char *err,
    size_t errlen)
{
	char why[CMDLINE_ERROR_MAX];
	struct setting_word w = { .c = c, .source = FROM_COMMAND_LINE,
		.err = why, .errlen = sizeof(why) };

	w.s = find_option(argv[*i], &w.value);
	if (w.s == NULL) {
		(void)snprintf(err, errlen,
		    "%.80s: unknown option; immured(8) and "
		    "immured.conf(5) list them all",
		    argv[*i]);
		return CMDLINE_EXIT_USAGE;
	}
	if (w.s->arg == NULL && w.value != NULL)
		return complain(w.s->name, "it takes none; leave the value "
		    "out", err, errlen);
	if (w.s->arg != NULL && w.value == NULL &&
	    w.s->kind != KIND_REFUSED) {
		if (*i + 1 >= argc)
			return missing(w.s, err, errlen);
		w.value = argv[++*i];
	}
	return setting_set(&w) == 0 ? 0 :
	    complain(w.s->name, why, err, errlen);
}

/* Bytes; 0 = the kernel does not say. */
static uint64_t
machine_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}

void
cmdline_defaults(struct cmdline *c)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = cpus > 0 ? (unsigned)cpus + 2 : 3;

	memset(c, 0, sizeof(*c));
	c->port = CMDLINE_PORT;
	c->jobs = jobs < LIMIT_SLOTS ? jobs : LIMIT_SLOTS;
	c->job_ms = LIMIT_WALL_MS;
	c->nice = CMDLINE_NICE;
	c->log_level = LOG_NOTICE;
	c->detach = true;
	c->drip_ms = CMDLINE_DRIP_MS;
	c->wait_ms = LIMIT_SLOT_WAIT_MS;
	c->slot_jobs = LIMIT_SLOT_JOBS;
	c->drain_ms = CMDLINE_DRAIN_MS;
	c->stats_port = CMDLINE_STATS_PORT;
	c->cmdlist_words = 1;
	limits_for(&c->limits, machine_memory());
}

int
cmdline_words(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen)
{
	for (int i = 1; i < argc; i++) {
		int r = parse_one(c, argc, argv, &i, err, errlen);

		if (r != 0)
			return r;
		if (c->action == CMDLINE_HELP || c->action == CMDLINE_VERSION)
			return 0;
	}
	return 0;
}

static enum setting_source
source_of(struct cmdline *c, const char *name)
{
	const struct setting *s = setting_find(name, strlen(name));

	return (enum setting_source)setting_origin(c, s)->source;
}

void
cmdline_finish(struct cmdline *c)
{
	/* One that was started for a job beside the configured node must not
	 * ask for that one's ports, or announce them. */
	if (c->no_tcp)
		c->stats = c->zeroconf = false;
	c->has_oom_score_adj = source_of(c, "oom-score-adj") != FROM_DEFAULT;
	/* --log-stderr wins over --log-file, but not the file's over the
	 * command line's. */
	if (source_of(c, "log-file") > source_of(c, "log-stderr"))
		c->log_stderr = false;
	/* distccd: nobody named means the private networks. */
	c->allow_default = c->acl.n == 0 && c->nallow_names == 0;
	if (c->allow_default)
		(void)acl_add_private(&c->acl);
}

int
cmdline_parse(
    struct cmdline *c, int argc, char *const argv[], char *err, size_t errlen)
{
	int r;

	cmdline_defaults(c);
	r = cmdline_words(c, argc, argv, err, errlen);
	if (r == 0)
		cmdline_finish(c);
	return r;
}

void
cmdline_print_help(FILE *out)
{
	(void)fputs("Usage: immured [option ...]\n"
		    "A compile node for distcc clients that runs every job in "
		    "a jail.\n\n",
	    out);
	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *o = &settings[i];
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
	(void)fputs("\nThe same settings, but for those of a single start, may "
		    "stand in\n/etc/immure/immured.conf: immured.conf(5).  "
		    "See immured(8).\n",
	    out);
}

void
cmdline_print_version(FILE *out, const char *called)
{
	const char *slash = called != NULL ? strrchr(called, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : called;

	if (name == NULL || strcmp(name, "distccd") != 0)
		name = "immured";
	(void)fprintf(out,
	    "%s %s %s\n  (protocols 1, 2 and 3) (default port %d)\n"
	    "This is immured, which serves distcc's clients and runs every "
	    "job in a jail.\n",
	    name, IMMURE_VERSION, IMMURE_TRIPLE, CMDLINE_PORT);
}
