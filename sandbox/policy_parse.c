/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the policy language of filter.h.  A policy is the project's own text,
 * so errors are for its author: file, line, what is wrong and what would be
 * right.  Must never accept a line it does not fully understand.
 */
#include "policy.h"
#include "kernel_abi.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 96

/* Where the reader is in one text. */
struct place {
	struct policy *p;
	const char *path;
	unsigned file, line, depth;
	bool reason; /* a comment stands above, no empty line between */
};

/* A line cut into words, in place. */
struct words {
	char text[POLICY_LINE];
	char *word[WORDS_MAX];
	size_t n;
};

static int read_text(struct policy *p, const char *text, const char *path,
    unsigned depth);

static int __attribute__((format(printf, 2, 3)))
wrong(const struct place *at, const char *fmt, ...)
{
	char reason[POLICY_ERROR];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	/* a long path may cut the reason; the buffer is for people */
	if (snprintf(at->p->error, sizeof(at->p->error), "%s:%u: %s", at->path,
		at->line, reason) < 0)
		at->p->error[0] = '?';
	return -1;
}

int
policy_call(const char *name, uint32_t arch)
{
#define NUMBER(call, nr, since)            \
	if (strcmp(name, #call) == 0)      \
		return nr;
	KERNEL_ABI_CALLS(NUMBER)
#undef NUMBER
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	if (nr == __NR_SCMP_ERROR)
		return -2;
	return nr < 0 ? -1 : nr; /* below zero: of another architecture */
}

/* The highest number that libseccomp or kernel_abi.h has for @arch. */
static int
highest_call(uint32_t arch)
{
	int highest = 0;
	char *name;

#define HIGHER(call, nr, since)            \
	if (nr > highest)                  \
		highest = nr;
	KERNEL_ABI_CALLS(HIGHER)
#undef HIGHER
	for (int nr = highest + 1; nr < highest + 256; nr++) {
		name = seccomp_syscall_resolve_num_arch(arch, nr);
		if (name != NULL)
			highest = nr;
		free(name);
	}
	return highest;
}

int
policy_init(struct policy *p, const char *arch)
{
	*p = (struct policy){ .fetch = NULL };
	p->arch = arch == NULL ? seccomp_arch_native() :
	    seccomp_arch_resolve_name(arch);
	if (p->arch == 0) {
		snprintf(p->error, sizeof(p->error),
		    "unknown architecture \"%s\" (try x86_64, aarch64)", arch);
		return -1;
	}
	p->rules = calloc(POLICY_RULES, sizeof(*p->rules));
	if (p->rules == NULL) {
		snprintf(p->error, sizeof(p->error), "out of memory");
		return -1;
	}
	p->highest = highest_call(p->arch);
	return 0;
}

void
policy_done(struct policy *p)
{
	free(p->rules);
	p->rules = NULL;
}

/* One number or name. */
static bool
number(const char *word, size_t len, uint64_t *ret)
{
	char name[64], *end;

	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, word, len);
	name[len] = '\0';
	if (policy_constant(name, ret))
		return true;
	if (name[0] < '0' || name[0] > '9')
		return false;
	*ret = strtoull(name, &end, 0);
	return *end == '\0';
}

/* NAME|NAME|0x10 */
static int
value(const struct place *at, const char *word, uint64_t *ret)
{
	uint64_t one;
	size_t len;

	*ret = 0;
	for (;;) {
		len = strcspn(word, "|");
		if (!number(word, len, &one))
			return wrong(at, "\"%.*s\" is no number and no "
			    "constant of policy_names.c", (int)len, word);
		*ret |= one;
		if (word[len] == '\0')
			return 0;
		word += len + 1;
	}
}

/* "argN [& MASK] ==|!= VALUE" from word @i on; moves @i behind it. */
static int
condition(const struct place *at, const struct words *w, size_t *i,
    struct policy_cond *c)
{
	const char *arg = w->word[*i];

	*c = (struct policy_cond){ .mask = UINT64_MAX };
	if (strncmp(arg, "arg", 3) != 0 || arg[3] < '0' || arg[3] > '5' ||
	    arg[4] != '\0')
		return wrong(at, "\"%s\" stands where arg0 to arg5 should",
		    arg);
	c->arg = (unsigned)(arg[3] - '0');
	(*i)++;
	if (*i + 1 < w->n && strcmp(w->word[*i], "&") == 0) {
		if (value(at, w->word[*i + 1], &c->mask) != 0)
			return -1;
		*i += 2;
	}
	if (*i + 1 >= w->n)
		return wrong(at, "%s is compared with nothing", arg);
	c->differs = strcmp(w->word[*i], "!=") == 0;
	if (!c->differs && strcmp(w->word[*i], "==") != 0)
		return wrong(at, "\"%s\" stands where == or != should",
		    w->word[*i]);
	if (value(at, w->word[*i + 1], &c->value) != 0)
		return -1;
	*i += 2;
	if ((c->value & ~c->mask) != 0)
		return wrong(at, "never true: the value has bits outside the "
		    "mask");
	if (c->differs && c->mask == UINT64_MAX)
		return wrong(at, "!= needs a mask: the kernel ignores the "
		    "upper half of an int, a bit set there would pass; write "
		    "%s & 0xffffffff != ...", arg);
	return 0;
}

/* Conditions from word @i to the end, joined by &&. */
static int
conditions(const struct place *at, const struct words *w, size_t i,
    struct policy_rule *r)
{
	for (;;) {
		if (r->n_conds == POLICY_CONDS)
			return wrong(at, "more than %d conditions",
			    POLICY_CONDS);
		if (condition(at, w, &i, &r->conds[r->n_conds]) != 0)
			return -1;
		r->n_conds++;
		if (i == w->n)
			return 0;
		if (strcmp(w->word[i], "&&") != 0)
			return wrong(at, "\"%s\" stands where && should",
			    w->word[i]);
		if (++i == w->n)
			return wrong(at, "nothing follows &&");
	}
}

static bool
decides_by_whole_value(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_conds; i++) {
		if (r->conds[i].mask == UINT64_MAX)
			return true;
	}
	return false;
}

