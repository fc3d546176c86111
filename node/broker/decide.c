/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict on a job, and its plan.  Trusts the table of toolchains (made
 * from root's files) and nothing of the request.
 */
#include "broker.h"
#include "../cell/cell_paths.h"
#include "../cell/plan.h"
#include "../common/fd.h"
#include "../common/memfd.h"
#include "../common/tops.h"
#include "../toolchain/headers.h"
#include "place.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* distcc's own exit codes (wire-protocol §3.1). */
#define EXIT_COMPILER_MISSING 110
#define EXIT_ACCESS_DENIED    113

static void
refuse(struct job *j, uint32_t code, const char *word)
{
	j->reason = word;
	j->refuse_code = code;
}

/* Append " @word" to @out; false when it has no room. */
static bool
list_add(char *out, size_t len, size_t *at, const char *word)
{
	int n = snprintf(out + *at, len - *at, " %s", word);

	if (n < 0 || (size_t)n >= len - *at) {
		out[*at] = '\0';
		return false;
	}
	*at += (size_t)n;
	return true;
}

/* "what is available" for a compiler we do not have. */
static void
list_names(const struct table *t, char *out, size_t len)
{
	size_t at = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < t->nnames; i++)
		if (t->names[i].state == NAME_READY &&
		    !list_add(out, len, &at, t->names[i].name))
			break;
}

/* … and for a target, each once. */
static void
list_targets(const struct table *t, char *out, size_t len)
{
	size_t at = 0;
	uint32_t k;

	out[0] = '\0';
	for (uint32_t i = 0; i < t->ntoolchains; i++) {
		if (!table_is_usable(t, i))
			continue;
		for (k = 0; k < i; k++)
			if (table_is_usable(t, k) && strcmp(t->toolchains[k]
			        .machine, t->toolchains[i].machine) == 0)
				break;
		if (k == i && !list_add(out, len, &at,
		        t->toolchains[i].machine))
			break;
	}
}

/* The name as it was asked for, and what it stands for here. */
static void
asked(const struct job *j, const struct chosen *c, char out[256])
{
	if (c->alias == NULL)
		snprintf(out, 256, "%.100s", j->request.argv[0]);
	else
		snprintf(out, 256, "%.100s (here an alias of %s)",
		    j->request.argv[0], c->alias->target);
}

static void
refuse_target(struct job *j, const struct table *t, const struct chosen *c)
{
	char available[400], name[256];

	list_targets(t, available, sizeof(available));
	asked(j, c, name);
	snprintf(j->text, sizeof(j->text),
	    "immured: refused: toolchain.target: %s: no compiler of this node "
	    "compiles for %s\n"
	    "immured: targets here:%s; install that cross compiler on the "
	    "node, or, if one of these is meant, write an [alias] for it "
	    "(immured.conf(5))\n",
	    name, c->target[0] ? c->target : "that target", available);
}

static void
refuse_path(struct job *j)
{
	snprintf(j->text, sizeof(j->text),
	    "immured: refused: toolchain.path: %.200s: a path selects a "
	    "compiler of this node only when it lies in /usr/bin, /bin or "
	    "that compiler's own directory; call the compiler by its name "
	    "alone\n", j->request.argv[0]);
}

/* The first line is distcc's own, which people and scripts look for. */
static void
refuse_name(struct job *j, const struct table *t, const struct chosen *c)
{
	char available[480], name[256];

	list_names(t, available, sizeof(available));
	asked(j, c, name);
	snprintf(j->text, sizeof(j->text),
	    "immured: (dcc_execvp) ERROR: failed to exec %s: %s\n"
	    "immured: refused: %s: install it on the node, or ask for one "
	    "that is available here:%s\n",
	    name, c->name == NULL ? "No such file or directory" :
	    c->name->reason, j->reason, available);
}

