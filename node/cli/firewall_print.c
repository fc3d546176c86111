/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables/immure.nft, with its values replaced: what follows "# Values" is
 * written anew, and in the rules the two numbers that are settings, which stand
 * there with their defaults.
 */
#include "firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <node/common/limits.h>
#include <node/common/role.h>
#include <node/common/uids.h>
#include <pwd.h>
#include <sandbox/user_mode.h>
#include <string.h>

#define VALUES	    "# Values\n"
#define RESOLV_CONF "/etc/resolv.conf"

/* The numbers that are settings, as the rules have them: for each family. */
#define COUNT	"ct count over 640 "
#define RATE	"rate over 500/second burst 640 packets"
#define ALL	"rate over 2000/second burst 2560 packets"
#define NUMBERS 6 /* of them: four, and those of all together */
#define CLIENTS 4 /* so many of one's make ALL */

/* One "add element", as long as there is an element. */
struct elements {
	FILE *out;
	const char *set;
	unsigned n;
};

static void
element(struct elements *e, const char *text)
{
	if (e->n++ == 0)
		(void)fprintf(
		    e->out, "add element inet immure %s { %s", e->set, text);
	else
		(void)fprintf(e->out, ", %s", text);
}

static void
number(struct elements *e, unsigned long v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lu", v);
	element(e, text);
}

static void
end(struct elements *e)
{
	if (e->n > 0)
		(void)fputs(" }\n", e->out);
}

static bool
is_v6(const char *text)
{
	return strchr(text, ':') != NULL;
}

/* Those of one family. */
static void
networks(FILE *out, const char *set, const struct acl *acl, bool v6)
{
	struct elements e = { .out = out, .set = set };
	char text[ACL_RULE_TEXT];

	for (unsigned i = 0; i < acl->n; i++) {
		acl_rule_text(&acl->rules[i], text);
		if (is_v6(text) == v6)
			element(&e, text);
	}
	end(&e);
}

static void
hosts(FILE *out, const char *set, const struct firewall_hosts *h, bool v6)
{
	struct elements e = { .out = out, .set = set };
	char host[PEER_HOST_MAX], text[PEER_HOST_MAX + 16];

	for (unsigned i = 0; i < h->n; i++) {
		peer_format_host(&h->at[i], host);
		(void)snprintf(text, sizeof(text), "%s . %u", host,
		    (unsigned)h->at[i].port);
		if (is_v6(host) == v6)
			element(&e, text);
	}
	end(&e);
}

static void
ports(FILE *out, const char *set, struct firewall_ports p)
{
	struct elements e = { .out = out, .set = set };

	for (unsigned i = 0; i < p.n; i++)
		number(&e, p.at[i]);
	end(&e);
}

static void
node_ports(FILE *out, const struct cmdline *c)
{
	struct elements e = { .out = out, .set = "ports" };

	if (!c->no_tcp)
		number(&e, c->port);
	if (c->stats)
		number(&e, c->stats_port);
	end(&e);
}

/* Where it listens; "every address" is a network. */
static void
addresses(FILE *out, const char *set, const struct listen_list *l, int family)
{
	struct elements e = { .out = out, .set = set };
	const struct sockaddr_in6 *v6;
	const struct sockaddr_in *v4;
	char text[INET6_ADDRSTRLEN + 4] = "?";

	for (unsigned i = 0; i < l->n; i++) {
		if (l->at[i].addr.ss_family != family)
			continue;
		v4 = (const void *)&l->at[i].addr;
		v6 = (const void *)&l->at[i].addr;
		(void)inet_ntop(family,
		    family == AF_INET ? (const void *)&v4->sin_addr
				      : (const void *)&v6->sin6_addr,
		    text, INET6_ADDRSTRLEN);
		if (strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0)
			(void)strncat(text, "/0", 3);
		element(&e, text);
	}
	end(&e);
}

/* Of the role that is not there yet (docs/privsep.md). */
static uint32_t
cacher_uid(void)
{
	const struct passwd *pw = getpwnam("immure-cacher");

	return pw != NULL && pw->pw_uid != 0 ? pw->pw_uid : CACHER_UID;
}

static uint32_t
role_uid(enum role r)
{
	uint32_t uid, gid;

	role_ids(r, &uid, &gid);
	return uid;
}

static void
one_uid(FILE *out, const char *set, uint32_t uid)
{
	(void)fprintf(
	    out, "add element inet immure %s { %u }\n", set, (unsigned)uid);
}

/* 0, or -EPERM: it is root who would be shut in. */
static int
users(FILE *out)
{
	struct elements e = { .out = out, .set = "roles" };

	for (int r = ROLE_FRONT; r < ROLE_COUNT; r++) {
		uint32_t uid = role_uid((enum role)r);

		if (uid == 0)
			return -EPERM;
		number(&e, uid);
	}
	number(&e, cacher_uid());
	end(&e);
	one_uid(out, "auditor", role_uid(ROLE_AUDITOR));
	one_uid(out, "cacher", cacher_uid());
	one_uid(out, "look_up", role_uid(ROLE_STATUS));
	(void)fprintf(out, "add element inet immure jobs { %u-%u }\n",
	    JAIL_UID_FIRST, JAIL_UID_LAST);
	return 0;
}

