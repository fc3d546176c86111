/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host: can it be reached, what is it, does each mode work, which of this
 * machine's compilers answer.  Whatever it does, it gets a bounded time: one
 * deadline for each answer, and one for all of them together.
 */
#include "probe.h"
#include "wait_until.h"

#include <errno.h>
#include <netdb.h>
#include <node/common/clock.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

/* A host may take so many times the time of one answer in all. */
#define TIMES 6
/* An unwelcome connection is closed when it is accepted; distccd's, on which
 * nothing is sent, after a second (tcp(7), TCP_DEFER_ACCEPT). */
#define TURN_AWAY_US 2500000U

const char *const mode_names[MODE_COUNT] = { "plain", "lzo", "pump" };

struct visit {
	const struct probe *p;
	struct host_result *r;
	struct lookup found;
	struct node node;
	uint64_t end_us;
	enum talk_end query_end;
	bool lost; /* no use to go on */
};

static uint64_t
deadline(const struct visit *v)
{
	uint64_t d = now_us() + v->p->timeout_s * 1000000ULL;

	return d < v->end_us ? d : v->end_us;
}

static void __attribute__((format(printf, 2, 3)))
verdict(struct host_result *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->verdict, sizeof(r->verdict), fmt, ap);
	va_end(ap);
}

/* -- reaching it -- */

static bool
try_address(struct visit *v, unsigned i)
{
	struct address_result *a = &v->r->addresses[i];
	uint64_t start = now_us();
	struct dialed d;
	int e;

	lookup_text(&v->found, i, a->text);
	e = dial_tcp(&d, &v->found, i, deadline(v));
	a->us = now_us() - start;
	if (e == 0)
		dial_close(&d);
	else
		(void)snprintf(a->why, sizeof(a->why), "%s",
		    e == -ETIMEDOUT ? "nobody answers" : strerror(-e));
	return e == 0;
}

/* Try all addresses; the first that answers is spoken with. */
static bool
reach(struct visit *v)
{
	struct host_result *r = v->r;
	int good = -1;

	if (lookup(&v->found, r->spec.name, r->spec.port, deadline(v)) < 0) {
		verdict(r, "the name is not known: %s", v->found.error);
		return false;
	}
	r->naddresses = v->found.n;
	for (unsigned i = 0; i < v->found.n; i++)
		if (try_address(v, i) && good < 0)
			good = (int)i;
	if (good < 0) {
		verdict(r, "no connection: %s: is a daemon running there, on "
		    "this port, and does a firewall let you through?",
		    r->addresses[0].why);
		return false;
	}
	if (good > 0)
		note_add(&r->notes, NOTE_WARNS, "host.address",
		    "%s: %s; the client tries it first, each time",
		    r->addresses[0].text, r->addresses[0].why);
	v->node.address = (unsigned)good;
	return true;
}

/* -- is one welcome? -- */

/* Which of this machine's addresses it is spoken with from. */
static void
own_address(int fd, char *text, size_t room)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (void *)&ss, &len) < 0 ||
	    getnameinfo((const void *)&ss, len, text, (socklen_t)room, NULL, 0,
		NI_NUMERICHOST) != 0)
		(void)snprintf(text, room, "?");
}

/*
 * Whoever is not in the access list gets a close before anything of a request
 * is read, from immured as from distccd, whatever the job: only then is a
 * connection on which nothing is sent closed so soon.
 */
static bool
turned_away(struct visit *v)
{
	uint64_t end = now_us() + TURN_AWAY_US +
	    v->r->addresses[v->node.address].us;
	char own[NI_MAXHOST], byte;
	struct dialed d;
	bool closed;

	if (v->r->spec.kind == HOST_SSH ||
	    dial_tcp(&d, &v->found, v->node.address, deadline(v)) < 0)
		return false;
	closed = wait_until(d.fd, POLLIN, end) > 0 &&
	    recv(d.fd, &byte, 1, MSG_DONTWAIT) <= 0;
	own_address(d.fd, own, sizeof(own));
	dial_close(&d);
	if (closed)
		verdict(v->r, "it closes every connection before anything is "
		    "sent: it may not allow your address, %s (--allow there; "
		    "access.denied in its log), or have too many connections "
		    "from it", own);
	return closed;
}

