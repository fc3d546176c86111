/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure config: the settings that immured would have, and where each comes
 * from.  It reads what the daemon reads, by the daemon's own code, and starts
 * nothing; a node that already runs may have been started by other words.
 */
#include "cli.h"
#include "config_default.h"
#include "daemon_settings.h"

#include <node/config/setting.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Rules of 256 networks, the longest value. */
#define VALUE_MAX 16384

static const char *const source_names[] = {
	[FROM_DEFAULT] = "default",
	[FROM_FILE] = "file",
	[FROM_ENVIRONMENT] = "environment",
	[FROM_COMMAND_LINE] = "command line",
};

static bool
is_shown(const struct setting *s)
{
	return setting_first(s) == s && s->size > 0 &&
	    (s->flags & SETTING_CMDLINE_ONLY) == 0;
}

/* "file /etc/immure/immured.conf:3" */
static void
place(const struct cmdline *c, const struct origin *o, char *out, size_t room)
{
	if (o->source == FROM_FILE)
		(void)snprintf(out, room, "%s:%u", c->config, o->line);
	else
		(void)snprintf(out, room, "%s", source_names[o->source]);
}

static void
print_aliases(const struct cmdline *c)
{
	char net[ACL_RULE_TEXT], last[ACL_RULE_TEXT] = "";

	for (unsigned i = 0; i < c->naliases; i++) {
		const struct alias *a = &c->aliases[i];

		acl_rule_text(&a->net, net);
		if (strcmp(net, last) != 0)
			(void)printf("\n[alias %s]\n", net);
		(void)snprintf(last, sizeof(last), "%s", net);
		(void)printf("%s = %s\n", a->name, a->target);
	}
}

static void
print_firewall(const struct cmdline *c)
{
	static char value[VALUE_MAX];
	const char *name;

	if (c->firewall.seen == 0)
		return;
	(void)printf("\n[firewall]\n");
	for (int i = 0; (name = firewall_key_name(i)) != NULL; i++) {
		bool given = (c->firewall.seen & 1U << i) != 0;

		firewall_show(&c->firewall, i, value, sizeof(value));
		(void)printf("%s%s = %s\n", given ? "" : "# ", name, value);
	}
}

/* What the service of this machine would add, if it would. */
static void
print_service(const struct cmdline *c)
{
	char files[128];

	config_service(c, files, sizeof(files));
	if (files[0] != '\0')
		(void)printf("# The service also takes %s: immured-start(8); "
		    "`immured-start echo` shows what\n# it makes of that, "
		    "`immured-start 'immure config --'` what is in "
		    "force then.\n", files);
}

/* As a file: what has no value of its own, as a comment. */
static void
print_text(struct cmdline *c)
{
	static char value[VALUE_MAX];
	char line[VALUE_MAX + 64], where[LIMIT_PATH + 16];
	bool is_set;

	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		if (!is_shown(s))
			continue;
		setting_show(c, s, value, sizeof(value));
		is_set = value[0] != '\0';
		if (!is_set)
			config_default(c, s, value, sizeof(value));
		place(c, setting_origin(c, s), where, sizeof(where));
		(void)snprintf(line, sizeof(line), "%s%s = %s",
		    is_set ? "" : "# ", s->name, value);
		(void)printf("%-32s ; %s\n", line, where);
	}
	if (c->cmdlist != NULL)
		(void)printf("# DISTCC_CMDLIST=%s ; environment\n",
		    c->cmdlist);
	print_service(c);
	print_aliases(c);
	print_firewall(c);
}

static json_t *
setting_json(struct cmdline *c, const struct setting *s)
{
	static char value[VALUE_MAX];
	const struct origin *o = setting_origin(c, s);
	json_t *j;

	setting_show(c, s, value, sizeof(value));
	if (value[0] == '\0')
		config_default(c, s, value, sizeof(value));
	j = json_pack("{s:s, s:s, s:s, s:b}", "name", s->name, "value", value,
	    "source", source_names[o->source], "reloads",
	    (s->flags & SETTING_RELOADS) != 0);
	if (j != NULL && o->source == FROM_FILE &&
	    json_object_set_new(j, "line", json_integer(o->line)) != 0) {
		json_decref(j);
		j = NULL;
	}
	return j;
}

static json_t *
aliases_json(const struct cmdline *c)
{
	json_t *list = json_array();
	char net[ACL_RULE_TEXT];

	for (unsigned i = 0; i < c->naliases && list != NULL; i++) {
		acl_rule_text(&c->aliases[i].net, net);
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "network", net, "name",
		    c->aliases[i].name, "target", c->aliases[i].target));
	}
	return list;
}

static json_t *
firewall_json(const struct cmdline *c)
{
	static char value[VALUE_MAX];
	json_t *all = json_object();
	const char *name;

	for (int i = 0; (name = firewall_key_name(i)) != NULL; i++) {
		firewall_show(&c->firewall, i, value, sizeof(value));
		(void)json_object_set_new(all, name, json_string(value));
	}
	return all;
}

static int
print_json(struct cmdline *c)
{
	json_t *list = json_array(), *all;
	int r = -1;

	for (unsigned i = 0; i < settings_count; i++)
		if (is_shown(&settings[i]))
			(void)json_array_append_new(list,
			    setting_json(c, &settings[i]));
	all = json_pack("{s:s?, s:o, s:o, s:o}", "file", c->config, "settings",
	    list, "aliases", aliases_json(c), "firewall", firewall_json(c));
	if (all != NULL)
		r = json_dumpf(all, stdout, JSON_INDENT(2));
	(void)putchar('\n');
	json_decref(all);
	return r == 0 ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

/* Our own words; what follows "--" are the daemon's.  0, or an exit code. */
static int
parse(int argc, char *argv[], bool *ret_json, const char **ret_file,
    int *ret_rest)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			*ret_json = true;
		} else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			*ret_file = argv[++i];
		} else if (argv[i][0] != '-') {
			cli_complain(argv[i], "it shows all settings, not one",
			    "try: immure config | grep '^[# ]*NAME ='");
			return CLI_EXIT_USAGE;
		} else {
			cli_complain(argv[i], "unknown option, or without its "
			    "file", "immure config [--json] [--config FILE] "
			    "[-- options of immured]");
			return CLI_EXIT_USAGE;
		}
	}
	*ret_rest = i < argc ? i + 1 : argc;
	return CLI_EXIT_OK;
}

int
cmd_config(int argc, char *argv[])
{
	static struct cmdline c;
	const char *file = NULL;
	bool json = false;
	int rest = argc, r = parse(argc, argv, &json, &file, &rest);

	if (r != CLI_EXIT_OK)
		return r;
	r = daemon_settings(&c, file, argc - rest, argv + rest);
	if (r == CLI_EXIT_OK && json)
		r = print_json(&c);
	else if (r == CLI_EXIT_OK)
		print_text(&c);
	cmdline_free(&c);
	return r;
}
