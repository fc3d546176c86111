/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walls around the node that its administrator builds: SELinux, AppArmor,
 * nftables.  What is required is looked at before anything starts, while the
 * monitor may still ask; then, of the first two, each role when it says that it is ready, so that one in another
 * domain than its own serves nobody.  A cell's processes are started from there
 * and are not looked at here: `immure check` does.
 *
 * What is read are labels as the kernel has them, compared, and shown to people
 * alone; no role can choose its own.
 */
#include "monitor.h"
#include "../common/firewall_loaded.h"
#include "../common/firewall_say.h"
#include "../common/lsm.h"
#include "../common/role.h"
#include <sandbox/probe.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static const struct wall {
	enum layer layer;
	enum lsm lsm;
} walls[] = {
	{ LAYER_SELINUX, LSM_SELINUX },
	{ LAYER_APPARMOR, LSM_APPARMOR },
};

static int firewall; /* what firewall_loaded() said at the start */

#define WALLS (sizeof(walls) / sizeof(walls[0]))
#define REASON 200

static bool
is_required(const struct cmdline *cl, enum layer layer)
{
	return (cl->require & UINT64_C(1) << layer) != 0;
}

/* It enforces, and @pid, which is @program, is where it belongs? */
static bool
holds(const struct wall *w, pid_t pid, const char *program,
    struct lsm_look *l)
{
	lsm_there(w->lsm, l);
	if (l->verdict == LSM_IN_FORCE)
		lsm_process(w->lsm, pid, program, l);
	return l->verdict == LSM_IN_FORCE;
}

static void
say_missing(const struct wall *w, const struct lsm_look *l)
{
	char reason[REASON];
	const char *remedy = lsm_say(w->lsm, l, reason, sizeof(reason));

	layers_say_missing(w->layer, reason, remedy);
}

static bool
firewall_holds(const struct cmdline *cl)
{
	char reason[REASON];
	const char *remedy;

	firewall = firewall_loaded();
	if (firewall > 0 || !is_required(cl, LAYER_NFTABLES))
		return true;
	remedy = firewall_say(firewall, reason, sizeof(reason));
	layers_say_missing(LAYER_NFTABLES, reason, remedy);
	return false;
}

bool
walls_hold(const struct cmdline *cl)
{
	bool all = firewall_holds(cl);
	struct lsm_look l;

	for (size_t i = 0; i < WALLS; i++) {
		if (!is_required(cl, walls[i].layer) ||
		    holds(&walls[i], getpid(), "immured", &l))
			continue;
		say_missing(&walls[i], &l);
		all = false;
	}
	return all;
}

/* Before the first connection the node gives up; later, as it serves others,
 * that role alone ends, and is started again. */
static void
end_outsider(struct monitor *m, struct child *c, const struct wall *w,
    const struct lsm_look *l)
{
	char reason[REASON];
	const char *remedy = lsm_say(w->lsm, l, reason, sizeof(reason));

	if (!m->serving) {
		layers_say_missing(w->layer, reason, remedy);
		m->outsider = true;
	}
	child_end(m, c, "role.outside", "is outside of a layer that is "
	    "required, %s: %s", layer_texts[w->layer].name, reason);
}

bool
walls_keep(struct monitor *m, struct child *c)
{
	char program[32];
	struct lsm_look l;

	(void)snprintf(program, sizeof(program), "immure-%s",
	    role_name(c->role));
	for (size_t i = 0; i < WALLS; i++) {
		if (!is_required(m->cl, walls[i].layer) ||
		    holds(&walls[i], c->pid, program, &l))
			continue;
		end_outsider(m, c, &walls[i], &l);
		return false;
	}
	return true;
}

static void
log_missing(struct monitor *m, enum layer layer, const char *reason,
    const char *remedy)
{
	monitor_log(m, LOG_NOTICE, NULL, "layer.missing",
	    "%s: not in force (%s): %s; %s", layer_texts[layer].name,
	    layer_texts[layer].what, reason, remedy);
}

/* A kernel has one of the two at most: where the monitor is in its domain of
 * one, the other is not missed. */
static void
log_lsm(struct monitor *m)
{
	struct lsm_look l[WALLS];
	char reason[REASON];
	const char *remedy;

	for (size_t i = 0; i < WALLS; i++)
		if (holds(&walls[i], getpid(), "immured", &l[i]))
			return;
	for (size_t i = 0; i < WALLS; i++) {
		remedy = lsm_say(walls[i].lsm, &l[i], reason, sizeof(reason));
		log_missing(m, walls[i].layer, reason, remedy);
	}
}

void
walls_log(struct monitor *m)
{
	char reason[REASON];
	const char *remedy;

	log_lsm(m);
	if (firewall > 0)
		return;
	remedy = firewall_say(firewall, reason, sizeof(reason));
	log_missing(m, LAYER_NFTABLES, reason, remedy);
}
