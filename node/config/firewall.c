/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall.h"
#include "setting.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX  1000000L
#define HOSTS_ARE "give ADDRESS:PORT, as in 192.0.2.9:514 or [2001:db8::9]:514"

enum key {
	KEY_SCOPE,
	KEY_ADMIN,
	KEY_ADMIN_PORT,
	KEY_OUT,
	KEY_LOG,
	KEY_CACHE,
	KEY_RATE,
	KEYS
};

static const struct {
	const char *name;
	bool several;
} keys[KEYS] = {
	[KEY_SCOPE] = { "scope", false },
	[KEY_ADMIN] = { "admin", true },
	[KEY_ADMIN_PORT] = { "admin-port", true },
	[KEY_OUT] = { "out", true },
	[KEY_LOG] = { "log-host", true },
	[KEY_CACHE] = { "cache-peer", true },
	[KEY_RATE] = { "rate", false },
};

int
firewall_key(const char *key)
{
	for (int i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, key) == 0)
			return i;
	return -1;
}

bool
firewall_takes_several(int key)
{
	return keys[key].several;
}

const char *
firewall_key_name(int key)
{
	return key < KEYS ? keys[key].name : NULL;
}

static bool
bad(char *why, size_t room, const char *word, const char *reason,
    const char *remedy)
{
	(void)snprintf(
	    why, room, "bad value \"%.60s\": %s; %s", word, reason, remedy);
	return false;
}

static bool
set_scope(struct firewall *f, const char *word, char *why, size_t room)
{
	f->host = strcmp(word, "host") == 0;
	return f->host || strcmp(word, "node") == 0 ||
	       bad(why, room, word, "no such scope",
		   "give \"node\" (its own ports and users) or \"host\" "
		   "(everything)");
}

static bool
add_admin(struct firewall *f, const char *word, char *why, size_t room)
{
	bool none = strcmp(word, "none") == 0;
	enum acl_error e = none ? ACL_OK : acl_add(&f->admins, word);

	f->no_admin = f->no_admin || none;
	if (e == ACL_E_ADDRESS)
		return bad(why, room, word, "not an IPv4 or IPv6 address",
		    "give networks, as in 192.0.2.0/24, or \"none\"");
	if (e != ACL_OK)
		return bad(why, room, word, acl_error_text(e),
		    "give networks, or \"none\"");
	return !f->no_admin || f->admins.n == 0 ||
	       bad(why, room, word, "there is \"none\" and a network",
		   "leave one of them out");
}

