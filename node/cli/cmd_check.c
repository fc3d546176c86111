/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each layer of the jail, in force or not on this machine, and why not. */
#include "check_bound.h"
#include "check_outside.h"
#include "cli.h"
#include "control_ask.h"
#include "daemon_settings.h"

#include <node/common/install_dir.h>
#include <sandbox/user_mode.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char check_options[] =
    "  --json               for programs\n"
    "  --node               ask the running node instead\n"
    "  --config FILE        settings of the node, as immured has it\n"
    "  --socket FILE        the node whose job socket that is\n";

struct findings {
	struct check_row rows[LAYER_COUNT];
	struct check_fact facts[FACT_COUNT];
	struct check_groups groups;
	struct check_outside outside;
	unsigned in_force;
	unsigned missing; /* of those that are required */
	const struct check_weaker *weaker[CHECK_WEAKER_MAX]; /* constants */
	unsigned nweaker; /* 0 in root mode */
};

static void
count(struct findings *f)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		if (f->rows[i].state == CHECK_IN_FORCE)
			f->in_force++;
		else if (f->rows[i].required)
			f->missing++;
	}
}

static void
print_row(const struct check_row *r)
{
	(void)printf(
	    "%-17s %-13s %s\n", r->name, check_state_word(r->state), r->what);
	if (r->state == CHECK_IN_FORCE)
		return;
	(void)printf("%17s   reason: %s\n", "", r->reason);
	if (r->remedy != NULL)
		(void)printf("%17s   remedy: %s\n", "", r->remedy);
}

static void
print_weaker(const struct findings *f)
{
	if (f->nweaker == 0)
		return;
	(void)puts("\nuser mode: weaker than immured started as root in");
	for (unsigned i = 0; i < f->nweaker; i++) {
		const struct check_weaker *w = f->weaker[i];

		(void)printf("%-17s %s\n", w->name, w->what);
		(void)printf("%17s   reason: %s\n", "", w->reason);
		(void)printf("%17s   remedy: %s\n", "", w->remedy);
	}
}

static void
print_text(const struct findings *f)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		print_row(&f->rows[i]);
	check_outside_print(&f->outside);
	print_weaker(f);
	(void)putchar('\n');
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		const struct check_fact *fact = &f->facts[i];

		(void)printf("%-17s %s\n", fact->name, fact->value);
		if (!fact->good)
			(void)printf("%17s   remedy: %s\n", "", fact->remedy);
	}
	(void)printf("\n%u of %d layers in force; ", f->in_force, LAYER_COUNT);
	if (f->missing == 0)
		(void)puts("all that are required");
	else
		(void)printf("%u that are required are not\n", f->missing);
}

static json_t *
json_of_row(const struct check_row *r)
{
	bool well = r->state == CHECK_IN_FORCE;

	return json_pack("{ss ss ss sb ss ss? ss?}", "name", r->name, "what",
	    r->what, "state", check_state_word(r->state), "required",
	    r->required, "since", r->since, "reason", well ? NULL : r->reason,
	    "remedy", well ? NULL : r->remedy);
}

static json_t *
json_of_fact(const struct check_fact *f)
{
	return json_pack("{ss ss sb ss?}", "name", f->name, "value", f->value,
	    "good", f->good, "remedy", f->good ? NULL : f->remedy);
}

static json_t *
json_of_weaker(const struct check_weaker *w)
{
	return json_pack("{ss ss ss ss}", "name", w->name, "what", w->what,
	    "reason", w->reason, "remedy", w->remedy);
}

static int
print_json(const struct findings *f)
{
	json_t *layers = json_array(), *machine = json_array(), *all;
	json_t *weaker = json_array();
	int r = 0;

	for (unsigned i = 0; i < LAYER_COUNT; i++)
		r |= json_array_append_new(layers, json_of_row(&f->rows[i]));
	for (unsigned i = 0; i < FACT_COUNT; i++)
		r |= json_array_append_new(machine, json_of_fact(&f->facts[i]));
	for (unsigned i = 0; i < f->nweaker; i++)
		r |= json_array_append_new(
		    weaker, json_of_weaker(f->weaker[i]));
	all = json_pack("{ss ss si si so so so so}", "version", IMMURE_VERSION,
	    "mode", f->nweaker > 0 ? "user" : "root",
	    "in_force", (int)f->in_force, "required_missing", (int)f->missing,
	    "layers", layers, "processes", check_outside_json(&f->outside),
	    "weaker", weaker, "machine", machine);
	if (r != 0 || all == NULL ||
	    json_dumpf(all, stdout, JSON_INDENT(1)) != 0)
		r = -1;
	(void)putchar('\n');
	json_decref(all);
	return r;
}

