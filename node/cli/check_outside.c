/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_outside.h"

#include "firewall.h"
#include "proc_status.h"

#include <errno.h>
#include <node/common/firewall_loaded.h>
#include <node/common/firewall_say.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process between fork(2) and exec(2) is in its parent's domain: only one
 * that stays there is an outsider. */
#define AGAIN_US 20000U
#define AGAIN	 10

static const enum layer lsm_layers[LSM_COUNT] = {
	[LSM_SELINUX] = LAYER_SELINUX,
	[LSM_APPARMOR] = LAYER_APPARMOR,
};

/* What a compiler runs as: in a cell, or in a jail where it is tried. */
#define JOB ""
#define TRY "stage-try"

/* A job writes its name itself: it is compared, never shown. */
static const char *
shown(const struct proc_status *p, const char *jailed)
{
	const char *program = lsm_domain_of(p->name)->program;

	if (program != NULL)
		return program;
	return p->depth < 2 ? "other" : strcmp(jailed, JOB) == 0 ? "job" : TRY;
}

/* A compiler that takes another one's name is still where those belong. */
static void
look_once(enum lsm lsm, const struct proc_status *p, const char *jailed,
    struct lsm_look *l)
{
	struct lsm_look as_jailed;

	lsm_process(lsm, p->pid,
	    lsm_domain_of(p->name)->program != NULL || p->depth < 2 ?
	    p->name : jailed, l);
	if (l->verdict != LSM_OTHER || p->depth < 2)
		return;
	lsm_process(lsm, p->pid, jailed, &as_jailed);
	if (as_jailed.verdict != LSM_OTHER)
		*l = as_jailed;
}

static bool
is_same(const struct check_kind *k, enum lsm lsm, const char *name,
    const struct lsm_look *l)
{
	return k->lsm == lsm && strcmp(k->name, name) == 0 &&
	    k->look.verdict == l->verdict &&
	    strcmp(k->look.label, l->label) == 0;
}

static void
list(struct check_outside *o, enum lsm lsm, const char *name,
    const struct lsm_look *l)
{
	struct check_kind *k = o->kinds;

	while (k < o->kinds + o->nkinds && !is_same(k, lsm, name, l))
		k++;
	if (k == o->kinds + CHECK_KINDS_MAX)
		return;
	if (k == o->kinds + o->nkinds) {
		o->nkinds++;
		*k = (struct check_kind){ .lsm = lsm, .look = *l };
		(void)snprintf(k->name, sizeof(k->name), "%s", name);
	}
	k->count++;
}

static void
look(struct check_outside *o, enum lsm lsm, pid_t pid, const char *jailed)
{
	struct proc_status p;
	struct lsm_look l = { .verdict = LSM_GONE };

	for (int i = 0; i < AGAIN; i++) {
		if (i > 0)
			(void)usleep(AGAIN_US);
		if (proc_status_read(&p, pid) < 0)
			return;
		look_once(lsm, &p, jailed, &l);
		if (l.verdict != LSM_OTHER)
			break;
	}
	if (l.verdict == LSM_GONE)
		return;
	list(o, lsm, shown(&p, jailed), &l);
	if (l.verdict == LSM_IN_FORCE)
		return;
	if (o->outsiders[lsm]++ == 0)
		o->worst[lsm] = l;
}

static void
look_at_all(struct check_outside *o)
{
	size_t n = 0;
	struct proc_status *v = proc_status_all(&n);

	for (size_t i = 0; i < n; i++) {
		if (!proc_status_below(v, n, &v[i], o->node))
			continue;
		o->seen++;
		for (int lsm = 0; lsm < LSM_COUNT; lsm++)
			if (o->there[lsm].verdict == LSM_IN_FORCE ||
			    o->there[lsm].verdict == LSM_PERMISSIVE)
				look(o, (enum lsm)lsm, v[i].pid,
				    proc_status_discovers(v, n, &v[i]) ?
				    TRY : JOB);
	}
	free(v);
}

/* Rules that are loaded: are they for this start of the node? */
static int
is_stale(pid_t node)
{
	struct firewall_group g;
	char *listing = NULL;
	bool named;
	int r;

	firewall_group(&g, node);
	r = firewall_nft_list(&listing);
	if (r != 0)
		return r > 0 ? -ENOENT : r;
	named = firewall_group_is_named(&g, listing);
	free(listing);
	return !named;
}

