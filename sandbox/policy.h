/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy language of filter.h: text -> rules -> BPF.  Build time only;
 * nothing here is linked into a program that runs on a node.
 *
 * Rules of one call are tried in the order they were read and the first that
 * holds decides, so "errno EINVAL prctl" after "allow prctl arg0 == 15" means
 * "any other".  libseccomp's own generator cannot say that (an unconditional
 * rule swallows the others, and one argument may be compared only once a
 * rule), so libseccomp gives the numbers and policy_emit.c gives the code;
 * test_policy.c compares both generators where both can say it.
 */
#ifndef IMMURE_POLICY_H
#define IMMURE_POLICY_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_ARGS 6
#define POLICY_CONDS 6       /* conditions in one rule */
#define POLICY_RULES 2048    /* rules in one policy, a call each */
#define POLICY_INCLUDES 8    /* depth */
#define POLICY_LINE 512      /* bytes in one line */
#define POLICY_ERROR 256

/* arg & mask == value, or != */
struct policy_cond {
	unsigned arg;
	bool differs;
	uint64_t mask, value;
};

struct policy_rule {
	int nr;
	uint32_t action; /* SECCOMP_RET_* */
	unsigned n_conds;
	struct policy_cond conds[POLICY_CONDS];
	unsigned file; /* which text it stands in, to tell a slip from an
			  including policy's own word */
	unsigned line;
};

struct policy {
	uint32_t arch;          /* SCMP_ARCH_*: also AUDIT_ARCH_* */
	uint32_t default_action;
	bool has_default;
	int highest;            /* highest system call known */
	unsigned files;         /* texts read so far */
	size_t n_rules;
	struct policy_rule *rules; /* owned, POLICY_RULES of them */
	char error[POLICY_ERROR];  /* "file:line: reason" after a failure */
	/* Fetch an included policy; NULL when there is none.  The text is
	 * malloc'd, NUL-terminated, and freed by the reader. */
	char *(*fetch)(const char *name, const char *from, char *path,
	    size_t path_size);
};

/* 0, or -1 with p->error set (out of memory, unknown architecture). */
int policy_init(struct policy *p, const char *arch);
void policy_done(struct policy *p);

/* Read @text, called @path in errors.  0, or -1 with p->error set. */
int policy_read(struct policy *p, const char *text, const char *path);

/*
 * The whole program into @code (room for BPF_MAXINSNS).  Its length, or 0
 * with p->error set: no default, or too long.
 */
unsigned short policy_emit(struct policy *p, struct sock_filter *code);

/* A constant of the language, or an errno by name.  False: not known. */
bool policy_constant(const char *name, uint64_t *ret);
bool policy_errno(const char *name, uint32_t *ret);

/* Number of @name on @arch; -1 when this architecture has no such call, -2
 * when nobody knows it. */
int policy_call(const char *name, uint32_t arch);

#endif