static bool
prober(char *path, size_t room)
{
	const char *dir = install_libexec();

	return dir != NULL &&
	       (size_t)snprintf(path, room, "%s/stage-probe", dir) < room;
}

/* An ordinary user tries the jails that it would get. */
static int
enter_user_mode(struct findings *f)
{
	const char *where;
	int r = geteuid() == 0 ? 0 : user_mode_enter(&where);
	char what[128];

	if (r < 0) {
		(void)snprintf(what, sizeof(what), "check: cannot %s", where);
		cli_complain(what, strerror(-r), user_mode_remedy("/proc"));
	} else if (user_mode()) {
		f->nweaker = check_weaker(f->weaker);
	}
	return r;
}

struct options {
	bool json, node;
	const char *socket, *config;
};

static int
parse(struct options *o, int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "node", no_argument, NULL, 'n' },
		{ "socket", required_argument, NULL, 's' },
		{ "config", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (c == 'j')
			o->json = true;
		else if (c == 'n')
			o->node = true;
		else if (c == 's')
			o->socket = optarg;
		else if (c == 'c')
			o->config = optarg;
		else {
			cli_complain_option(c, argv[optind - 1],
			    "it takes a file", "try immure help");
			return -1;
		}
	}
	if (optind < argc)
		cli_complain(
		    argv[optind], "unknown argument", "try immure help");
	else if (o->node && o->config != NULL)
		cli_complain("--config", "a node that runs has its settings",
		    "leave it, or --node, away");
	else
		return 0;
	return -1;
}

/* What depends on the settings, which node is asked among it; those that are
 * wrong are told on stderr. */
static void
check_settings(struct findings *f, const struct options *o)
{
	static struct cmdline c;
	bool well = daemon_settings(&c, o->config, 0, NULL) == CLI_EXIT_OK;
	const char *socket = o->socket;

	if (socket == NULL && well)
		socket = c.socket;
	if (well)
		check_groups(&f->groups, c.cgroup);
	else
		check_groups_unknown(&f->groups);
	check_bound(&f->facts[FACT_MEMORY_BOUND], well ? &c : NULL,
	    f->groups.bounds.state == CHECK_IN_FORCE);
	check_outside(&f->outside, control_node("check", socket));
	cmdline_free(&c);
}

int
cmd_check(int argc, char *argv[])
{
	static struct findings f;
	char path[PATH_MAX], why[CHECK_REASON_MAX] = "";
	struct options o = { .socket = NULL };

	if (parse(&o, argc, argv) < 0)
		return CLI_EXIT_USAGE;
	if (o.node)
		return check_node(o.socket, o.json);
	if (!prober(path, sizeof(path)) || access(path, X_OK) != 0) {
		cli_complain("check",
		    "there is no libexec/stage-probe beside "
		    "this program",
		    "is immure installed whole?");
		return CLI_EXIT_FAILED;
	}
	check_facts(f.facts); /* the host's: before there are others */
	check_settings(&f, &o);
	if (enter_user_mode(&f) < 0)
		return CLI_EXIT_FAILED;
	if (check_layers(f.rows, path, why) < 0) {
		cli_complain("check: no jail could be made", why,
		    "see immure-jail(1) for what it needs");
		return CLI_EXIT_FAILED;
	}
	check_groups_fill(f.rows, &f.groups);
	check_outside_fill(f.rows, &f.outside);
	count(&f);
	if (!o.json)
		print_text(&f);
	else if (print_json(&f) != 0)
		return CLI_EXIT_FAILED;
	return f.missing == 0 ? CLI_EXIT_OK : CLI_EXIT_MISSING;
}
