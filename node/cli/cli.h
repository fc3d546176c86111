/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of immure(1).  Each gets its own words (argv[0] is the name of
 * the command) and returns the exit status.
 */
#ifndef IMMURE_CLI_H
#define IMMURE_CLI_H

struct command {
	const char *name;
	int (*fn)(int argc, char *argv[]);
	const char *args; /* for the usage text */
	const char *what; /* one line for people */
	const char *options; /* for --help, a line or more each; or NULL */
};

extern const struct command commands[]; /* ends with a NULL name */

#define CLI_EXIT_OK	 0
#define CLI_EXIT_MISSING 1  /* what was asked about is not as it must be */
#define CLI_EXIT_FAILED	 2  /* it could not be found out */
#define CLI_EXIT_USAGE	 64 /* sysexits.h, EX_USAGE */

extern const char check_options[], control_options[], explain_options[],
    firewall_options[], hosts_options[], probe_options[], selftest_options[];

int cmd_check(int argc, char *argv[]);
int cmd_drain(int argc, char *argv[]);
int cmd_ping(int argc, char *argv[]);
int cmd_selftest(int argc, char *argv[]);
int cmd_reload(int argc, char *argv[]);
int cmd_config(int argc, char *argv[]);
int cmd_explain(int argc, char *argv[]);
int cmd_firewall(int argc, char *argv[]);
int cmd_hosts(int argc, char *argv[]);
int cmd_probe(int argc, char *argv[]);
int cmd_toolchains(int argc, char *argv[]);
int cmd_version(int argc, char *argv[]);
int cmd_help(int argc, char *argv[]);

/*
 * Parse the words of a command whose only option is --json.  1 when it was
 * given, 0 when there are none, -1 (and a message) for anything else.
 */
int cli_only_json(int argc, char *argv[]);

/* "immure: SUBJECT: REASON" and a line with the remedy, to stderr. */
void cli_complain(const char *subject, const char *reason, const char *remedy);
/* The same for what getopt_long(3), with ":" and without opterr, has said of
 * @word: @o is '?', ':' or an option whose value is not what it @takes. */
void cli_complain_option(int o, const char *word, const char *takes,
    const char *remedy);

#endif