/* The name servers of one family, as resolv.conf(5) has them. */
static void
name_servers(FILE *out, const char *set, int family)
{
	struct elements e = { .out = out, .set = set };
	FILE *in = fopen(RESOLV_CONF, "re");
	char line[256], word[INET6_ADDRSTRLEN];
	uint8_t addr[16];

	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, "nameserver %45s", word) == 1 &&
		    inet_pton(family, word, addr) == 1)
			element(&e, word);
	end(&e);
	if (in != NULL)
		(void)fclose(in);
}

/* What scope host adds, or takes away. */
static void
scope(FILE *out, const struct firewall *f)
{
	if (!f->host) {
		(void)fputs(
		    "add element inet immure shared { ipv4, ipv6 }\n", out);
		return;
	}
	networks(out, "admins4", &f->admins, false);
	networks(out, "admins6", &f->admins, true);
	ports(out, "admin_ports", firewall_admin_ports(f));
	ports(out, "out_ports", firewall_out_ports(f));
}

static void
group_rule(
    FILE *out, const char *chain, const struct firewall_place *p, const char *to)
{
	(void)fprintf(out,
	    "add rule inet immure %s socket cgroupv2 level %u \"%s\" %s\n",
	    chain, p->level, p->path, to);
}

static const char *
why_not(const struct firewall_group *g, const char *why)
{
	return g->pid == 0 ? "no node runs" : why;
}

static void
groups(FILE *out, const struct firewall_group *g)
{
	if (g->jobs.path[0] != '\0' || g->own.path[0] != '\0')
		(void)fprintf(out,
		    "# Of the node of pid %d: the next one has "
		    "other groups (immure firewall --renew).\n",
		    g->pid);
	if (g->jobs.path[0] != '\0')
		group_rule(out, "groups", &g->jobs, "goto job");
	else
		(void)fprintf(out, "# Jobs are told by their uids alone: %s.\n",
		    why_not(g, "this one has no groups that nft could name"));
	if (g->own.path[0] != '\0')
		group_rule(out, "accepted", &g->own,
		    "tcp flags & (fin | syn | rst | ack) == syn goto role");
	else
		(void)fprintf(out,
		    "# What has been accepted may connect anew: %s.\n",
		    why_not(g, "this one is in a group with others"));
}

/* nft refuses all that is in a file with a group that is not there, as at the
 * next boot. */
static void
no_groups(FILE *out)
{
	(void)fputs("# Rules by cgroup are not here: each start has other ones, "
		    "and the node's service\n"
		    "# adds them: immure firewall --renew\n", out);
}

static int
values(FILE *out, const struct firewall_source *s)
{
	const struct cmdline *c = s->c;
	const struct firewall *f = &c->firewall;

	scope(out, f);
	node_ports(out, c);
	addresses(out, "listen4", &s->listen, AF_INET);
	addresses(out, "listen6", &s->listen, AF_INET6);
	networks(out, "clients4", &c->acl, false);
	networks(out, "clients6", &c->acl, true);
	hosts(out, "log4", &f->log, false);
	hosts(out, "log6", &f->log, true);
	hosts(out, "cache4", &f->cache, false);
	hosts(out, "cache6", &f->cache, true);
	if (s->has_names) {
		name_servers(out, "names4", AF_INET);
		name_servers(out, "names6", AF_INET6);
	}
	if (users(out) < 0)
		return -EPERM;
	if (s->to_keep)
		no_groups(out);
	else
		groups(out, &s->group);
	return 0;
}

void
firewall_print_groups(FILE *out, const struct firewall_group *g)
{
	(void)fputs("flush chain inet immure groups\n"
		    "flush chain inet immure accepted\n", out);
	groups(out, g);
}

/* A quarter more than the node takes: it is the node that refuses, and records
 * it, as long as it can. */
static unsigned long
connections(const struct cmdline *c)
{
	return c->limits.client_conns + c->limits.client_conns / 4;
}

static unsigned
rate(const struct firewall *f)
{
	return f->rate != 0 ? (unsigned)f->rate : FIREWALL_RATE;
}

static void
put_rate(FILE *out, unsigned long a_second, unsigned long burst)
{
	(void)fprintf(
	    out, "rate over %lu/second burst %lu packets", a_second, burst);
}

/* The rules up to @to, with numbers of ours; how many those were. */
static unsigned
rules(FILE *out, const char *text, const char *to, const struct cmdline *c)
{
	const unsigned long count = connections(c), r = rate(&c->firewall);
	unsigned n = 0;

	while (text < to) {
		n++;
		if (strncmp(text, COUNT, strlen(COUNT)) == 0) {
			(void)fprintf(out, "ct count over %lu ", count);
			text += strlen(COUNT);
		} else if (strncmp(text, RATE, strlen(RATE)) == 0) {
			put_rate(out, r, count);
			text += strlen(RATE);
		} else if (strncmp(text, ALL, strlen(ALL)) == 0) {
			put_rate(out, CLIENTS * r, CLIENTS * count);
			text += strlen(ALL);
		} else {
			(void)fputc(*text++, out);
			n--;
		}
	}
	return n;
}

int
firewall_print(FILE *out, const struct firewall_source *s)
{
	const char *to = strstr(firewall_rules, "\n" VALUES);

	if (user_mode())
		return -EPERM;
	/* Another file was built in? */
	if (to == NULL || rules(out, firewall_rules, to, s->c) != NUMBERS)
		return -EINVAL;
	(void)fputs("\n" VALUES, out);
	return values(out, s);
}
