/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A group for each cell: would a node get one here, and with which limits?  The
 * node's own way of finding a place (sandbox/cgroup.h) is gone, and a group is
 * made, ended and removed there.  What systemd has given to the service is
 * looked at, not touched: this command runs in another group.
 */
#include "check.h"

#include <sandbox/cgroup.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVICE "/system.slice/immured.service"

static void
say(struct check_row *r, enum check_state state, const char *where,
    const char *reason, const char *remedy)
{
	r->state = state;
	(void)snprintf(r->reason, sizeof(r->reason), "%.60s%s%.90s", where,
	    where[0] != '\0' ? ": " : "", reason);
	r->remedy = remedy;
}

static void
say_none(struct check_groups *g, const char *where, const char *reason,
    const char *remedy)
{
	say(&g->cell, CHECK_NOT_IN_FORCE, where, reason, remedy);
	say(&g->bounds, CHECK_NOT_IN_FORCE, where, reason, remedy);
}

static void
say_controllers(struct check_groups *g, const char *where, unsigned mask)
{
	char reason[96];

	say(&g->cell, CHECK_IN_FORCE, where, "", NULL);
	(void)snprintf(reason, sizeof(reason),
	    "controllers for groups below it: %s", cgroup_words(mask));
	say(&g->bounds,
	    (mask & CGROUP_BOUNDS) == CGROUP_BOUNDS ? CHECK_IN_FORCE
						    : CHECK_NOT_IN_FORCE,
	    where, reason,
	    "have the service manager enable memory and pids there: until "
	    "then limits per process and a deadline only approximate it; "
	    "bound the service as a whole");
}

void
check_groups_unknown(struct check_groups *g)
{
	static const char reason[] = "the settings are wrong",
	    remedy[] = "immured --check-config tells where";

	memset(g, 0, sizeof(*g));
	say(&g->cell, CHECK_UNKNOWN, "", reason, remedy);
	say(&g->bounds, CHECK_UNKNOWN, "", reason, remedy);
}

void
check_groups(struct check_groups *g, const char *wish)
{
	struct cgroup_place p;
	int r;

	memset(g, 0, sizeof(*g));
	if (wish == NULL && cgroup_find_delegated(SERVICE, &p) == 0) {
		say_controllers(g, p.path,
		    cgroup_controllers(p.fd, "cgroup.controllers"));
		(void)close(p.fd);
		return;
	}
	if (cgroup_find(wish, &p) != 0) {
		say_none(g, p.path, p.reason, p.remedy);
		return;
	}
	r = cgroup_try(p.fd);
	if (r != 0)
		say_none(g, p.path, strerror(-r),
		    "let it write there: in a container, a cgroup namespace "
		    "with /sys/fs/cgroup mounted for writing");
	else
		say_controllers(g, p.path,
		    cgroup_controllers(p.fd,
			p.ours ? "cgroup.controllers"
			       : "cgroup.subtree_control"));
	(void)close(p.fd);
}

static void
fill(struct check_row *row, const struct check_row *from)
{
	row->state = from->state;
	(void)snprintf(row->reason, sizeof(row->reason), "%s", from->reason);
	if (from->remedy != NULL)
		row->remedy = from->remedy;
}

void
check_groups_fill(
    struct check_row rows[LAYER_COUNT], const struct check_groups *g)
{
	fill(&rows[LAYER_CELL_GROUP], &g->cell);
	fill(&rows[LAYER_CGROUP], &g->bounds);
}