/*
 * May @r follow the rules that are there?  Not behind an unconditional one of
 * the same text; and an allow not behind a refusal that compares all 64 bits
 * of an argument, which a bit in the ignored half of an int would evade.
 */
static int
check_order(const struct place *at, const struct policy_rule *r,
    const char *name)
{
	const struct policy_rule *o;

	for (size_t i = 0; i < at->p->n_rules; i++) {
		o = &at->p->rules[i];
		if (o->nr != r->nr)
			continue;
		if (o->n_conds == 0 && o->file == r->file)
			return wrong(at, "never reached: line %u decided on "
			    "every %s", o->line, name);
		if (r->action == SECCOMP_RET_ALLOW && o->action != r->action &&
		    o->n_conds > 0 && decides_by_whole_value(o))
			return wrong(at, "an allow of %s after the refusal on "
			    "line %u: give that one a mask, or the upper half "
			    "of an int evades it", name, o->line);
	}
	return 0;
}

static int
add_rule(const struct place *at, struct policy_rule r, const char *name,
    bool optional)
{
	r.nr = policy_call(name, at->p->arch);
	if (r.nr == -2)
		return wrong(at, "unknown call \"%s\": neither libseccomp nor "
		    "kernel_abi.h has it", name);
	if (r.nr == -1 && optional)
		return 0;
	if (r.nr == -1)
		return wrong(at, "%s does not exist on this architecture: "
		    "write \"?\" after the verb if that is right", name);
	r.file = at->file;
	r.line = at->line;
	if (check_order(at, &r, name) != 0)
		return -1;
	if (at->p->n_rules == POLICY_RULES)
		return wrong(at, "more than %d rules", POLICY_RULES);
	at->p->rules[at->p->n_rules++] = r;
	return 0;
}

/* Calls, or one call with conditions, from word @i on. */
static int
calls(const struct place *at, const struct words *w, size_t i,
    struct policy_rule r, bool optional)
{
	if (i == w->n)
		return wrong(at, "no call named");
	if (i + 1 < w->n && strncmp(w->word[i + 1], "arg", 3) == 0) {
		if (conditions(at, w, i + 1, &r) != 0)
			return -1;
		return add_rule(at, r, w->word[i], optional);
	}
	for (; i < w->n; i++) {
		if (add_rule(at, r, w->word[i], optional) != 0)
			return -1;
	}
	return 0;
}

static int
errno_action(const struct place *at, const struct words *w, size_t i,
    uint32_t *ret)
{
	uint32_t e = 0;

	if (i == w->n)
		return wrong(at, "errno of what? ENOSYS, EPERM, ... or 0");
	if (strcmp(w->word[i], "0") != 0 && !policy_errno(w->word[i], &e))
		return wrong(at, "unknown errno \"%s\"", w->word[i]);
	*ret = SECCOMP_RET_ERRNO | e;
	return 0;
}