static void
refuse_toolchain(struct job *j, const struct table *t, enum choice why,
    const struct chosen *c)
{
	refuse(j, EXIT_COMPILER_MISSING, choice_word(why));
	if (why == CHOICE_TARGET)
		refuse_target(j, t, c);
	else if (why == CHOICE_PATH)
		refuse_path(j);
	else
		refuse_name(j, t, c);
}

/* Pump mode without the headers that the client has left out. */
static void
refuse_headers(struct job *j, const char *target)
{
	refuse(j, EXIT_ACCESS_DENIED, "toolchain.headers");
	snprintf(j->text, sizeof(j->text),
	    "immured: refused: toolchain.headers: this node has no system "
	    "headers for %.100s%s%.64s; use plain mode\n",
	    j->request.argv[0], target != NULL ? " and target " : "",
	    target != NULL ? target : "");
}

static void
refuse_place(struct job *j, const char *word, const char *path)
{
	refuse(j, EXIT_ACCESS_DENIED, word);
	snprintf(j->text, sizeof(j->text),
	    "immured: refused: %s: a file of yours cannot lie at %.300s on "
	    "this node; build below /home, /tmp, /build, /work or another "
	    "common directory\n",
	    word, path);
}

static bool
place(struct job *j, const struct toolchain *t, const char *path)
{
	const char *word = place_check(t, path);

	if (word != NULL) {
		refuse_place(j, word, path);
		return false;
	}
	j->tops |= tops_bit(path);
	return true;
}

/*
 * A cell's root is read-only, so a client that works in "/" itself (lsdistcc's
 * probe does: wire-protocol §1.11) finds its directory at CELL_WORK: names are
 * relative to it, and only -g could tell (docs/threat-model.md, departures).
 */
static const char *
cell_cwd(const struct job *j)
{
	if (j->proto != 3 || strcmp(j->request.cdir, "/") == 0)
		return CELL_WORK;
	return j->request.cdir;
}

static const char *
cell_name(const struct job *j, const char *name, char buf[4096])
{
	if (strcmp(j->request.cdir, "/") != 0 || strchr(name + 1, '/') != NULL)
		return name;
	snprintf(buf, 4096, "%s%s", CELL_WORK, name);
	return buf;
}

/* The directory of a "…/forcing_technique_271828" (wire-protocol §1.3). */
static void
plan_forced(struct plan_writer *w, const char *name)
{
	char dir[4096];
	const char *slash = strrchr(name, '/');

	if (slash == NULL || slash == name ||
	    (size_t)(slash - name) >= sizeof(dir))
		return;
	memcpy(dir, name, (size_t)(slash - name));
	dir[slash - name] = '\0';
	plan_dir(w, dir);
}

static bool
plan_one(struct job *j, struct plan_writer *w, const struct toolchain *t,
    const struct request_file *f)
{
	char buf[4096];
	const char *name = cell_name(j, f->name, buf);

	if (f->kind == FILE_SYSTEM)
		return true; /* "use mine": what there is of it is mounted */
	if (f->kind == FILE_FORCE && place_check(t, name) != NULL &&
	    strcmp(place_check(t, name), "place.include") == 0)
		return true; /* exists here, or not, as the node has it */
	if (!place(j, t, name))
		return false;
	if (f->kind != FILE_FORCE && place_is_above(t, name)) {
		refuse_place(j, "place.toolchain", name);
		return false;
	}
	if (f->kind == FILE_BODY)
		plan_file(w, name, f->body_off, f->body_len);
	else if (f->kind == FILE_LINK)
		plan_link(w, name, f->target);
	else
		plan_forced(w, name);
	return true;
}

/* Fills the items of a pump plan; false: refused. */
static bool
plan_pump(struct job *j, struct plan_writer *w, const struct toolchain *t)
{
	if (!place(j, t, cell_cwd(j)))
		return false;
	plan_dir(w, cell_cwd(j));
	for (size_t i = 0; i < j->request.nfiles; i++)
		if (!plan_one(j, w, t, &j->request.files[i]))
			return false;
	return true;
}

static void
plan_plain(struct job *j, struct plan_writer *w)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", CELL_WORK, j->decision.input);
	plan_file(w, path, 0, j->request.source_len);
}

