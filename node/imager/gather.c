/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs into a toolchain's image: its drivers, the programs they start
 * for -c and -S, all their libraries, the locale that their messages are in,
 * the stages of a cell.  No linker, no debugger, no shell, no interpreter
 * other than ELF's.
 */
#include "build.h"
#include "run.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOCALES "/usr/lib/locale"

/* What gcc starts for -c and -S.  lto1, collect2, lto-wrapper and the plug-in
 * belong to linking: `gcc -flto -c` does without. */
static const char *const gcc_tools[] = { "cc1", "cc1plus", "cc1obj",
	"cc1objplus", "as" };

struct gather {
	struct build *b;
	struct built *t;
	struct closure k;
	char tools[1024]; /* COMPILER_PATH */
	char why[PATH_MAX + 64];
};

static int
refuse(struct gather *g, int error)
{
	snprintf(g->t->reason, sizeof(g->t->reason), "%.150s",
	    g->why[0] ? g->why : strerror(-error));
	return error;
}

/* Append @word to a list of fixed strings unless it is there; -E2BIG. */
static int
list_add(char *list, size_t n, size_t cap, const char *word)
{
	if (strlen(word) >= cap)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		char *s = list + i * cap;

		if (s[0] == '\0') {
			snprintf(s, cap, "%s", word);
			return 0;
		}
		if (strcmp(s, word) == 0)
			return 0;
	}
	return -E2BIG;
}

#define LIST_ADD(array, word)                                                  \
	list_add((array)[0], sizeof(array) / sizeof((array)[0]),               \
	    sizeof((array)[0]), (word))

/* Append ":/.immure" and @dir to a search path. */
static int
path_add(char *list, size_t cap, const char *dir)
{
	char part[PATH_MAX + 16];
	size_t len = strlen(list), n;
	const char *at;

	snprintf(part, sizeof(part), "/.immure%s", dir);
	n = strlen(part);
	at = strstr(list, part);
	if (at != NULL && (at[n] == ':' || at[n] == '\0'))
		return 0;
	if (len + n + 2 > cap)
		return -E2BIG;
	snprintf(list + len, cap - len, "%s%s", len ? ":" : "", part);
	return 0;
}

static int
add_program(struct gather *g, const char *path)
{
	char real[PATH_MAX], in[PATH_MAX + 16];
	int r = closure_add(&g->k, &g->t->contents, &g->b->manifest, path,
	    real, g->why, sizeof(g->why));

	if (r < 0)
		return r;
	snprintf(in, sizeof(in), "/.immure%s", real);
	return LIST_ADD(g->t->row->exec, in);
}

/* Where the driver says @tool is: an absolute path, or "" when it has none. */
static int
find_tool(struct gather *g, const struct candidate *driver, const char *tool,
    char ret[PATH_MAX])
{
	char option[64], said[PATH_MAX];
	const char *const args[] = { option, NULL };
	const struct program *p = &g->b->found.p[driver->program];
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = p->path, .args = args, .env = find_host_env(p) };
	struct run_output o;
	const char *where;
	int r;

	ret[0] = '\0';
	snprintf(option, sizeof(option), "-print-prog-name=%s", tool);
	r = run_compiler(g->b->runner, &s, &o, &where);
	if (r < 0)
		return r;
	r = run_succeeded(&o) ? compiler_says_line((char *)o.out, o.out_len,
	    said, sizeof(said)) : -EPROTO;
	run_output_done(&o);
	if (r < 0)
		return r;
	if (said[0] == '/')
		snprintf(ret, PATH_MAX, "%s", said);
	else if (strcmp(said, tool) == 0) /* it would search PATH */
		snprintf(ret, PATH_MAX, "/usr/bin/%s", tool);
	if (ret[0] != '\0' && access(ret, F_OK) < 0)
		ret[0] = '\0';
	return 0;
}

static int
add_tool(struct gather *g, const char *tool)
{
	const struct candidate *driver = g->t->c ? g->t->c : g->t->cxx;
	char path[PATH_MAX], dir[PATH_MAX];
	int r = find_tool(g, driver, tool, path);

	if (r < 0)
		return r;
	if (path[0] == '\0') { /* a language that is not installed */
		if (strcmp(tool, "as") != 0 ||
		    g->t->row->family == FAMILY_CLANG)
			return 0;
		snprintf(g->why, sizeof(g->why), "has no assembler");
		return -ENOENT;
	}
	r = add_program(g, path);
	if (g->t->c != NULL)
		find_origin(&g->b->found.p[g->t->c->program], path);
	if (g->t->cxx != NULL)
		find_origin(&g->b->found.p[g->t->cxx->program], path);
	if (r == 0)
		r = closure_dir(path, dir);
	return r < 0 ? r : path_add(g->tools, sizeof(g->tools), dir);
}