static int
set_default(const struct place *at, const struct words *w)
{
	if (at->p->has_default && at->depth > 0)
		return 0; /* the including policy has said */
	if (at->p->has_default)
		return wrong(at, "a second default");
	if (w->n < 2)
		return wrong(at, "default what? kill, or errno NAME");
	at->p->default_action = SECCOMP_RET_KILL_PROCESS;
	if (strcmp(w->word[1], "errno") == 0 && w->n == 3) {
		if (errno_action(at, w, 2, &at->p->default_action) != 0)
			return -1;
	} else if (strcmp(w->word[1], "trip") == 0 && w->n == 2) {
		at->p->default_action = SECCOMP_RET_USER_NOTIF;
	} else if (strcmp(w->word[1], "kill") != 0 || w->n != 2) {
		return wrong(at, "default kill, trip, or errno NAME; an "
		    "open default is not offered");
	}
	at->p->has_default = true;
	return 0;
}

static int
include(const struct place *at, const struct words *w)
{
	char path[POLICY_LINE];
	char *text = NULL;
	int r;

	if (w->n != 2)
		return wrong(at, "include NAME, one a line");
	if (at->depth == POLICY_INCLUDES)
		return wrong(at, "includes nest deeper than %d",
		    POLICY_INCLUDES);
	if (at->p->fetch != NULL)
		text = at->p->fetch(w->word[1], at->path, path, sizeof(path));
	if (text == NULL)
		return wrong(at, "cannot read %s.policy beside this file",
		    w->word[1]);
	r = read_text(at->p, text, path, at->depth + 1);
	free(text);
	return r;
}

static int
statement(const struct place *at, const struct words *w)
{
	struct policy_rule r = { .action = SECCOMP_RET_ALLOW };
	char *verb = w->word[0];
	size_t len = strlen(verb);
	bool optional = len > 1 && verb[len - 1] == '?';
	size_t first = 1;

	if (strcmp(verb, "include") == 0)
		return include(at, w);
	if (!at->reason)
		return wrong(at, "a rule without a reason: comment it, on its "
		    "line or above");
	if (strcmp(verb, "default") == 0)
		return set_default(at, w);
	if (optional)
		verb[len - 1] = '\0';
	if (strcmp(verb, "errno") == 0) {
		if (errno_action(at, w, first++, &r.action) != 0)
			return -1;
	} else if (strcmp(verb, "kill") == 0) {
		r.action = SECCOMP_RET_KILL_PROCESS;
	} else if (strcmp(verb, "allow") != 0) {
		return wrong(at, "\"%s\" stands where default, include, "
		    "allow, errno or kill should", verb);
	}
	return calls(at, w, first, r, optional);
}

/* Cut @line (of @len bytes) into words up to a comment. */
static int
cut(const struct place *at, const char *line, size_t len, struct words *w)
{
	char *save = NULL;

	w->n = 0;
	if (len >= sizeof(w->text))
		return wrong(at, "longer than %d bytes", POLICY_LINE - 1);
	memcpy(w->text, line, len);
	w->text[len] = '\0';
	w->text[strcspn(w->text, "#")] = '\0';
	for (char *s = strtok_r(w->text, " \t\r", &save); s != NULL;
	     s = strtok_r(NULL, " \t\r", &save)) {
		if (w->n == WORDS_MAX)
			return wrong(at, "more than %d words", WORDS_MAX);
		w->word[w->n++] = s;
	}
	return 0;
}

static int
read_line(struct place *at, const char *line, size_t len)
{
	bool comment = memchr(line, '#', len) != NULL;
	struct words w;
	struct place here;

	if (cut(at, line, len, &w) != 0)
		return -1;
	if (w.n == 0) {
		at->reason = comment;
		return 0;
	}
	here = *at;
	here.reason = at->reason || comment;
	return statement(&here, &w);
}

/* Recursion through include() ends at POLICY_INCLUDES. */
static int
read_text(struct policy *p, const char *text, const char *path,
    unsigned depth)
{
	struct place at = { .p = p, .path = path, .file = p->files++,
		.depth = depth };
	size_t len;

	while (*text != '\0') {
		len = strcspn(text, "\n");
		at.line++;
		if (read_line(&at, text, len) != 0)
			return -1;
		text += len;
		if (*text == '\n')
			text++;
	}
	return 0;
}

int
policy_read(struct policy *p, const char *text, const char *path)
{
	p->error[0] = '\0';
	return read_text(p, text, path, 0);
}