static int
save_plan(struct job *j, const struct plan_writer *w)
{
	cleanup_fd int fd = memfd_new("plan");
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, w->buf, w->len);
	if (r == 0)
		r = memfd_seal(fd);
	if (r < 0)
		return r;
	(void)fd_close(j->plan_fd);
	j->plan_fd = fd_take(&fd);
	j->plan_len = w->len;
	return 0;
}

/* The compiler's environment: the toolchain's, and our notes for the client,
 * which the launcher prints and takes out (launch.c). */
static void
environment(const struct job *j, const struct toolchain *t,
    const char *env[TOOLCHAIN_ENV_MAX + 2], char *note, size_t len)
{
	int n = 0;

	for (int i = 0; i < TOOLCHAIN_ENV_MAX && t->env[i][0] != '\0'; i++)
		env[n++] = t->env[i];
	if (j->decision.notes[0] != '\0') {
		snprintf(note, len, "IMMURE_NOTE=%s", j->decision.notes);
		env[n++] = note;
	}
	env[n] = NULL;
}

static int
make_plan(struct job *j, const struct toolchain *t, const char *program)
{
	const char *env[TOOLCHAIN_ENV_MAX + 2];
	char note[sizeof(j->decision.notes) + 16];
	struct plan_writer w;
	int r = 0;

	j->tops = j->proto == 3 ? tops_default : 0;
	environment(j, t, env, note, sizeof(note));
	plan_begin(&w);
	plan_exec(&w, program, cell_cwd(j), j->decision.argv, env);
	if (j->proto != 3)
		plan_plain(j, &w);
	if (j->proto != 3 || plan_pump(j, &w, t)) {
		r = plan_finish(&w);
		if (r == 0)
			r = save_plan(j, &w);
	}
	plan_writer_done(&w);
	return r;
}

static int
ask_options(struct job *j, const struct table *t,
    const struct toolchain_name *n)
{
	const struct options_request req = { .proto = j->proto,
		.argc = j->request.argc, .argv = j->request.argv,
		.family = (enum toolchain_family)
		    t->toolchains[n->toolchain].family,
		.specs = t->specs, .nspecs = t->nspecs,
		.argv0 = n->argv0, .extra = n->extra };
	int r;

	if (j->decided)
		options_done(&j->decision);
	j->decided = false;
	r = options_decide(&j->decision, &req);
	if (r < 0)
		return r;
	j->decided = true;
	if (j->decision.reason != NULL) {
		refuse(j, EXIT_ACCESS_DENIED, j->decision.reason);
		snprintf(j->text, sizeof(j->text), "immured: refused: %s: %s\n",
		    j->decision.reason, j->decision.text);
	}
	return 0;
}

int
decide(struct broker *b, struct job *j)
{
	const struct table *t = &b->image.table;
	const struct toolchain *tc;
	struct chosen c;
	char target[64];
	enum choice why;
	int r;

	j->reason = NULL;
	j->ran[0] = '\0';
	j->generation = b->image.generation;
	why = choose(t, &b->aliases, &j->peer, j->request.argv[0], &c);
	if (why != CHOICE_READY) {
		refuse_toolchain(j, t, why, &c);
		return 0;
	}
	tc = &t->toolchains[c.name->toolchain];
	j->toolchain = c.name->toolchain;
	snprintf(j->ran, sizeof(j->ran), "%s", c.name->name);
	memcpy(j->toolchain_digest, tc->digest, sizeof(j->toolchain_digest));
	if (j->proto == 3 && (tc->flags & TOOLCHAIN_HEADERS) == 0) {
		refuse_headers(j, NULL);
		return 0;
	}
	r = ask_options(j, t, c.name);
	if (r < 0 || j->reason != NULL)
		return r;
	if (j->proto == 3 && !headers_fit(t, &c, j->decision.argv, target)) {
		refuse_headers(j, target);
		return 0;
	}
	return make_plan(j, tc, c.name->program);
}
