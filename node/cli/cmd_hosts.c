/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure hosts: of the nodes that are named, those whose copy of a compiler is
 * the same, byte for byte, as this machine's: the digests are equal, so the
 * objects will be.  What a node says of itself is believed: whoever can answer
 * for a node can send wrong objects anyway (docs/threat-model.md).
 */
#include "ask_node.h"
#include "cli.h"
#include "host_list.h"
#include "run_program.h"
#include "seconds.h"

#include <errno.h>
#include <getopt.h>
#include <node/auditor/escape.h>
#include <node/common/clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHAT_THEY_TAKE \
	"--timeout takes seconds, --digest all 64 digits, as " \
	"`immure toolchains --json` prints them"

#define OWN_LIST_MAX   (16U << 20)
#define OWN_LIST_MS    600000U
#define DIGEST_SHOWN   12

struct wanted {
	const char *compiler; /* NULL: cc, or gcc where there is no cc */
	const char *name;     /* what it is called on nodes */
	unsigned timeout_s;
	struct node_toolchain here;
};

const char hosts_options[] =
    "HOST is an entry as in DISTCC_HOSTS; without any, those of the client's\n"
    "own list are asked.\n"
    "  --compiler NAME    compare this one (cc, else gcc)\n"
    "  --digest HEX       compare with this digest of a toolchain, not with\n"
    "                     this machine's\n"
    "  --timeout SECONDS  wait so long for a node (10)\n";

/* This machine's table, as `immure toolchains --json` prints it. */
static int
own_list(struct ran *ret)
{
	static const char *const argv[] = { "/proc/self/exe", "toolchains",
		"--json", NULL };
	const struct run r = { .argv = argv, .err = RUN_STDERR_NONE,
		.timeout_ms = OWN_LIST_MS, .max = OWN_LIST_MAX };
	int e = run_program(&r, ret);

	if (e == 0 && ret->len == 0) {
		free(ret->out);
		e = -ENOENT;
	}
	if (e < 0)
		cli_complain("hosts",
		    "this machine's toolchains could not be listed",
		    "see immure toolchains, or name a digest: --digest");
	return e;
}

static int
own_digest(struct wanted *w)
{
	const char *names[] = { w->name, "gcc" };
	size_t n = w->compiler != NULL ? 1 : 2;
	struct ran list;
	int r;

	if (own_list(&list) < 0)
		return CLI_EXIT_FAILED;
	r = -ENOENT;
	for (size_t i = 0; i < n && r == -ENOENT; i++) {
		w->name = names[i];
		r = own_toolchain_find(list.out, list.len, names[i], &w->here);
	}
	free(list.out);
	if (r == 0)
		return CLI_EXIT_OK;
	cli_complain(w->name, "this machine has no such compiler that a node "
	    "could offer", "see immure toolchains");
	return CLI_EXIT_FAILED;
}

/* Say why @word is not in the line. */
static void
leave_out(const char *word, const char *why)
{
	char shown[ESCAPE_ROOM(HOST_NAME_MAX_BYTES)];

	(void)escape(shown, sizeof(shown), word, strlen(word), ESCAPE_TEXT);
	(void)fprintf(stderr, "immure: %s: left out: %s\n", shown, why);
}

static bool
same_version(const struct node_toolchain *a, const struct node_toolchain *b)
{
	return strcmp(a->version, b->version) == 0 &&
	    strcmp(a->target, b->target) == 0;
}

/* Does @n have what is wanted?  *jobs how many jobs it takes at once. */
static bool
is_equal(const struct wanted *w, const struct node_toolchains *n,
    struct node_toolchain *there, char *why, size_t room)
{
	if (!node_toolchains_find(n, w->name, there)) {
		(void)snprintf(why, room, "it has no compiler %.100s", w->name);
		return false;
	}
	if (strcmp(there->digest, w->here.digest) == 0)
		return true;
	(void)snprintf(why, room,
	    "another toolchain%s: %.100s there is %s %s %.*s, here %s %s %.*s",
	    same_version(there, &w->here) ? " of the same version (another "
	    "build of it, or libraries, or a compiler beside it)" : "",
	    w->name, there->version, there->target, DIGEST_SHOWN,
	    there->digest, w->here.version, w->here.target, DIGEST_SHOWN,
	    w->here.digest);
	return false;
}

