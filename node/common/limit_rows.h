/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits that an operator may set, one table: keys of immured.conf(5),
 * what `immure config` shows, what roles are told.  `most` is what arrays,
 * formats and receivers are made for; limits.h has the built-in numbers.  Pure.
 */
#ifndef IMMURE_LIMIT_ROWS_H
#define IMMURE_LIMIT_ROWS_H

#include "limits.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum limit_unit {
	LIMIT_NUMBER = 0,
	LIMIT_BYTES,   /* written with K, M or G, too */
	LIMIT_SECONDS, /* written in seconds, held in ms */
	LIMIT_RATE     /* bytes a second */
};

/* When a change of the file is in force. */
#define LIMIT_RELOADS true
#define LIMIT_RESTART false

/* Where a limit has no end of its own that could be told for certain. */
#define LIMIT_NO_WORD ""

/*
 * LIMIT_ROW(field, key, unit, default, least, most, reloads, word, why).
 * In the order of the manual page.
 */
/* clang-format off */
#define LIMIT_ROWS(LIMIT_ROW)                                                  \
	LIMIT_ROW(conns, "limit-connections", LIMIT_NUMBER,                    \
	    LIMIT_CONNS, 1, LIMIT_CONNS, LIMIT_RELOADS, "limit.connections",   \
	    "Connections of all clients at a time; others wait until one ends.")\
	LIMIT_ROW(client_conns, "limit-client-connections", LIMIT_NUMBER,      \
	    LIMIT_CLIENT_CONNS, 1, LIMIT_CONNS, LIMIT_RELOADS,                 \
	    "limit.connections",                                               \
	    "Connections of one client at a time: none may take all.")         \
	LIMIT_ROW(site_conns, "limit-site-connections", LIMIT_NUMBER,          \
	    LIMIT_SITE_CONNS, 1, LIMIT_CONNS, LIMIT_RELOADS,                   \
	    "limit.connections",                                               \
	    "Connections of one IPv6 /48, which may hold 65536 clients.")      \
	LIMIT_ROW(first_byte_ms, "limit-first-byte", LIMIT_SECONDS,            \
	    LIMIT_FIRST_BYTE_MS, 1000, 86400000, LIMIT_RELOADS, "limit.time",  \
	    "How long a connection may say nothing: it holds a place.")        \
	LIMIT_ROW(token_ms, "limit-token", LIMIT_SECONDS,                      \
	    LIMIT_TOKEN_MS, 1000, 86400000, LIMIT_RELOADS, "limit.time",       \
	    "How long a request may pause, and what it may take beyond "       \
	    "limit-upload-rate: clients send without pauses.")                 \
	LIMIT_ROW(upload_rate, "limit-upload-rate", LIMIT_RATE,                \
	    LIMIT_UPLOAD_RATE, 1, GIB, LIMIT_RELOADS, "limit.time",            \
	    "Bytes a second that a request comes with at least: a byte now "   \
	    "and then is no progress.")                                        \
	LIMIT_ROW(preprocess_ms, "limit-preprocess", LIMIT_SECONDS,            \
	    LIMIT_PREPROCESS_MS, 1000, 86400000, LIMIT_RELOADS, "limit.time",  \
	    "How long a client may preprocess between its words and its "      \
	    "source; it is silent then.")                                      \
	LIMIT_ROW(reply_ms, "limit-reply", LIMIT_SECONDS,                      \
	    LIMIT_REPLY_MS, 1000, 86400000, LIMIT_RELOADS, "limit.time",       \
	    "How long a client may take nothing of its reply, which is "       \
	    "memory of the node's until then.")                                \
	LIMIT_ROW(reply_rate, "limit-reply-rate", LIMIT_RATE,                  \
	    LIMIT_REPLY_RATE, 1, GIB, LIMIT_RELOADS, "limit.time",             \
	    "Bytes a second that a reply is taken with at least.")             \
	LIMIT_ROW(slow_ms, "limit-slow", LIMIT_SECONDS,                        \
	    LIMIT_SLOW_MS, 1000, 86400000, LIMIT_RELOADS, "limit.shed",        \
	    "Whose client has been awaited for less is not slow; where "       \
	    "connections or budgets have run out, the slowest make room.")     \
	LIMIT_ROW(heads, "limit-heads", LIMIT_BYTES,                           \
	    LIMIT_HEADS_BYTES, 4 * KIB, LIMIT_HEADS_BYTES, LIMIT_RELOADS,      \
	    "limit.request",                                                   \
	    "Words, names and links of a request, which the broker reads.")    \
	LIMIT_ROW(words, "limit-words", LIMIT_NUMBER,                          \
	    LIMIT_ARGC, 8, LIMIT_ARGC, LIMIT_RELOADS, "limit.request",         \
	    "Words of a command line; the kernel's builds stay below 400.")    \
	LIMIT_ROW(word, "limit-word", LIMIT_BYTES,                             \
	    LIMIT_ARG_BYTES, 256, LIMIT_ARG_BYTES, LIMIT_RELOADS,              \
	    "limit.request",                                                   \
	    "One word of it; execve(2) takes no longer one.")                  \
	LIMIT_ROW(command, "limit-command", LIMIT_BYTES,                       \
	    LIMIT_ARGV_BYTES, 4 * KIB, LIMIT_ARGV_BYTES, LIMIT_RELOADS,        \
	    "limit.request",                                                   \
	    "All words together, a NUL each; execve(2) takes no more.")        \
	LIMIT_ROW(path, "limit-path", LIMIT_NUMBER,                            \
	    LIMIT_PATH, 64, LIMIT_PATH, LIMIT_RELOADS, "limit.request",        \
	    "Bytes of a file's name, a link or a directory; the kernel takes " \
	    "no longer one.")                                                  \
	LIMIT_ROW(files, "limit-files", LIMIT_NUMBER,                          \
	    LIMIT_FILES, 1, LIMIT_FILES, LIMIT_RELOADS, "limit.request",       \
	    "Files and links of a request in pump mode; each is made on disk " \
	    "that is memory.")                                                 \
	LIMIT_ROW(bodies, "limit-bodies", LIMIT_BYTES,                         \
	    LIMIT_BODIES_BYTES, 4 * KIB, LIMIT_BODIES_BYTES, LIMIT_RELOADS,    \
	    "limit.request",                                                   \
	    "Sources of a request as they come, compressed or not.")           \
	LIMIT_ROW(budget, "limit-budget", LIMIT_BYTES,                         \
	    LIMIT_BUDGET_BYTES, MIB, LIMIT_BUDGET_MOST, LIMIT_RELOADS,         \
	    "limit.budget",                                                    \
	    "Memory for all requests and replies together, reserved before "   \
	    "bytes are read; a quarter of this machine's where that is less.") \
	LIMIT_ROW(client_budget, "limit-client-budget", LIMIT_BYTES,           \
	    LIMIT_CLIENT_BUDGET_BYTES, MIB, LIMIT_BUDGET_MOST, LIMIT_RELOADS,  \
	    "limit.budget",                                                    \
	    "The same for one client; an eighth of this machine's where that " \
	    "is less.")                                                        \
	LIMIT_ROW(site_budget, "limit-site-budget", LIMIT_BYTES,               \
	    LIMIT_SITE_BUDGET_BYTES, MIB, LIMIT_BUDGET_MOST, LIMIT_RELOADS,    \
	    "limit.budget",                                                    \
	    "The same for one IPv6 /48; three sixteenths of this machine's "   \
	    "where that is less.")                                             \
	LIMIT_ROW(queue, "limit-queue", LIMIT_NUMBER,                          \
	    LIMIT_QUEUE, 1, 65536, LIMIT_RELOADS, "limit.queue",               \
	    "Jobs that are here, waiting or running; each is looked at when "  \
	    "a slot is free.")                                                 \
	LIMIT_ROW(memory, "limit-memory", LIMIT_BYTES,                         \
	    LIMIT_BUDGET_MOST, LIMIT_MEMORY_LEAST, LIMIT_BUDGET_MOST,          \
	    LIMIT_RELOADS, "limit.wait",                                       \
	    "Memory that running jobs are thought to need together; others "   \
	    "wait: three quarters of this machine's, where that is less, "     \
	    "without limit-budget and the images of the toolchains.")          \
	LIMIT_ROW(job_memory, "limit-job-memory", LIMIT_BYTES,                 \
	    LIMIT_JOB_AS_BYTES, LIMIT_MEMORY_LEAST, LIMIT_BUDGET_MOST,         \
	    LIMIT_RELOADS, "limit.wait",                                       \
	    "The most that one job is thought to need, whatever the last one " \
	    "of its client took: half as much again as that, and 512M while "  \
	    "nothing is known; with the layer cgroup, the most that it gets.") \
	LIMIT_ROW(memory_free, "limit-memory-free", LIMIT_BYTES,               \
	    LIMIT_MEMORY_FREE, MIB, LIMIT_BUDGET_MOST, LIMIT_RELOADS,          \
	    "limit.wait",                                                      \
	    "No job starts while this machine has less memory available than " \
	    "that, whoever took it: what runs grows on; a sixteenth of all "   \
	    "where that is less.")                                             \
	LIMIT_ROW(no_slot_ms, "limit-no-slot", LIMIT_SECONDS,                  \
	    LIMIT_NO_SLOT_MS, 1000, 86400000, LIMIT_RELOADS, "slot.none",      \
	    "How long jobs wait while no slot is alive; it takes a second or " \
	    "two to make one.")                                                \
	LIMIT_ROW(unpacked, "limit-unpacked", LIMIT_BYTES,                     \
	    LIMIT_UNPACKED_BYTES, 64 * KIB, 4 * GIB, LIMIT_RESTART,            \
	    "limit.unpacked",                                                  \
	    "All sources of a request, unpacked; limit-space must hold them.") \
	LIMIT_ROW(space, "limit-space", LIMIT_BYTES,                           \
	    LIMIT_CELL_BYTES, MIB, 64 * GIB, LIMIT_RESTART, "limit.space",     \
	    "A job's own tmpfs, for sources, temporary files and object; also "\
	    "the longest file.")                                               \
	LIMIT_ROW(inodes, "limit-inodes", LIMIT_NUMBER,                        \
	    LIMIT_CELL_INODES, 64, 16777216, LIMIT_RESTART, "limit.space",     \
	    "Files, directories and links in it: each is memory of the "       \
	    "kernel's.")                                                       \
	LIMIT_ROW(object, "limit-object", LIMIT_BYTES,                         \
	    LIMIT_OBJECT_BYTES, 4 * KIB, 2 * GIB, LIMIT_RESTART,               \
	    "limit.output",                                                    \
	    "An object, uncompressed; the protocol has 32 bits for it.")       \
	LIMIT_ROW(text, "limit-text", LIMIT_BYTES,                             \
	    LIMIT_TEXT_BYTES, 4 * KIB, 64 * MIB, LIMIT_RESTART,                \
	    "limit.output",                                                    \
	    "A compiler's standard error and standard output, each.")          \
	LIMIT_ROW(cpu_ms, "limit-cpu", LIMIT_SECONDS,                          \
	    LIMIT_JOB_CPU_S * 1000, 1000, 604800000, LIMIT_RESTART,            \
	    "limit.cpu",                                                       \
	    "CPU time of a job: one that failed with more goes by this word, " \
	    "and at a quarter and a second more a process is ended, and where "\
	    "cells have groups the job.")                                      \
	LIMIT_ROW(address_space, "limit-address-space", LIMIT_BYTES,           \
	    LIMIT_JOB_AS_BYTES, 256 * MIB, 1024 * GIB, LIMIT_RESTART,          \
	    "limit.memory",                                                    \
	    "Address space of a process of a job, the only bound on its "      \
	    "memory without the memory controller.")                           \
	LIMIT_ROW(processes, "limit-processes", LIMIT_NUMBER,                  \
	    LIMIT_JOB_NPROC, 8, 4096, LIMIT_RESTART, LIMIT_NO_WORD,            \
	    "Processes and threads of a job and of the cell that waits after " \
	    "it; a compiler has about four, the cell three.")                  \
	LIMIT_ROW(open_files, "limit-open-files", LIMIT_NUMBER,                \
	    LIMIT_JOB_NOFILE, 32, 65536, LIMIT_RESTART, LIMIT_NO_WORD,         \
	    "Files that a process of a job has open.")                         \
	LIMIT_ROW(stack, "limit-stack", LIMIT_BYTES,                           \
	    LIMIT_JOB_STACK_BYTES, MIB, 4 * GIB, LIMIT_RESTART, LIMIT_NO_WORD, \
	    "Stack of a process of a job; deep templates need more than the "  \
	    "usual 8 MiB.")