void
check_outside(struct check_outside *o, pid_t node)
{
	memset(o, 0, sizeof(*o));
	o->node = node;
	o->firewall = firewall_loaded();
	if (o->firewall > 0 && node > 0)
		o->stale = is_stale(node);
	for (int lsm = 0; lsm < LSM_COUNT; lsm++)
		lsm_there((enum lsm)lsm, &o->there[lsm]);
	if (node > 0)
		look_at_all(o);
}

/* -- rows -- */

static void
fill_lsm(struct check_row *row, enum lsm lsm, const struct check_outside *o)
{
	const struct lsm_look *l = &o->there[lsm];
	char more[48] = "", reason[CHECK_REASON_MAX - 32];

	row->state = CHECK_NOT_IN_FORCE;
	row->reason[0] = '\0';
	if (l->verdict == LSM_IN_FORCE && o->seen == 0) {
		row->state = CHECK_UNKNOWN;
		(void)snprintf(row->reason, sizeof(row->reason),
		    o->node == 0 ? "no node runs here that can be asked which "
				   "processes are its own" :
				   "none of the node's processes can be seen "
				   "(another pid namespace, or hidepid?)");
		row->remedy = o->node == 0 ? "start it, and ask as the user "
					     "who did" : "ask where it runs";
		return;
	}
	if (l->verdict == LSM_IN_FORCE && o->outsiders[lsm] == 0) {
		row->state = CHECK_IN_FORCE;
		return;
	}
	if (l->verdict == LSM_IN_FORCE)
		l = &o->worst[lsm];
	row->remedy = lsm_say(lsm, l, reason, sizeof(reason));
	if (l == &o->worst[lsm] && o->outsiders[lsm] > 1)
		(void)snprintf(more, sizeof(more), ", and %u others",
		    o->outsiders[lsm] - 1);
	(void)snprintf(row->reason, sizeof(row->reason), "%s%.28s", reason,
	    more);
}

static void
fill_stale(struct check_row *row, int stale)
{
	row->state = stale > 0 ? CHECK_NOT_IN_FORCE : CHECK_UNKNOWN;
	if (stale > 0)
		(void)snprintf(row->reason, sizeof(row->reason),
		    "its rules are loaded, but name other cgroups than this "
		    "start of the node has");
	else
		(void)snprintf(row->reason, sizeof(row->reason),
		    "which cgroups its rules name cannot be told: nft: %s",
		    strerror(-stale));
	row->remedy = stale > 0 ? "immure firewall --renew, as root"
				: "install nftables (nft 1.0.6 or later)";
}

static void
fill_firewall(struct check_row *row, const struct check_outside *o)
{
	row->state = o->firewall > 0 ? CHECK_IN_FORCE :
	    o->firewall == 0	     ? CHECK_NOT_IN_FORCE :
				       CHECK_UNKNOWN;
	row->reason[0] = '\0';
	if (o->firewall <= 0)
		row->remedy = firewall_say(o->firewall, row->reason,
		    sizeof(row->reason));
	else if (o->stale != 0)
		fill_stale(row, o->stale);
}

void
check_outside_fill(struct check_row rows[LAYER_COUNT],
    const struct check_outside *o)
{
	for (int lsm = 0; lsm < LSM_COUNT; lsm++)
		fill_lsm(&rows[lsm_layers[lsm]], (enum lsm)lsm, o);
	fill_firewall(&rows[LAYER_NFTABLES], o);
}

void
check_kind_mode(const struct check_outside *o, const struct check_kind *k,
    char *out, size_t room)
{
	char mode[LSM_LABEL_MAX];

	if (k->lsm == LSM_APPARMOR)
		lsm_label_mode(k->look.label, mode);
	(void)snprintf(out, room, "%s", k->lsm == LSM_APPARMOR ? mode :
	    o->there[LSM_SELINUX].verdict == LSM_PERMISSIVE ||
	        k->look.verdict == LSM_LENIENT ? "permissive" : "enforcing");
}
