/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure firewall: nftables/immure.nft with this machine's values, and what
 * nft(8) says of them.
 */
#ifndef IMMURE_CLI_FIREWALL_H
#define IMMURE_CLI_FIREWALL_H

#include <limits.h>
#include <node/monitor/cmdline.h>
#include <node/monitor/resolve.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* The file itself, made part of the program (node/cli/module.mk). */
extern const char firewall_rules[];

/* A group of cgroup v2, as nft wants it; path "": none. */
struct firewall_place {
	unsigned level;	     /* how deep below the root of the hierarchy */
	char path[PATH_MAX]; /* below /sys/fs/cgroup; no quotes in it */
};

struct firewall_group {
	int pid;		    /* of the node; 0: none runs */
	struct firewall_place jobs; /* that its jobs are in */
	struct firewall_place own;  /* that it is in, and nobody else is */
};

/* firewall_group.c: that of the node whose monitor is @node; 0: none runs. */
void firewall_group(struct firewall_group *g, pid_t node);

/* Do rules, as nft lists them, name these groups?  Pure. */
bool firewall_group_is_named(const struct firewall_group *g,
    const char *listing);

/* What the rules are made of. */
struct firewall_source {
	const struct cmdline *c;   /* names of --allow are looked up already */
	struct listen_list listen; /* where it listens; 0.0.0.0 and :: too */
	bool has_names;		   /* --allow or --listen has names */
	bool to_keep; /* in a file: without rules by group, which end with it */
	struct firewall_group group;
};

/*
 * firewall_print.c: the rules.  0; -EPERM: a role would be root, or all users
 * are one here (user mode): rules by uid would hit who they must not.
 */
int firewall_print(FILE *out, const struct firewall_source *s);

/* Those that name groups alone, in place of what is loaded of them. */
void firewall_print_groups(FILE *out, const struct firewall_group *g);

/*
 * firewall_diff.c: compare two listings of the table (nft -s list table), of
 * what shall be and of what is, element by element and rule by rule, and print
 * each difference to @out.  How many; -ENOMEM.  Sets that the kernel fills
 * (flags dynamic) are compared without their elements.  Pure.
 */
int firewall_diff(FILE *out, const char *wanted, const char *loaded);

/*
 * firewall_nft.c.  Run nft -f on @rules, its complaints to stderr.  0; 1: nft
 * would not have it; -ENOENT: there is no nft, or -errno.
 */
int firewall_nft_load(const char *rules);

/* nft -s list table inet immure, in *ret (owned), without complaints. The same
 * results; 1: there is no such table, or it may not be asked. */
int firewall_nft_list(char **ret);

#endif
