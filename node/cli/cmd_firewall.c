/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure firewall: the packet filter's rules for the settings that immured
 * would have.  It prints them, has nft load them, or compares them with what
 * is loaded.  Rules are compared as nft prints them: those that shall be are
 * loaded for that into a network namespace of this process, which nobody else
 * is in.
 *
 * Who loads rules for a whole machine over the network can lock himself out:
 * see lockout().
 */
#include "cli.h"
#include "control_ask.h"
#include "daemon_settings.h"
#include "firewall.h"
#include "proc_status.h"

#include <errno.h>
#include <getopt.h>
#include <node/common/clock.h>
#include <node/common/firewall_loaded.h>
#include <node/common/peer.h>
#include <node/monitor/allow_names.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char firewall_options[] =
    "  --diff               compare with what is loaded; 0: the same\n"
    "  --load               have nft load them\n"
    "  --force              … even if this shuts out whoever does it\n"
    "  --renew              in what is loaded, name the groups of this start\n"
    "  --pid N              … if it is that node which answers, in 30 seconds\n"
    "  --config FILE        settings of the node, as immured has it\n"
    "  --socket FILE        the node whose job socket that is\n";

#define DIFFERS	   CLI_EXIT_MISSING
#define MORE	   "immure firewall --help"
#define NFT_REMEDY "install nftables (nft 1.0.6 or later)"

/* A node that has just been started answers soon. */
#define ANSWER_US    30000000
#define ANSWER_PAUSE (&(struct timespec){ .tv_nsec = 200000000 })

struct options {
	bool diff, load, force, renew;
	const char *config, *socket;
	pid_t pid; /* 0: whichever answers */
	int rest; /* where the daemon's own begin */
};

/* 0: it is none. */
static pid_t
pid_of(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	return word[0] >= '0' && word[0] <= '9' && *end == '\0' &&
		n <= INT_MAX ? (pid_t)n : 0;
}

static int
parse(struct options *o, int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "diff", no_argument, NULL, 'd' },
		{ "load", no_argument, NULL, 'l' },
		{ "force", no_argument, NULL, 'f' },
		{ "renew", no_argument, NULL, 'r' },
		{ "pid", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", longs, NULL)) != -1) {
		if (c == 'd')
			o->diff = true;
		else if (c == 'l')
			o->load = true;
		else if (c == 'f')
			o->force = true;
		else if (c == 'r')
			o->renew = true;
		else if (c == 'c')
			o->config = optarg;
		else if (c == 's')
			o->socket = optarg;
		else if (c != 'p' || (o->pid = pid_of(optarg)) == 0) {
			cli_complain_option(c, argv[optind - 1],
			    c == 'p' ? "it takes a process id" :
				       "it takes a value", MORE);
			return -1;
		}
	}
	o->rest = optind;
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0)
		cli_complain(argv[optind], "unknown argument", MORE);
	else if (o->diff + o->load + o->renew > 1)
		cli_complain("--diff, --load, --renew", "one thing at a time",
		    MORE);
	else if (o->force && !o->load)
		cli_complain("--force", "it belongs to --load", MORE);
	else if (o->pid != 0 && !o->renew)
		cli_complain("--pid", "it belongs to --renew", MORE);
	else
		return 0;
	return -1;
}

static bool
is_literal(const char *host)
{
	static struct acl one;
	char text[ACL_RULE_TEXT];
	size_t skip = host[0] == '[';

	one.n = 0;
	(void)snprintf(text, sizeof(text), "%.*s",
	    (int)strcspn(host + skip, "]%"), host + skip);
	return acl_add(&one, text) == ACL_OK;
}

static int
where_it_listens(struct firewall_source *s, const struct cmdline *c)
{
	char err[CMDLINE_ERROR_MAX];
	unsigned i = 0;

	do {
		const char *host = c->nlisten > 0 ? c->listen[i] : NULL;

		if (host != NULL && !is_literal(host))
			s->has_names = true;
		if (resolve_listen(
			&s->listen, host, c->port, err, sizeof(err)) < 0) {
			(void)fprintf(stderr, "immure: %s\n", err);
			return CLI_EXIT_FAILED;
		}
	} while (++i < c->nlisten);
	return CLI_EXIT_OK;
}

/* Names become addresses, as they do when the node starts. */
static int
look_up_names(struct firewall_source *s, struct cmdline *c)
{
	char err[CMDLINE_ERROR_MAX];

	s->has_names = c->nallow_names > 0;
	if (allow_names_look_up(c, err, sizeof(err)) < 0) {
		(void)fprintf(stderr, "immure: %s\n", err);
		return CLI_EXIT_FAILED;
	}
	return where_it_listens(s, c);
}

