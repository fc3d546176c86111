/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure: the command people type.  It starts the command that is named and
 * nothing else: it takes no foreign byte, holds nothing open, and what has to
 * be run with care is run by the programs of libexec.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

const struct command commands[] = {
	{ "check", cmd_check, "[--json] [--config FILE | --node] [--socket FILE]",
	    "which layers of the jail are in force on this machine",
	    check_options },
	{ "toolchains", cmd_toolchains, "[--json]",
	    "which compilers this machine would offer", NULL },
	{ "config", cmd_config, "[--json] [--config FILE] [-- OPTION ...]",
	    "which settings immured would have, and where from", NULL },
	{ "explain", cmd_explain, "[OPTION ...] -- COMPILER [ARGUMENT ...]",
	    "what a node makes of a command line, option by option",
	    explain_options },
	{ "firewall", cmd_firewall,
	    "[--diff | --load [--force] | --renew [--pid N]]\n"
	    "                       [--config FILE] [--socket FILE] [-- OPTION ...]",
	    "the packet filter's rules for these settings", firewall_options },
	{ "probe", cmd_probe, "[OPTION ...] [HOST ...]",
	    "send small jobs to nodes, say what works and what does not",
	    probe_options },
	{ "hosts", cmd_hosts, "[OPTION ...] [HOST ...]",
	    "a DISTCC_HOSTS of the nodes that have this machine's compiler",
	    hosts_options },
	{ "ping", cmd_ping, "[--socket FILE]",
	    "does this machine's node live?", control_options },
	{ "reload", cmd_reload, "[--socket FILE]",
	    "have it read its settings again", control_options },
	{ "drain", cmd_drain, "[--socket FILE]",
	    "have it take nothing new, and wait for its end",
	    control_options },
	{ "selftest", cmd_selftest, "[--json] [--socket FILE]",
	    "are the promises kept by this machine's node?",
	    selftest_options },
	{ "version", cmd_version, "", "show the version", NULL },
	{ "help", cmd_help, "[COMMAND]", "show this text", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

void
cli_complain(const char *subject, const char *reason, const char *remedy)
{
	(void)fprintf(stderr, "immure: %s: %s\n", subject, reason);
	if (remedy != NULL)
		(void)fprintf(stderr, "        %s\n", remedy);
}

void
cli_complain_option(int o, const char *word, const char *takes,
    const char *remedy)
{
	char reason[160];

	if (o == '?')
		snprintf(reason, sizeof(reason), "unknown option");
	else
		snprintf(reason, sizeof(reason), "%s; %s",
		    o == ':' ? "its value is missing" : "not its value",
		    takes);
	cli_complain(word, reason, remedy);
}

int
cli_only_json(int argc, char *argv[])
{
	if (argc == 1)
		return 0;
	if (argc == 2 && strcmp(argv[1], "--json") == 0)
		return 1;
	cli_complain(argv[1], "unknown option", "try immure help");
	return -1;
}

static const struct command *
find_command(const char *word)
{
	if (strcmp(word, "--version") == 0)
		word = "version";
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		word = "help";
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, word) == 0)
			return c;
	}
	return NULL;
}

int
main(int argc, char *argv[])
{
	const struct command *c;
	int r;

	if (argc < 2) {
		cli_complain(
		    "no command", "what shall it do?", "try immure help");
		return CLI_EXIT_USAGE;
	}
	c = find_command(argv[1]);
	if (c == NULL) {
		cli_complain(argv[1], "unknown command", "try immure help");
		return CLI_EXIT_USAGE;
	}
	if (argc == 3 && (strcmp(argv[2], "--help") == 0 ||
	    strcmp(argv[2], "-h") == 0))
		r = cmd_help(2, (char *[]){ argv[2], argv[1], NULL });
	else
		r = c->fn(argc - 1, argv + 1);
	/* A pipe or a disk that did not take the answer. */
	if (fflush(stdout) != 0 && r == CLI_EXIT_OK)
		r = CLI_EXIT_FAILED;
	return r;
}
