/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that bound what others can make the node do, together, a sentence
 * each.  Which of them an operator may set, from where to where and why is in
 * limit_rows.h; what else he may set in node/config/.  Outside of these stand
 * only numbers that shape how a thing works inside one file or pair of files
 * (sizes of steps and buffers, how fairness and repeats are reckoned, how long
 * to wait before another try); none of them bounds a client.
 */
#ifndef IMMURE_LIMITS_H
#define IMMURE_LIMITS_H

#define KIB 1024UL
#define MIB (1024UL * KIB)
#define GIB (1024UL * MIB)

/* Words of a command line: the kernel's own builds stay below 400. */
#define LIMIT_ARGC 16384U
/* One word; execve(2) takes no more (MAX_ARG_STRLEN). */
#define LIMIT_ARG_BYTES (128U * 1024U - 1U)
/* All words together; execve(2) takes a quarter of the stack limit. */
#define LIMIT_ARGV_BYTES (2U * 1024U * 1024U)
/* A path of a client's file, PATH_MAX with its NUL. */
#define LIMIT_PATH 4095U
/* Files and links of one pump request. */
#define LIMIT_FILES 100000U
/* Tokens and strings of a request without the bodies. */
#define LIMIT_HEADS_BYTES (64UL * MIB)
/* Bodies of a request as they come over the wire. */
#define LIMIT_BODIES_BYTES (512UL * MIB)
/* All bodies of a request, unpacked; the cell's tmpfs must hold it. */
#define LIMIT_UNPACKED_BYTES (1UL * GIB)
/* A cell's tmpfs: sources, temporaries, object. */
#define LIMIT_CELL_BYTES (2UL * GIB)
#define LIMIT_CELL_INODES 262144UL
/* An object, unpacked. */
#define LIMIT_OBJECT_BYTES (1UL * GIB)
/* stderr and stdout of a compile, each. */
#define LIMIT_TEXT_BYTES (8UL * MIB)
/* Memfd bytes of all, of one client, and of one site (security-rules 17). */
#define LIMIT_BUDGET_BYTES (4UL * GIB)
#define LIMIT_CLIENT_BUDGET_BYTES (2UL * GIB)
#define LIMIT_SITE_BUDGET_BYTES (3UL * GIB)
/* No more than any machine has: sums of them stay far from 64 bits. */
#define LIMIT_BUDGET_MOST (65536UL * GIB)
/* No job is thought to need less memory, and no node to have less for them. */
#define LIMIT_MEMORY_LEAST (256UL * MIB)
/* What is left to what runs already, and to the rest of the machine: less, and
 * the kernel begins to take pages back from compilers. */
#define LIMIT_MEMORY_FREE (1UL * GIB)
/* Connections of one client at a time, of one site (peer.h), and of all. */
#define LIMIT_CLIENT_CONNS 512U
#define LIMIT_SITE_CONNS 2048U
#define LIMIT_CONNS 8192U
/* A client may think this long before its first byte, in ms. */
#define LIMIT_FIRST_BYTE_MS 60000U
/* … inside a token or a body without any progress. */
#define LIMIT_TOKEN_MS 30000U
/* … and over the whole request it sends at least so many bytes a second. */
#define LIMIT_UPLOAD_RATE 1024U
/* … between the last ARGV and DOTI: it preprocesses. */
#define LIMIT_PREPROCESS_MS 1800000U
/* … to take its reply, without any progress. */
#define LIMIT_REPLY_MS 60000U
/* … and over the whole reply it takes at least so many bytes a second. */
#define LIMIT_REPLY_RATE 1024U
/* Nobody is slow before so long: when connections or bytes have run out, the
 * slowest client that is awaited makes room for a new one. */
#define LIMIT_SLOW_MS 2000U
/* A job without --job-lifetime, in ms. */
#define LIMIT_WALL_MS 1800000U
/* A job's rlimits. */
#define LIMIT_JOB_AS_BYTES (8UL * GIB)
#define LIMIT_JOB_NPROC 64UL
#define LIMIT_JOB_NOFILE 256UL
#define LIMIT_JOB_STACK_BYTES (64UL * MIB)
#define LIMIT_JOB_CPU_S 3600UL
/* Jobs wait this long while no slot is alive; then clients go elsewhere. */
#define LIMIT_NO_SLOT_MS 15000U
/* A job waits for a slot without --max-wait, in ms: well below a stock client's
 * patience of 300 s, after which its work would be for nothing. */
#define LIMIT_SLOT_WAIT_MS 120000U
/* An executor that says that a job took more than this lies: a year, in us, and
 * a pebibyte, in KiB. */
#define LIMIT_SAID_US (365UL * 24 * 3600 * 1000 * 1000)
#define LIMIT_SAID_KIB (1UL << 40)
/* An executor ends a cell that is not made in 20 s, and a job at its deadline; it
 * is ended itself when the broker hears nothing of a job so long after. */
#define LIMIT_TAKEN_US (30UL * 1000 * 1000)
#define LIMIT_DONE_LATE_US (30UL * 1000 * 1000)
/* Records that the broker keeps while the auditor takes none; with half of them
 * no job starts any more.  And how long that may go on. */
#define LIMIT_RECORDS 2048U
#define LIMIT_RECORDS_MS 10000U
/* Jobs waiting for a slot. */
#define LIMIT_QUEUE 4096U
/* Refusals that are kept back because they repeat, of all clients and of one;
 * more are closed: each holds a connection and a place in the queue. */
#define LIMIT_HELD 256U
#define LIMIT_HELD_CLIENT 64U
/* Kept for a front that takes nothing: one that works has two messages a
 * connection ahead of it at most. */
#define LIMIT_KEPT (2U * LIMIT_CONNS)
/* Clients of a front that crashed are held back so long, and no longer, until
 * they were good for so long. */
#define LIMIT_STRIKE_MS 100U
#define LIMIT_STRIKE_MOST_MS 5000U
#define LIMIT_STRIKE_FORGET_MS 60000U
/* … after the last byte of its reply to close. */
#define LIMIT_LINGER_MS 2000U
/* Records a second: events of one role, of strangers' connections, of denied
 * ones, and of one client's denied ones; what is beyond is counted. */
#define LIMIT_ROLE_EVENTS 100U
#define LIMIT_CONN_EVENTS 200U
#define LIMIT_DENIED_EVENTS 20U
#define LIMIT_DENIED_CLIENT_EVENTS 2U
/* Jobs of one slot; then it is built anew (security-rules 7). */
#define LIMIT_SLOT_JOBS 1000U
/* Slots of a node: each has two uids of the configured range. */
#define LIMIT_SLOTS 1024U
/* Groups below that of a slot: the executor's, and one for each cell that it
 * can hold (exec.h). */
#define LIMIT_SLOT_GROUPS 9U
/* Addresses to listen on, and rules of who may connect. */
#define LIMIT_LISTEN 16U
/* Compilers that the configuration adds to those that are found. */
#define LIMIT_COMPILERS 64U
#define LIMIT_ACL_RULES 256U
/* Of those, hosts by name. */
#define LIMIT_ALLOW_NAMES 32U
/* Aliases of compilers, and the bytes of a name in one, with its NUL. */
#define LIMIT_ALIASES 64U
#define LIMIT_ALIAS_NAME 64U
/* Bytes of a configuration file. */
#define LIMIT_CONFIG_BYTES (256UL * 1024UL)

#endif