/* Without an administrator's address nobody could come in to undo it. */
static int
without_admin(const struct cmdline *c)
{
	if (!c->firewall.host || c->firewall.no_admin ||
	    c->firewall.admins.n > 0)
		return CLI_EXIT_OK;
	cli_complain(c->config != NULL ? c->config : "scope = host",
	    "[firewall] closes the whole machine (scope = host) and names "
	    "nobody who may administer it",
	    "add \"admin = NETWORK ...\" to "
	    "it, or \"admin = none\" where nobody comes by the network");
	return CLI_EXIT_MISSING;
}

/* The rules, in *ret (owned). */
static int
make_rules(const struct firewall_source *s, char **ret)
{
	size_t len;
	FILE *out = open_memstream(ret, &len);
	int r = out == NULL ? -ENOMEM : firewall_print(out, s);

	if (out != NULL && fclose(out) != 0)
		r = -ENOMEM;
	if (r == 0)
		return CLI_EXIT_OK;
	if (r == -EPERM)
		cli_complain("firewall",
		    "a role has root's uid here, as "
		    "every user in this user namespace: rules by uid would "
		    "shut in root",
		    "run it as the machine's root");
	else
		cli_complain("firewall", strerror(-r), NULL);
	return CLI_EXIT_FAILED;
}

static int
complain_nft(int r, const char *what)
{
	if (r == -ENOENT)
		cli_complain("firewall", "there is no nft here", NFT_REMEDY);
	else
		cli_complain(what, r > 0 ? "nft refused" : strerror(-r), NULL);
	return CLI_EXIT_FAILED;
}