/* Its answer; false and *why when there is none. */
static bool
ask(struct node_toolchains *ret, const struct host_spec *h, unsigned timeout_s,
    char *why, size_t room)
{
	uint64_t deadline_us = now_us() + timeout_s * 1000000ULL;
	struct lookup found = { .n = 1 };
	struct node node = { h, &found, 0 };
	enum talk_end end;
	char text[160];
	int r = -ENOENT;

	if (h->kind == HOST_TCP &&
	    lookup(&found, h->name, h->port, deadline_us) < 0) {
		(void)snprintf(why, room, "%s", found.error);
		return false;
	}
	for (; node.address < found.n && r != 0 && r != -ENOMSG;
	     node.address++)
		r = ask_toolchains(ret, &node, deadline_us, &end, text,
		    sizeof(text));
	if (r == -ENOMSG)
		(void)snprintf(why, room,
		    "no immured that tells its toolchains: %s", text);
	else if (r < 0)
		(void)snprintf(why, room, "%s", strerror(-r));
	return r == 0;
}

static void
print(const struct host_spec *given, const struct node_toolchain *there,
    unsigned jobs, bool first)
{
	struct host_spec h = *given;
	char text[HOST_SPEC_ROOM];

	h.lzo = true;
	h.cpp = h.cpp && there->pump;
	if (h.limit > 0 && h.limit < jobs)
		jobs = h.limit;
	(void)host_spec_write(&h, jobs, text);
	(void)printf("%s%s", first ? "" : " ", text);
}

/* True when it is in the line now. */
static bool
consider(const struct wanted *w, const char *word, bool first)
{
	struct node_toolchain there;
	struct node_toolchains n;
	struct host_spec h;
	char why[512] = "";
	const char *wrong = host_spec_parse(&h, word, strlen(word));
	bool equal;

	if (wrong == NULL && h.kind == HOST_LOCAL)
		wrong = "it is this machine, where nothing is sent";
	if (wrong != NULL || !ask(&n, &h, w->timeout_s, why, sizeof(why))) {
		leave_out(word, wrong != NULL ? wrong : why);
		return false;
	}
	equal = is_equal(w, &n, &there, why, sizeof(why));
	if (equal)
		print(&h, &there, n.jobs, first);
	else
		leave_out(word, why);
	node_toolchains_done(&n);
	return equal;
}

static int
print_line(const struct wanted *w, const struct host_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += consider(w, l->words[i], n == 0);
	if (n == 0)
		return CLI_EXIT_MISSING;
	(void)putchar('\n');
	return CLI_EXIT_OK;
}

static bool
set_digest(struct wanted *w, const char *hex)
{
	if (strlen(hex) != DIGEST_HEX ||
	    strspn(hex, "0123456789abcdef") != DIGEST_HEX)
		return false;
	memcpy(w->here.digest, hex, DIGEST_HEX + 1);
	(void)snprintf(w->here.version, sizeof(w->here.version), "the digest");
	return true;
}

/* CLI_EXIT_OK, or the exit status. */
static int
parse(struct wanted *w, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "compiler", required_argument, NULL, 'c' },
		{ "digest", required_argument, NULL, 'd' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (o == 'c')
			w->compiler = optarg;
		else if (o == 't' && (w->timeout_s = seconds(optarg)) > 0)
			continue;
		else if (o != 'd' || !set_digest(w, optarg)) {
			cli_complain_option(o, argv[optind - 1],
			    WHAT_THEY_TAKE, "try immure hosts --help");
			return CLI_EXIT_USAGE;
		}
	}
	return CLI_EXIT_OK;
}

int
cmd_hosts(int argc, char *argv[])
{
	struct wanted w = { .timeout_s = 10 };
	struct host_list l;
	const char *slash;
	int r = parse(&w, argc, argv);

	if (r != CLI_EXIT_OK)
		return r;
	w.name = w.compiler != NULL ? w.compiler : "cc";
	slash = strrchr(w.name, '/');
	w.name = slash != NULL ? slash + 1 : w.name;
	r = host_list_get(&l, argc - optind, argv + optind);
	if (r < 0 || l.n == 0) {
		cli_complain(l.source[0] != '\0' ? l.source : "hosts",
		    r < 0 && r != -ENOENT ? strerror(-r) : "no hosts are named",
		    "name them as in DISTCC_HOSTS, or set DISTCC_HOSTS");
		r = CLI_EXIT_FAILED;
	} else {
		r = w.here.digest[0] != '\0' ? CLI_EXIT_OK : own_digest(&w);
		if (r == CLI_EXIT_OK)
			r = print_line(&w, &l);
	}
	host_list_done(&l);
	return r;
}
