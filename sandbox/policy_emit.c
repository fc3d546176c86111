/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules -> classic BPF: a prelude that turns away foreign ABIs, then a binary
 * search over runs of neighbouring numbers with the same answer, then for
 * calls with conditions their rules in order.  The kernel emulates a filter
 * once per number to build its bitmap of constant answers, so the depth of
 * the search is what an install costs (tree 61-76 us, list 213-272 us
 * measured).
 *
 * Trusts policy_parse.c for valid rules.  Must never emit a program in which
 * an unlisted call gets anything but the default.
 */
#include "policy.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER != __LITTLE_ENDIAN
#error "argument halves are loaded as on little-endian machines"
#endif

#define X32_BIT 0x40000000U /* arch/x86/include/uapi/asm/unistd.h */

/* A maximal run of numbers from @first on that have one answer. */
struct run {
	uint32_t first;
	const struct policy_rule *rules; /* NULL: @action for all of them */
	size_t n_rules;
	uint32_t action;
};

struct out {
	struct sock_filter *code;
	size_t len;
	bool full;
};

static void
put(struct out *o, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (o->len >= BPF_MAXINSNS) {
		o->full = true;
		return;
	}
	o->code[o->len++] = (struct sock_filter){ code, jt, jf, k };
}

static void
put_load(struct out *o, size_t offset)
{
	put(o, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
put_return(struct out *o, uint32_t action)
{
	put(o, BPF_RET | BPF_K, 0, 0, action);
}

/* Load one half of the argument and mask it. */
static void
put_half(struct out *o, const struct policy_cond *c, bool upper)
{
	uint32_t mask = upper ? (uint32_t)(c->mask >> 32) : (uint32_t)c->mask;

	put_load(o, offsetof(struct seccomp_data, args) + c->arg * 8 +
	    (upper ? 4 : 0));
	if (mask != UINT32_MAX)
		put(o, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
}

/* Jump target of a condition that does not hold; patched by put_rule. */
#define TO_NEXT_RULE 0xff

static void
put_cond(struct out *o, const struct policy_cond *c)
{
	uint32_t upper = (uint32_t)(c->value >> 32);
	uint32_t lower = (uint32_t)c->value;
	bool both = (c->mask >> 32) != 0;

	if (!c->differs) {
		if (both) {
			put_half(o, c, true);
			put(o, BPF_JMP | BPF_JEQ | BPF_K, 0, TO_NEXT_RULE,
			    upper);
		}
		put_half(o, c, false);
		put(o, BPF_JMP | BPF_JEQ | BPF_K, 0, TO_NEXT_RULE, lower);
		return;
	}
	if (both) {
		/* an upper half that differs is enough: over the lower's two
		 * or three instructions */
		put_half(o, c, true);
		put(o, BPF_JMP | BPF_JEQ | BPF_K, 0,
		    (uint32_t)c->mask == UINT32_MAX ? 2 : 3, upper);
	}
	put_half(o, c, false);
	put(o, BPF_JMP | BPF_JEQ | BPF_K, TO_NEXT_RULE, 0, lower);
}

static void
put_rule(struct out *o, const struct policy_rule *r)
{
	size_t start = o->len;

	for (unsigned i = 0; i < r->n_conds; i++)
		put_cond(o, &r->conds[i]);
	put_return(o, r->action);
	/* at most 6 conditions of 6 instructions: fits eight bits */
	for (size_t i = start; i < o->len; i++) {
		if (BPF_CLASS(o->code[i].code) != BPF_JMP)
			continue;
		if (o->code[i].jt == TO_NEXT_RULE)
			o->code[i].jt = (uint8_t)(o->len - i - 1);
		if (o->code[i].jf == TO_NEXT_RULE)
			o->code[i].jf = (uint8_t)(o->len - i - 1);
	}
}

static void
put_run(struct out *o, const struct run *run, uint32_t otherwise)
{
	if (run->rules == NULL) {
		put_return(o, run->action);
		return;
	}
	for (size_t i = 0; i < run->n_rules; i++) {
		put_rule(o, &run->rules[i]);
		if (run->rules[i].n_conds == 0)
			return;
	}
	put_return(o, otherwise);
}

/* Binary search in @runs with the number in the accumulator.  Depth is the
 * logarithm of the number of calls. */
static void
put_tree(struct out *o, const struct run *runs, size_t n, uint32_t otherwise)
{
	size_t half = n / 2, at = o->len, left;

	if (n == 1) {
		put_run(o, runs, otherwise);
		return;
	}
	put(o, BPF_JMP | BPF_JGE | BPF_K, 0, 0, runs[half].first);
	put_tree(o, runs, half, otherwise);
	if (o->full)
		return;
	left = o->len - at - 1;
	if (left <= UINT8_MAX) {
		o->code[at].jt = (uint8_t)left;
	} else if (o->len < BPF_MAXINSNS) {
		/* too far for a conditional jump: go over a long one */
		memmove(&o->code[at + 2], &o->code[at + 1],
		    left * sizeof(*o->code));
		o->code[at].jf = 1;
		o->code[at + 1] = (struct sock_filter){
			BPF_JMP | BPF_JA, 0, 0, (uint32_t)left };
		o->len++;
	} else {
		o->full = true;
		return;
	}
	put_tree(o, runs + half, n - half, otherwise);
}

static int
by_number(const void *va, const void *vb)
{
	const struct policy_rule *a = va, *b = vb;

	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	/* order read, which is order in memory until sorted: see sort_rules */
	return a->line < b->line ? -1 : a->line > b->line;
}

static void
add_run(struct run *runs, size_t *n, struct run run)
{
	struct run *last = *n > 0 ? &runs[*n - 1] : NULL;

	if (last != NULL && last->first == run.first)
		*last = run; /* the gap before it was empty */
	else
		runs[(*n)++] = run;
	if (*n < 2)
		return;
	last = &runs[*n - 2];
	if (last->rules == NULL && runs[*n - 1].rules == NULL &&
	    last->action == runs[*n - 1].action)
		(*n)--;
}

/* Runs of @sorted rules over the whole range of numbers. */
static size_t
make_runs(const struct policy *p, const struct policy_rule *sorted,
    struct run *runs)
{
	size_t n = 0, i = 0, same;
	struct run run = { 0, NULL, 0, p->default_action };

	add_run(runs, &n, run);
	while (i < p->n_rules) {
		for (same = 1; i + same < p->n_rules; same++) {
			if (sorted[i + same].nr != sorted[i].nr)
				break;
		}
		run = (struct run){ (uint32_t)sorted[i].nr, &sorted[i], same,
			0 };
		if (sorted[i].n_conds == 0)
			run = (struct run){ (uint32_t)sorted[i].nr, NULL, 0,
				sorted[i].action };
		add_run(runs, &n, run);
		run = (struct run){ (uint32_t)sorted[i].nr + 1, NULL, 0,
			p->default_action };
		add_run(runs, &n, run);
		i += same;
	}
	run = (struct run){ (uint32_t)p->highest + 1, NULL, 0,
		SECCOMP_RET_ERRNO | ENOSYS };
	add_run(runs, &n, run);
	return n;
}

/* A copy by number, rules of one call in the order they were read. */
static struct policy_rule *
sort_rules(const struct policy *p)
{
	struct policy_rule *s = calloc(p->n_rules + 1, sizeof(*s));

	if (s == NULL)
		return NULL;
	memcpy(s, p->rules, p->n_rules * sizeof(*s));
	for (size_t i = 0; i < p->n_rules; i++)
		s[i].line = (unsigned)i; /* qsort(3) is not stable */
	qsort(s, p->n_rules, sizeof(*s), by_number);
	return s;
}

/* Another ABI's calls have the fate of those that are not listed, if that is
 * death in one form or the other. */
static void
put_prelude(struct out *o, uint32_t arch, uint32_t otherwise)
{
	uint32_t foreign = otherwise == SECCOMP_RET_USER_NOTIF ?
	    SECCOMP_RET_USER_NOTIF : SECCOMP_RET_KILL_PROCESS;

	put_load(o, offsetof(struct seccomp_data, arch));
	put(o, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
	put_return(o, foreign);
	put_load(o, offsetof(struct seccomp_data, nr));
	if (arch != AUDIT_ARCH_X86_64)
		return;
	/* x32 shares the architecture's word with x86-64 (seccomp(2)) */
	put(o, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
	put_return(o, foreign);
}

unsigned short
policy_emit(struct policy *p, struct sock_filter *code)
{
	struct out o = { .code = code };
	struct policy_rule *sorted = NULL;
	struct run *runs = NULL;

	p->error[0] = '\0';
	if (!p->has_default) {
		snprintf(p->error, sizeof(p->error),
		    "no \"default\" line: say what happens to other calls");
		return 0;
	}
	sorted = sort_rules(p);
	runs = calloc(2 * p->n_rules + 3, sizeof(*runs));
	if (sorted == NULL || runs == NULL) {
		snprintf(p->error, sizeof(p->error), "out of memory");
		goto out;
	}
	put_prelude(&o, p->arch, p->default_action);
	put_tree(&o, runs, make_runs(p, sorted, runs), p->default_action);
	if (o.full)
		snprintf(p->error, sizeof(p->error),
		    "more than %d instructions", BPF_MAXINSNS);
out:
	free(sorted);
	free(runs);
	return p->error[0] != '\0' ? 0 : (unsigned short)o.len;
}