static int
add_programs(struct gather *g)
{
	const struct found *f = &g->b->found;
	int index = (int)(g->t - g->b->t), r = 0;

	for (size_t i = 0; i < f->np && r == 0; i++)
		if (f->p[i].toolchain == index && f->p[i].reason[0] == '\0')
			r = add_program(g, f->p[i].real);
	if (r == 0 && g->t->row->family == FAMILY_CLANG)
		r = add_tool(g, "as"); /* -fno-integrated-as */
	for (size_t i = 0; r == 0 && g->t->row->family == FAMILY_GCC &&
	     i < sizeof(gcc_tools) / sizeof(gcc_tools[0]); i++)
		r = add_tool(g, gcc_tools[i]);
	/* An ELF program is opened for execution with its interpreter, and
	 * Landlock asks for the right on both. */
	if (r == 0 && g->k.interp[0] != '\0') {
		char in[256];

		snprintf(in, sizeof(in), "/.immure%s", g->k.interp);
		r = LIST_ADD(g->t->row->exec, in);
	}
	return r;
}

/* C.UTF-8, for the quotation marks of gcc's messages: glibc before 2.35 has
 * it only as files; musl needs none. */
static int
add_locale(struct gather *g, bool *there)
{
	static const char *const names[] = { "C.utf8", "C.UTF-8" };
	char dir[64], as[80];
	int r = 0;

	*there = false;
	for (size_t i = 0; i < 2 && r == 0; i++) {
		snprintf(dir, sizeof(dir), "%s/%s", LOCALES, names[i]);
		if (access(dir, F_OK) < 0)
			continue;
		snprintf(as, sizeof(as), "x%s", dir);
		*there = true;
		r = contents_tree(&g->t->contents, &g->b->manifest, dir, as);
	}
	return r;
}

/*
 * clang finds its own files from argv[0], which must exist (there is no
 * /proc): so its names are links in the image, and it is called by those.
 */
static int
add_names(struct gather *g)
{
	const struct found *f = &g->b->found;
	char real[PATH_MAX];
	int index = (int)(g->t - g->b->t), r = 0;

	for (size_t i = 0; i < f->n && r == 0; i++) {
		const struct candidate *c = &f->c[i];

		if (c->program < 0 || c->reason[0] != '\0' ||
		    f->p[c->program].toolchain != index)
			continue;
		r = contents_mirror(&g->t->contents, &g->b->manifest,
		    owner_host(), c->path, real, g->why, sizeof(g->why));
	}
	return r;
}

/*
 * But what it takes from there stands in debug information (names of include
 * directories): so it is told, by the variable it has for that, to act as if
 * it lay where the host has it.  "#" = say nothing, "^" = put in front of all
 * other options; the last one comes first.
 */
static int
tell_places(struct gather *g, const char *resources)
{
	const struct candidate *driver = g->t->c ? g->t->c : g->t->cxx;
	const char *slash = strrchr(driver->path, '/');
	char env[512];

	if (strchr(resources, ' ') != NULL || strchr(driver->path, ' ') != NULL)
		return -EINVAL;
	snprintf(env, sizeof(env),
	    "CCC_OVERRIDE_OPTIONS=# ^%.*s ^-ccc-install-dir "
	    "^-resource-dir=%s", (int)(slash - driver->path), driver->path,
	    resources);
	return LIST_ADD(g->t->row->env, env);
}

/* Lists for sanitizers; the headers are for gather_includes(). */
static int
add_share(struct gather *g, const char *resources)
{
	char as[256];

	snprintf(g->t->share, sizeof(g->t->share), "%.150s/share", resources);
	if (access(g->t->share, F_OK) < 0) {
		g->t->share[0] = '\0';
		return 0;
	}
	snprintf(as, sizeof(as), "x%s", g->t->share);
	return contents_tree(&g->t->contents, &g->b->manifest, g->t->share,
	    as);
}

static int
add_resources(struct gather *g)
{
	const struct candidate *driver = g->t->c ? g->t->c : g->t->cxx;
	const struct program *p = &g->b->found.p[driver->program];
	static const char *const args[] = { "-print-resource-dir", NULL };
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = p->path, .args = args, .env = find_host_env(p) };
	char dir[128];
	struct run_output o;
	const char *where;
	int r = run_compiler(g->b->runner, &s, &o, &where);

	if (r < 0)
		return r;
	r = run_succeeded(&o) ? compiler_says_line((char *)o.out, o.out_len,
	    dir, sizeof(dir)) : -EPROTO;
	run_output_done(&o);
	if (r < 0 || dir[0] != '/') {
		snprintf(g->why, sizeof(g->why), "names no resource dir");
		return -EPROTO;
	}
	r = tell_places(g, dir);
	if (r == 0)
		r = add_names(g);
	return r < 0 ? r : add_share(g, dir);
}