/* -- what it is -- */

/* Does it tell its toolchains?  Then it is immured. */
static bool
identify(struct visit *v)
{
	struct host_result *r = v->r;
	struct node_toolchains n;
	char why[PROBE_TEXT];
	int e;

	v->query_end = TALK_BROKEN;
	e = ask_toolchains(&n, &v->node, deadline(v), &v->query_end, why,
	    sizeof(why));
	if (e == 0) {
		r->immured = true;
		r->jobs = n.jobs;
		(void)snprintf(r->version, sizeof(r->version), "%s",
		    n.version);
		(void)snprintf(r->daemon, sizeof(r->daemon),
		    "immured %s, %u jobs at once", n.version, n.jobs);
		node_toolchains_done(&n);
		return true;
	}
	/* distccd closes, or does not find such a compiler. */
	if (e == -ENOMSG &&
	    (v->query_end == TALK_CLOSED || v->query_end == TALK_REPLY))
		return true;
	verdict(r, "%s", e == -ENOMSG ? why : strerror(-e));
	return false;
}

/* -- jobs -- */

static void
job(struct visit *v, struct try_result *t, const struct compiler *c,
    enum probe_mode mode)
{
	if (v->lost || now_us() >= v->end_us)
		return;
	probe_job(t, &v->node, c, NULL, (unsigned)mode + 1, deadline(v));
	v->lost = t->unreachable;
}

static void
add_compiler(struct host_result *r, const struct compiler *c,
    const struct try_result *t)
{
	r->compilers[r->ncompilers].compiler = c;
	r->compilers[r->ncompilers++].result = *t;
}

/* The first of our compilers that it has; plain mode is tried with it. */
static const struct compiler *
plain(struct visit *v)
{
	struct host_result *r = v->r;
	struct try_result t;

	for (unsigned i = 0; i < v->p->ncompilers && !v->lost; i++) {
		const struct compiler *c = &v->p->compilers[i];

		memset(&t, 0, sizeof(t));
		job(v, &t, c, MODE_PLAIN);
		if (t.state == TRY_NOT)
			break;
		add_compiler(r, c, &t);
		if (i == 0 || t.state == TRY_OK) {
			r->modes[MODE_PLAIN].first = t;
			r->modes[MODE_PLAIN].compiler = c->name;
		}
		if (t.state == TRY_OK)
			return c;
		if (i == 0 && t.end == TALK_CLOSED &&
		    v->query_end == TALK_CLOSED && turned_away(v))
			break;
	}
	return NULL;
}

static void
modes(struct visit *v, const struct compiler *c)
{
	struct host_result *r = v->r;

	job(v, &r->modes[MODE_PLAIN].second, c, MODE_PLAIN);
	for (enum probe_mode m = MODE_LZO; m < MODE_COUNT; m++) {
		r->modes[m].compiler = c->name;
		job(v, &r->modes[m].first, c, m);
		if (r->modes[m].first.state == TRY_OK)
			job(v, &r->modes[m].second, c, m);
	}
}

static void
other_compilers(struct visit *v)
{
	struct host_result *r = v->r;
	enum probe_mode m =
	    r->modes[MODE_LZO].first.state == TRY_OK ? MODE_LZO : MODE_PLAIN;

	for (unsigned i = r->ncompilers; i < v->p->ncompilers; i++) {
		struct try_result t = { .state = TRY_NOT };

		job(v, &t, &v->p->compilers[i], m);
		if (t.state == TRY_NOT)
			return;
		add_compiler(r, &v->p->compilers[i], &t);
	}
}

/*
 * No version of distcc tells itself on the wire.  But up to 3.4 it closes when
 * it gets -flto, which newer ones distribute (wire-protocol §0).
 */
static void
name_distccd(struct visit *v, const struct compiler *c)
{
	struct try_result t = { .state = TRY_NOT };
	const char *which = "";

	if (v->r->immured)
		return;
	if (!v->lost && now_us() < v->end_us) {
		probe_job(&t, &v->node, c, "-flto", 1, deadline(v));
		if (t.end == TALK_CLOSED)
			which = ", 3.4 or older";
		else if (t.end == TALK_REPLY)
			which = ", newer than 3.4";
	}
	(void)snprintf(v->r->daemon, sizeof(v->r->daemon),
	    "distccd%s, or what works like it", which);
}