/* clang-format on */

/* All 64 bits: they cross messages and words of a command line. */
struct limits {
#define LIMIT_ROW(field, ...) uint64_t field;
	LIMIT_ROWS(LIMIT_ROW)
#undef LIMIT_ROW
};

struct limit_row {
	const char *field, *key;
	enum limit_unit unit;
	uint64_t built_in, least, most;
	bool reloads;
	const char *word; /* of the end it brings about; "" = none */
	const char *why;
	size_t at; /* in struct limits */
};

extern const struct limit_row limit_rows[];
#define LIMITS_COUNT (sizeof(struct limits) / sizeof(uint64_t))

/* What is built in. */
extern const struct limits limits_built_in;
/* What this program is made for: the bound of everything that is received. */
extern const struct limits limits_most;

uint64_t limit_get(const struct limits *l, const struct limit_row *r);
void limit_put(struct limits *l, const struct limit_row *r, uint64_t v);

/* What is built in, for a machine with @ram bytes; 0 = unknown. */
void limits_for(struct limits *l, uint64_t ram);

/* Is each within its row? */
bool limits_are_valid(const struct limits *l);

/*
 * Seconds of CPU time at which a job is ended: a process by RLIMIT_CPU, all of
 * them by what their group says.  More than limit-cpu, since the kernel counts
 * ticks for the former, which on a virtual machine were 15 % more than what
 * wait4(2) measures: who was ended by it is over limit-cpu by that measure,
 * too, and the broker can say so.
 */
static inline uint64_t
limit_cpu_s(const struct limits *l)
{
	return l->cpu_ms / 1000 + l->cpu_ms / 4000 + 1;
}

/* As one word of a command line, and back: 0, or -EINVAL for anything that
 * limits_print() does not write.  @room >= LIMITS_WORD. */
#define LIMITS_WORD (LIMITS_COUNT * 21 + 1)
void limits_print(const struct limits *l, char *out, size_t room);
int limits_scan(struct limits *l, const char *word);

#endif
