/* SPDX-License-Identifier: GPL-2.0-or-later */
/* immure check --node: what a running node says of itself. */
#include "check_outside.h"
#include "cli.h"
#include "control_ask.h"

#include <node/common/imsg.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Those that a whole node has; the page of --stats is not everybody's. */
#define ROLES_NEEDED (1U << ROLE_AUDITOR | 1U << ROLE_BROKER)

static bool
is_whole(const struct control_node *n)
{
	return n->state == CONTROL_SERVING && n->slots >= n->jobs &&
	    n->fronts > 0 && (n->roles & ROLES_NEEDED) == ROLES_NEEDED;
}

/* What the node says of its jobs, and what is seen around it from here. */
static struct check_row rows[LAYER_COUNT];
static struct check_outside outside;

static void
judge(const struct control_node *n)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		rows[i].name = layer_texts[i].name;
		rows[i].what = layer_texts[i].what;
		rows[i].state = (n->layers & UINT64_C(1) << i) != 0 ?
		    CHECK_IN_FORCE : CHECK_NOT_IN_FORCE;
	}
	check_outside(&outside, n->pid);
	check_outside_fill(rows, &outside);
}

static void
print_layer(const struct check_row *r)
{
	(void)printf("%-17s %-13s %s\n", r->name, check_state_word(r->state),
	    r->what);
	if (r->reason[0] != '\0')
		(void)printf("%17s   reason: %s\n", "", r->reason);
	if (r->reason[0] != '\0' && r->remedy != NULL)
		(void)printf("%17s   remedy: %s\n", "", r->remedy);
}

static void
print_text(const struct control *c, const struct control_node *n)
{
	(void)printf("%-17s %s, pid %d, immured %s\n", "node", c->path,
	    (int)n->pid, n->version);
	(void)printf("%-17s %s\n", "state", control_state_word(n->state));
	(void)printf("%-17s %s\n", "mode", n->user_mode ? "user" : "root");
	if (n->port != 0)
		(void)printf("%-17s %u\n", "port", n->port);
	(void)printf("%-17s %u of %u\n", "slots", n->slots, n->jobs);
	(void)printf("%-17s %u\n", "fronts", n->fronts);
	(void)printf("%-17s %llu\n", "images", (unsigned long long)
	    n->generation);
	(void)printf("%-17s %u\n\n", "connections", n->conns);
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		print_layer(&rows[i]);
	check_outside_print(&outside);
}

static int
print_json(const struct control *c, const struct control_node *n)
{
	json_t *layers = json_array(), *all;
	int r = 0;

	for (unsigned i = 0; i < LAYER_COUNT; i++)
		r |= json_array_append_new(layers, json_pack(
		    "{ss sb ss}", "name", rows[i].name, "in_force",
		    rows[i].state == CHECK_IN_FORCE, "state",
		    check_state_word(rows[i].state)));
	all = json_pack("{ss ss si ss ss si si si si sI si so so}", "version",
	    n->version, "socket", c->path, "pid", (int)n->pid, "state",
	    control_state_word(n->state), "mode",
	    n->user_mode ? "user" : "root", "port", (int)n->port, "slots",
	    (int)n->slots, "jobs", (int)n->jobs, "fronts", (int)n->fronts,
	    "generation", (json_int_t)n->generation, "connections",
	    (int)n->conns, "layers", layers, "processes",
	    check_outside_json(&outside));
	if (r != 0 || all == NULL ||
	    json_dumpf(all, stdout, JSON_INDENT(1)) != 0)
		r = -1;
	(void)putchar('\n');
	json_decref(all);
	return r;
}

int
check_node(const char *socket, bool json)
{
	struct control_node n;
	struct control c;
	int r;

	if (control_open(&c, "check", socket) < 0)
		return CLI_EXIT_FAILED;
	r = control_ask(&c, CONTROL_CHECK, &n, sizeof(n), CONTROL_WAIT_MS);
	control_close(&c);
	if (r < 0)
		return CLI_EXIT_FAILED;
	n.version[sizeof(n.version) - 1] = '\0';
	judge(&n);
	if (!json)
		print_text(&c, &n);
	else if (print_json(&c, &n) != 0)
		return CLI_EXIT_FAILED;
	return is_whole(&n) ? CLI_EXIT_OK : CLI_EXIT_MISSING;
}
