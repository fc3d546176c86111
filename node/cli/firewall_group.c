/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a node's jobs are: its tree is called immure.PID (monitor/groups.c),
 * and lies wherever the service manager or --cgroup had it made.  It is looked
 * for by that name; a walk through the kernel's directories, which nobody but
 * root can add to.
 */
#include "control_ask.h"
#include "firewall.h"

#include <ftw.h>
#include <sandbox/cgroup.h>
#include <stdbool.h>
#include <string.h>

#define NFT_ROOT      "/sys/fs/cgroup/" /* compiled into nft */
#define OPEN_MAX_DIRS 16

static struct {
	char name[32];
	size_t mount; /* length of the path of the mount */
	struct firewall_group *ret;
} wanted;

static int
node_pid(const char *socket)
{
	struct control_pong p = { .pid = 0 };
	struct control c;

	if (control_try(&c, "firewall", socket) < 0)
		return 0;
	if (control_ask(&c, CONTROL_PING, &p, sizeof(p), CONTROL_WAIT_MS) < 0)
		p.pid = 0;
	control_close(&c);
	return (int)p.pid;
}

static unsigned
depth(const char *path)
{
	unsigned n = 0;

	for (; *path != '\0'; path++)
		n += *path == '/';
	return n;
}

/* nftw(3): not 0 ends the walk. */
static int
visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct firewall_group *g = wanted.ret;

	(void)st;
	if (type != FTW_D || strcmp(path + at->base, wanted.name) != 0 ||
	    strncmp(path, NFT_ROOT, strlen(NFT_ROOT)) != 0)
		return 0;
	(void)snprintf(g->path, sizeof(g->path), "%s", path + strlen(NFT_ROOT));
	g->level = depth(path + wanted.mount);
	return 1;
}

void
firewall_group(struct firewall_group *g, const char *socket)
{
	char mount[PATH_MAX];

	*g = (struct firewall_group){ .pid = node_pid(socket) };
	if (g->pid == 0)
		return;
	(void)snprintf(wanted.name, sizeof(wanted.name), "immure.%d", g->pid);
	wanted.ret = g;
	if (cgroup_mount(mount) < 0)
		return;
	wanted.mount = strlen(mount);
	(void)nftw(mount, visit, OPEN_MAX_DIRS, FTW_PHYS | FTW_MOUNT);
}