static bool
parse_port(const char *word, uint16_t *ret)
{
	long v;

	if (!setting_number(word, 1, UINT16_MAX, &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

static bool
add_port(struct firewall_ports *p, const char *word, char *why, size_t room)
{
	uint16_t port;

	if (!parse_port(word, &port))
		return bad(why, room, word, "not a port",
		    "give numbers from 1 to 65535");
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i] == port)
			return true;
	if (p->n >= FIREWALL_PORTS)
		return bad(why, room, word, "too many ports", "leave some out");
	p->at[p->n++] = port;
	return true;
}

/* "192.0.2.9:514", "[2001:db8::9]:514" */
static bool
parse_host(const char *word, struct peer *ret)
{
	const char *colon = strrchr(word, ':');
	size_t len = colon != NULL ? (size_t)(colon - word) : 0;
	bool v6 = len > 2 && word[0] == '[' && word[len - 1] == ']';
	char addr[INET6_ADDRSTRLEN];
	static struct acl one;
	struct peer p = { .kind = PEER_ADDRESS };

	if (len == 0 || !parse_port(colon + 1, &p.port) ||
	    len - (v6 ? 2U : 0U) >= sizeof(addr))
		return false;
	(void)snprintf(addr, sizeof(addr), "%.*s", (int)(len - (v6 ? 2U : 0U)),
	    word + (v6 ? 1 : 0));
	one.n = 0;
	if ((strchr(addr, ':') != NULL) != v6 || strchr(addr, '/') != NULL ||
	    acl_add(&one, addr) != ACL_OK)
		return false;
	memcpy(p.addr, one.rules[0].addr, sizeof(p.addr));
	*ret = p;
	return true;
}

static bool
add_host(struct firewall_hosts *h, const char *word, char *why, size_t room)
{
	struct peer p;

	if (!parse_host(word, &p))
		return bad(
		    why, room, word, "not an address with a port", HOSTS_ARE);
	for (unsigned i = 0; i < h->n; i++)
		if (memcmp(&h->at[i], &p, sizeof(p)) == 0)
			return true;
	if (h->n >= FIREWALL_HOSTS)
		return bad(why, room, word, "too many hosts", "leave some out");
	h->at[h->n++] = p;
	return true;
}

static bool
set_rate(struct firewall *f, const char *word, char *why, size_t room)
{
	long v;

	if (!setting_number(word, 1, RATE_MAX, &v))
		return bad(why, room, word, "not a number of connections",
		    "give a number from 1 to 1000000");
	f->rate = (uint32_t)v;
	return true;
}

bool
firewall_set(
    struct firewall *f, int key, const char *word, char *why, size_t room)
{
	f->seen |= 1U << key;
	switch (key) {
	case KEY_SCOPE:
		return set_scope(f, word, why, room);
	case KEY_ADMIN:
		return add_admin(f, word, why, room);
	case KEY_ADMIN_PORT:
		return add_port(&f->admin_ports, word, why, room);
	case KEY_OUT:
		return add_port(&f->out, word, why, room);
	case KEY_LOG:
		return add_host(&f->log, word, why, room);
	case KEY_CACHE:
		return add_host(&f->cache, word, why, room);
	default:
		return set_rate(f, word, why, room);
	}
}

struct firewall_ports
firewall_admin_ports(const struct firewall *f)
{
	const struct firewall_ports ssh = { .at = { 22 }, .n = 1 };

	return f->admin_ports.n > 0 ? f->admin_ports : ssh;
}

/* Names, an address, the time. */
struct firewall_ports
firewall_out_ports(const struct firewall *f)
{
	const struct firewall_ports usual = { .at = { 53, 67, 123 }, .n = 3 };

	return f->out.n > 0 ? f->out : usual;
}

static void
show_admins(const struct firewall *f, char *out, size_t room)
{
	setting_add_rules(out, room, &f->admins);
	if (f->no_admin)
		setting_add(out, room, "none");
}

static void
show_ports(struct firewall_ports p, char *out, size_t room)
{
	char port[8];

	for (unsigned i = 0; i < p.n; i++) {
		(void)snprintf(port, sizeof(port), "%u", (unsigned)p.at[i]);
		setting_add(out, room, port);
	}
}

static void
show_hosts(const struct firewall_hosts *h, char *out, size_t room)
{
	char text[PEER_TEXT_MAX];

	for (unsigned i = 0; i < h->n; i++) {
		peer_format(&h->at[i], text);
		setting_add(out, room, text);
	}
}

void
firewall_show(const struct firewall *f, int key, char *out, size_t room)
{
	out[0] = '\0';
	if (key == KEY_SCOPE)
		setting_add(out, room, f->host ? "host" : "node");
	else if (key == KEY_ADMIN)
		show_admins(f, out, room);
	else if (key == KEY_ADMIN_PORT)
		show_ports(firewall_admin_ports(f), out, room);
	else if (key == KEY_OUT)
		show_ports(firewall_out_ports(f), out, room);
	else if (key == KEY_LOG)
		show_hosts(&f->log, out, room);
	else if (key == KEY_CACHE)
		show_hosts(&f->cache, out, room);
	else
		(void)snprintf(out, room, "%u",
		    f->rate != 0 ? (unsigned)f->rate : FIREWALL_RATE);
}
