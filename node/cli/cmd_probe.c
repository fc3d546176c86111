/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure probe: what a stock client would meet.  It needs no right of any
 * kind, speaks with whoever listens there, and believes nothing of it: every
 * answer is bounded in length and time, and shown escaped.
 */
#include "cli.h"
#include "probe.h"
#include "seconds.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define WHAT_THEY_TAKE "--timeout takes seconds, --compiler a name"

struct asked {
	bool json;
	const char *compiler;
	unsigned timeout_s;
};

const char probe_options[] =
    "HOST is an entry as in DISTCC_HOSTS: HOST[:PORT][/LIMIT][,lzo][,cpp,lzo]\n"
    "or [USER]@HOST[:COMMAND]; without any, those of the client's own list.\n"
    "  --json             print JSON\n"
    "  --compiler NAME    only this one, not every one in PATH\n"
    "  --timeout SECONDS  wait so long for each answer (10)\n";

/* CLI_EXIT_OK, or the exit status. */
static int
parse(struct asked *a, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "compiler", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (o == 'j')
			a->json = true;
		else if (o == 'c' && optarg[0] != '\0' && optarg[0] != '-')
			a->compiler = optarg;
		else if (o != 't' || (a->timeout_s = seconds(optarg)) == 0) {
			cli_complain_option(o, argv[optind - 1],
			    WHAT_THEY_TAKE, "try immure probe --help");
			return CLI_EXIT_USAGE;
		}
	}
	return CLI_EXIT_OK;
}

static bool
stops(const struct notes *n)
{
	for (unsigned i = 0; i < n->n; i++)
		if (n->at[i].level == NOTE_STOPS)
			return true;
	return false;
}

/* Probe them all; true when every one is usable. */
static bool
probe_all(const struct probe *p, const struct host_list *l, json_t *hosts)
{
	static struct host_result r;
	bool usable = true;

	for (size_t i = 0; i < l->n; i++) {
		probe_host(&r, p, l->words[i]);
		usable = usable && r.usable;
		if (hosts != NULL)
			json_array_append_new(hosts, json_host(&r));
		else
			print_host(&r);
		(void)fflush(stdout); /* the next one may take its time */
	}
	return usable;
}

static bool
print_json(const struct probe *p, const struct host_list *l)
{
	json_t *hosts = json_array(), *root;
	bool usable = probe_all(p, l, hosts);

	root = json_pack("{s:s s:s s:o s:o}", "version", IMMURE_VERSION,
	    "source", l->source, "client", json_notes(&p->notes), "hosts",
	    hosts);
	if (root != NULL)
		(void)json_dumpf(root, stdout, JSON_INDENT(1));
	(void)putchar('\n');
	json_decref(root);
	return usable;
}

int
cmd_probe(int argc, char *argv[])
{
	static struct probe p;
	struct asked a = { .timeout_s = 10 };
	struct host_list l;
	bool usable;
	int r = parse(&a, argc, argv);

	if (r != CLI_EXIT_OK)
		return r;
	p.timeout_s = a.timeout_s;
	r = host_list_get(&l, argc - optind, argv + optind);
	if (r < 0 && r != -ENOENT) {
		cli_complain(l.source[0] != '\0' ? l.source : "hosts",
		    strerror(-r), "name hosts, or set DISTCC_HOSTS");
		host_list_done(&l);
		return CLI_EXIT_FAILED;
	}
	client_notes(&p.notes, &l); /* before PATH is cleared of clients */
	p.ncompilers = compilers_find(p.compilers, a.compiler);
	if (!a.json)
		print_client(&p, &l);
	usable = a.json ? print_json(&p, &l) : probe_all(&p, &l, NULL);
	host_list_done(&l);
	return usable && !stops(&p.notes) ? CLI_EXIT_OK : CLI_EXIT_MISSING;
}
