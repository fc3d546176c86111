/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What immure probe finds out, and the calls between its files:
 *
 *   cmd_probe.c        the command
 *   probe_host.c       one host: addresses, daemon, modes, compilers
 *   probe_job.c        one small job
 *   probe_compilers.c  this machine's compilers
 *   probe_client.c     why this machine's client would not distribute
 *   probe_pump.c       whether its pump mode can work at all
 *   probe_print.c, probe_json.c
 *
 * Texts are fit for a terminal: what a node sent is in them escaped.
 */
#ifndef IMMURE_PROBE_H
#define IMMURE_PROBE_H

#include "ask_node.h"
#include "host_list.h"
#include "host_spec.h"
#include "name_lookup.h"
#include "object_facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROBE_TEXT	    256
#define PROBE_NOTES_MAX	    32
#define PROBE_COMPILERS_MAX 48

/* -- this machine -- */

enum note_level {
	NOTE_STOPS, /* a stock client would not distribute */
	NOTE_WARNS, /* it would, but other than it was meant */
	NOTE_TELLS,
};

struct note {
	enum note_level level;
	const char *word; /* stable, for --json */
	char text[PROBE_TEXT * 2];
};

struct notes {
	unsigned n;
	struct note at[PROBE_NOTES_MAX];
};

/* Add one; those beyond PROBE_NOTES_MAX are left out. */
void note_add(struct notes *n, enum note_level level, const char *word,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

struct compiler {
	char name[128];	    /* as a client would send it */
	bool cxx;
	bool here;	    /* there is one in PATH, and it compiles */
	struct object_facts object; /* of its object here */
};

/* Those of PATH, or @only of them; compile with each.  Their number. */
unsigned compilers_find(struct compiler list[PROBE_COMPILERS_MAX],
    const char *only);

/* What the environment and the state of the stock client say, were @l its
 * hosts. */
void client_notes(struct notes *n, const struct host_list *l);

/* Why the client avoids @h at this time, or false. */
bool client_shuns(const struct host_spec *h, char *why, size_t room);

/* Can distcc's include server work?  Adds a note when not, a warning when
 * pump mode is @wanted. */
void pump_notes(struct notes *n, bool wanted);

/* Where @name is in PATH, into @room; false: nowhere. */
bool path_find(const char *name, char *room, size_t len);

/* -- one host -- */

enum try_state { TRY_NOT, TRY_OK, TRY_FAILED };

struct try_result {
	enum try_state state;
	uint64_t us;	      /* when TRY_OK */
	char why[PROBE_TEXT]; /* when TRY_FAILED */
	enum talk_end end;
	bool unreachable; /* no later try would do better */
	struct object_facts object; /* when TRY_OK */
};

enum probe_mode { MODE_PLAIN, MODE_LZO, MODE_PUMP, MODE_COUNT };

struct compiler_result {
	const struct compiler *compiler; /* borrowed */
	struct try_result result;
};

struct address_result {
	char text[LOOKUP_TEXT];
	uint64_t us;	     /* to connect */
	char why[PROBE_TEXT]; /* "" = it does */
};

struct host_result {
	const char *word; /* as it was named; borrowed */
	struct host_spec spec;
	const char *wrong; /* the entry; NULL = it is one */
	unsigned naddresses;
	struct address_result addresses[LOOKUP_MAX];
	bool immured;
	char daemon[PROBE_TEXT]; /* what it is, for people */
	char version[32];	 /* immured's */
	unsigned jobs;		 /* it takes at once; 0 = not known */
	struct {
		struct try_result first, second;
		const char *compiler; /* borrowed */
	} modes[MODE_COUNT];
	unsigned ncompilers;
	struct compiler_result compilers[PROBE_COMPILERS_MAX];
	char shunned[PROBE_TEXT * 4]; /* "" = it is not */
	struct notes notes;
	bool usable;
	char verdict[PROBE_TEXT * 5];
};

extern const char *const mode_names[MODE_COUNT];

struct probe {
	unsigned timeout_s; /* for each job */
	unsigned ncompilers;
	struct compiler compilers[PROBE_COMPILERS_MAX];
	struct notes notes;
};

/* Find out all about @word. */
void probe_host(struct host_result *r, const struct probe *p,
    const char *word);

/* A small job for @c, with @option (or NULL), in protocol @proto. */
void probe_job(struct try_result *t, const struct node *n,
    const struct compiler *c, const char *option, unsigned proto,
    uint64_t deadline_us);

void print_client(const struct probe *p, const struct host_list *l);
void print_host(const struct host_result *r);

struct json_t *json_notes(const struct notes *n);
struct json_t *json_host(const struct host_result *r);

#endif