/* May this process ask about rules and change them? */
static int
may_ask(void)
{
	int r = firewall_loaded();

	if (r == -EPERM)
		cli_complain("firewall",
		    "only root may look at rules and "
		    "load them (CAP_NET_ADMIN)",
		    "run it as root");
	else if (r < 0)
		cli_complain("firewall: nftables", strerror(-r), NULL);
	return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

/* May it come to that port? */
static bool
is_admin(const struct firewall *f, const char *host, unsigned port)
{
	static struct acl one;
	struct firewall_ports p = firewall_admin_ports(f);
	struct peer peer = { .kind = PEER_ADDRESS };
	bool found = false;

	one.n = 0;
	if (acl_add(&one, host) != ACL_OK)
		return false;
	memcpy(peer.addr, one.rules[0].addr, sizeof(peer.addr));
	for (unsigned i = 0; i < p.n; i++)
		found = found || p.at[i] == port;
	return found && acl_allows(&f->admins, &peer);
}

/*
 * Connections that exist survive the rules (chain segments); the next one of
 * the same administrator would not.
 */
static int
lockout(const struct firewall *f)
{
	char ssh[160], host[64], reason[160];
	unsigned port;

	if (!f->host || !proc_inherited("SSH_CONNECTION", ssh, sizeof(ssh)) ||
	    sscanf(ssh, "%63s %*s %*s %u", host, &port) != 2 ||
	    is_admin(f, host, port))
		return CLI_EXIT_OK;
	(void)snprintf(reason, sizeof(reason),
	    "you are here by ssh from "
	    "%.60s to port %u, and could not come again: [firewall] does not "
	    "name them",
	    host, port);
	cli_complain("firewall", reason,
	    "add them to admin and admin-port, "
	    "or load it with --force");
	return CLI_EXIT_MISSING;
}

static int
load(const char *rules, const struct options *o, const struct cmdline *c)
{
	int r = may_ask();

	if (r == CLI_EXIT_OK && !o->force)
		r = lockout(&c->firewall);
	if (r != CLI_EXIT_OK)
		return r;
	r = firewall_nft_load(rules);
	return r != 0 ? complain_nft(r, "firewall: load") : CLI_EXIT_OK;
}

/* The rules in nft's own form: from here on, this process is in a network
 * namespace where they are loaded. */
static int
normal_form(const char *rules, char **ret)
{
	int r;

	if (unshare(CLONE_NEWNET) < 0) {
		cli_complain("firewall: network namespace", strerror(errno),
		    "run it outside of this container");
		return CLI_EXIT_FAILED;
	}
	r = firewall_nft_load(rules);
	if (r == 0)
		r = firewall_nft_list(ret);
	return r != 0 ? complain_nft(r, "firewall: these rules") : CLI_EXIT_OK;
}

static int
compare(const char *rules, const char *loaded)
{
	char *wanted = NULL;
	int r = normal_form(rules, &wanted), n;

	if (r != CLI_EXIT_OK)
		return r;
	n = firewall_diff(stdout, wanted, loaded);
	free(wanted);
	if (n < 0) {
		cli_complain("firewall", strerror(-n), NULL);
		return CLI_EXIT_FAILED;
	}
	(void)printf(n > 0 ? "%d differences; `immure firewall --load` "
			     "removes them\n"
			   : "loaded, and as the settings have it\n",
	    n);
	return n > 0 ? DIFFERS : CLI_EXIT_OK;
}

static int
diff(const char *rules)
{
	char *loaded = NULL;
	int r = may_ask();

	if (r != CLI_EXIT_OK)
		return r;
	r = firewall_nft_list(&loaded);
	if (r < 0)
		return complain_nft(r, "firewall");
	if (r > 0) {
		(void)puts("not loaded: there is no table inet " FIREWALL_TABLE
			   "; `immure firewall --load` loads it");
		return DIFFERS;
	}
	r = compare(rules, loaded);
	free(loaded);
	return r;
}

/* There is nothing to renew; or a container's root, who may not ask, has loaded
 * nothing either. */
static bool
is_nothing(int loaded)
{
	if (loaded == 0)
		(void)puts("firewall: no rules are loaded, none are renewed");
	else if (loaded == -EPERM && geteuid() == 0)
		(void)puts("firewall: rules may not be asked about here (no "
			   "CAP_NET_ADMIN), none are renewed");
	else
		return false;
	return true;
}

/* Who and where stay as they were loaded: no names are looked up, and nobody is
 * shut out. */
static int
renew_groups(pid_t node)
{
	struct firewall_group g;
	char *rules = NULL;
	size_t len;
	FILE *out = open_memstream(&rules, &len);
	int r = out == NULL ? -ENOMEM : 0;

	if (r == 0) {
		firewall_group(&g, node);
		firewall_print_groups(out, &g);
		r = fclose(out) != 0 ? -ENOMEM : firewall_nft_load(rules);
	}
	free(rules);
	return r != 0 ? complain_nft(r, "firewall: renew") : CLI_EXIT_OK;
}

static bool
has_ended(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* The node that answers; one that has just been started is waited for. */
static pid_t
await(pid_t pid, const char *socket)
{
	const uint64_t until = now_us() + ANSWER_US;
	pid_t node = control_node("firewall", socket);

	while (node == 0 && pid != 0 && !has_ended(pid) && now_us() < until) {
		(void)nanosleep(ANSWER_PAUSE, NULL);
		node = control_node("firewall", socket);
	}
	return node;
}

/* One node's groups take the place of another's in the table. */
static int
complain_other(pid_t node, pid_t wanted)
{
	char reason[128];

	(void)snprintf(reason, sizeof(reason),
	    "the node that answers is process %d, not %d: that one has no "
	    "socket, or another", (int)node, (int)wanted);
	cli_complain("firewall: renew", reason,
	    "name its job socket (--socket FILE); one node has the rules of a "
	    "machine");
	return CLI_EXIT_MISSING;
}

static int
renew(pid_t pid, const char *socket)
{
	pid_t node;
	int r = firewall_loaded();

	if (is_nothing(r))
		return CLI_EXIT_OK;
	r = may_ask();
	if (r != CLI_EXIT_OK)
		return r;
	node = await(pid, socket);
	if (node != 0 && pid != 0 && node != pid)
		return complain_other(node, pid);
	if (node != 0)
		return renew_groups(node);
	cli_complain("firewall: renew", "no node runs that could be asked",
	    "start it, or name its job socket (--socket FILE)");
	return CLI_EXIT_MISSING;
}

static int
serve(const struct options *o, struct cmdline *c)
{
	static struct firewall_source s;
	char *rules = NULL;
	const char *socket = o->socket != NULL ? o->socket : c->socket;
	int r;

	if (o->renew)
		return renew(o->pid, socket);
	r = without_admin(c);
	s.c = c;
	if (r == CLI_EXIT_OK)
		r = look_up_names(&s, c);
	if (r != CLI_EXIT_OK)
		return r;
	s.to_keep = !o->diff && !o->load;
	if (!s.to_keep)
		firewall_group(&s.group, control_node("firewall", socket));
	r = make_rules(&s, &rules);
	if (r == CLI_EXIT_OK && o->diff)
		r = diff(rules);
	else if (r == CLI_EXIT_OK && o->load)
		r = load(rules, o, c);
	else if (r == CLI_EXIT_OK)
		(void)fputs(rules, stdout);
	free(rules);
	return r;
}

int
cmd_firewall(int argc, char *argv[])
{
	static struct cmdline c;
	struct options o = { .config = NULL };
	int r;

	if (parse(&o, argc, argv) < 0)
		return CLI_EXIT_USAGE;
	r = daemon_settings(&c, o.config, argc - o.rest, argv + o.rest);
	if (r == CLI_EXIT_OK)
		r = serve(&o, &c);
	cmdline_free(&c);
	return r;
}