static void
add_stages(struct gather *g)
{
	static const char *const stages[] = { "unpack", "launch", "pack",
		"probe" };
	struct contents *c = &g->t->contents;

	contents_dirs(c, "inc");
	contents_dirs(c, "x/.stage");
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		char from[32], path[32];

		snprintf(from, sizeof(from), "stage-%s", stages[i]);
		snprintf(path, sizeof(path), "x/.stage/%s", stages[i]);
		contents_add(c, CONTENT_FILE, path, from, g->b->stages);
	}
}

static int
add_env(struct gather *g, bool locale)
{
	struct toolchain *row = g->t->row;
	char libs[1000] = "", env[1100];
	int r = 0;

	for (size_t i = 0; i < g->k.nlib_dirs && r == 0; i++)
		r = path_add(libs, sizeof(libs), g->k.lib_dirs[i]);
	if (r == 0 && row->family == FAMILY_GCC) {
		snprintf(env, sizeof(env), "COMPILER_PATH=%s", g->tools);
		r = LIST_ADD(row->env, env);
	}
	if (r == 0 && libs[0] != '\0') {
		snprintf(env, sizeof(env), "LD_LIBRARY_PATH=%s", libs);
		r = LIST_ADD(row->env, env);
	}
	if (r == 0 && locale)
		r = LIST_ADD(row->env, "LOCPATH=/.immure" LOCALES);
	if (r == 0)
		r = LIST_ADD(row->env, "LC_ALL=C.UTF-8");
	snprintf(env, sizeof(env), "PATH=%s",
	    g->tools[0] ? g->tools : "/.immure/usr/bin");
	if (r == 0)
		r = LIST_ADD(row->env, env);
	if (r == 0)
		r = LIST_ADD(row->env, "TMPDIR=/tmp/.immure");
	return r;
}

static bool
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* One more directory of the closure; only the outermost are kept. */
static int
add_closure_dir(struct toolchain *row, const char *dir)
{
	size_t out = 0;

	for (size_t i = 0; i < TOOLCHAIN_DIRS_MAX && row->dirs[i][0]; i++)
		if (below(dir, row->dirs[i]))
			return 0;
	for (size_t i = 0; i < TOOLCHAIN_DIRS_MAX && row->dirs[i][0]; i++)
		if (!below(row->dirs[i], dir)) {
			if (out != i)
				memcpy(row->dirs[out], row->dirs[i],
				    sizeof(row->dirs[0]));
			out++;
		}
	for (size_t i = out; i < TOOLCHAIN_DIRS_MAX; i++)
		row->dirs[i][0] = '\0';
	return LIST_ADD(row->dirs, dir);
}

/* security-rules 4: where a client may not put files. */
static int
add_closure_dirs(struct gather *g)
{
	const struct contents *c = &g->t->contents;
	char dir[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < c->n && r == 0; i++) {
		const char *path = c->v[i].path, *slash;

		if (c->v[i].type == CONTENT_DIR || path[0] != 'x' ||
		    below(path, "x/.stage") || below(path, "x/.specs"))
			continue;
		slash = strrchr(path, '/');
		if (slash - path <= 1)
			continue; /* "/lib64" itself: /lib* is refused anyway */
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path - 1),
		    path + 1);
		r = add_closure_dir(g->t->row, dir);
	}
	for (size_t i = 0; i < g->t->nskeleton && r == 0; i++)
		r = add_closure_dir(g->t->row, g->t->skeleton[i]);
	return r;
}

int
gather(struct build *b, struct built *t)
{
	struct gather g = { .b = b, .t = t, .k = { .ld = &b->ld } };
	bool locale = false;
	int r = add_programs(&g);

	if (r == 0 && t->row->family == FAMILY_CLANG)
		r = add_resources(&g);
	if (r == 0)
		r = add_locale(&g, &locale);
	if (r == 0)
		r = add_env(&g, locale);
	if (r == 0)
		r = gather_includes(b, t);
	add_stages(&g);
	if (t->row->family == FAMILY_GCC)
		specs_add(&b->specs, &t->contents);
	if (r == 0)
		r = add_closure_dirs(&g);
	if (r < 0 && g.k.culprit[0] != '\0')
		t->culprit = strdup(g.k.culprit);
	closure_done(&g.k);
	if (r == 0)
		r = t->contents.failed;
	return r < 0 ? refuse(&g, r) : 0;
}