/* -- verdict -- */

/* Is it another machine's code than the compiler makes here? */
static bool
wrong_machine(const struct compiler_result *c)
{
	return c->compiler->here && c->result.state == TRY_OK &&
	    !object_same_machine(&c->compiler->object, &c->result.object);
}

static const char *
wrong_target(const struct host_result *r)
{
	for (unsigned i = 0; i < r->ncompilers; i++)
		if (wrong_machine(&r->compilers[i]))
			return r->compilers[i].compiler->name;
	return NULL;
}

static enum probe_mode
asked_mode(const struct host_spec *h)
{
	return h->cpp ? MODE_PUMP : h->lzo ? MODE_LZO : MODE_PLAIN;
}

static void
conclude_ok(struct host_result *r)
{
	struct host_spec h = r->spec;
	char entry[HOST_SPEC_ROOM];
	unsigned limit = r->jobs;

	h.lzo = r->modes[MODE_LZO].first.state == TRY_OK;
	h.cpp = h.lzo && h.cpp && r->modes[MODE_PUMP].first.state == TRY_OK;
	if (limit == 0 || (h.limit > 0 && h.limit < limit))
		limit = h.limit;
	(void)host_spec_write(&h, limit, entry);
	verdict(r, "DISTCC_HOSTS entry %s", entry);
	r->usable = true;
}

static void
conclude(struct host_result *r)
{
	enum probe_mode asked = asked_mode(&r->spec);
	const char *wrong = wrong_target(r);

	if (r->modes[MODE_PLAIN].first.state != TRY_OK)
		verdict(r, "no job is done: %s: %s",
		    r->modes[MODE_PLAIN].compiler != NULL ?
			r->modes[MODE_PLAIN].compiler : "plain",
		    r->modes[MODE_PLAIN].first.state == TRY_NOT ?
			"there was no time to try" :
			r->modes[MODE_PLAIN].first.why);
	else if (wrong != NULL)
		verdict(r, "%s there is for another machine than here: its "
		    "objects would not link", wrong);
	else if (r->modes[asked].first.state == TRY_FAILED)
		verdict(r, "the entry asks for %s, and that fails: %s",
		    mode_names[asked], r->modes[asked].first.why);
	else if (r->shunned[0] != '\0')
		verdict(r, "it works, but %s", r->shunned);
	else
		conclude_ok(r);
}

static void
visit(struct visit *v)
{
	struct host_result *r = v->r;
	const struct compiler *c;

	if (r->spec.kind == HOST_SSH)
		note_add(&r->notes, NOTE_TELLS, "host.ssh",
		    "spoken with through ssh: %s --inetd, run there",
		    r->spec.command[0] != '\0' ? r->spec.command : "distccd");
	else if (!reach(v))
		return;
	if (!identify(v))
		return;
	c = plain(v);
	if (c != NULL) {
		modes(v, c);
		other_compilers(v);
		name_distccd(v, c);
	}
	if (r->verdict[0] == '\0')
		conclude(r);
}

void
probe_host(struct host_result *r, const struct probe *p, const char *word)
{
	struct visit v = { .p = p, .r = r,
		.end_us = now_us() + TIMES * p->timeout_s * 1000000ULL };

	memset(r, 0, sizeof(*r));
	r->word = word;
	r->wrong = host_spec_parse(&r->spec, word, strlen(word));
	if (r->wrong != NULL) {
		verdict(r, "%s", r->wrong);
		return;
	}
	if (r->spec.kind == HOST_LOCAL) {
		r->usable = true;
		verdict(r, "localhost means: compile here; nothing is sent");
		return;
	}
	v.node = (struct node){ &r->spec, &v.found, 0 };
	if (client_shuns(&r->spec, r->shunned, sizeof(r->shunned)))
		note_add(&r->notes, NOTE_STOPS, "host.shunned", "%s",
		    r->shunned);
	if (r->spec.down)
		note_add(&r->notes, NOTE_STOPS, "host.down",
		    "the entry says ,down: the client does not use it");
	visit(&v);
}
