/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator says to a running node: messages of common/message.h
 * over the control socket, which lies beside the job socket and is for the
 * user alone that started the node (root).  Requests are even and have no body
 * but where one is named; the answer is request + 1, its length exact for its
 * type.
 */
#ifndef IMMURE_CONTROL_H
#define IMMURE_CONTROL_H

#include "limit_rows.h"
#include <stdint.h>

/* Behind the name of the job socket. */
#define CONTROL_SUFFIX ".control"

enum control_type {
	/* Does it live?  Answer: struct control_pong. */
	CONTROL_PING = 0x700,
	/* As SIGHUP.  Answer: struct control_result. */
	CONTROL_RELOAD = 0x702,
	/* As the first SIGTERM: take nothing new, end when the last job has
	 * been answered, or time is up.  Answer: struct control_result. */
	CONTROL_DRAIN = 0x704,
	/* What the node says of itself.  Answer: struct control_node. */
	CONTROL_CHECK = 0x706,
	/* Make a slot in which cells run that program, until this connection
	 * is closed or CONTROL_SELFTEST_MS are over.  fds: the program (sealed
	 * memfd), a pipe's end to which records of jobs are written meanwhile.
	 * body: struct control_selftest.  Answer, when it is ready: struct
	 * control_result. */
	CONTROL_SELFTEST = 0x708,
	/* During it: a connection of distcc's, to that slot alone.  Answer:
	 * struct control_result; fd: its end, or none and an error. */
	CONTROL_CONNECT = 0x70a,
};

/* The one compiler that such a connection has, and a slot's job limit. */
#define CONTROL_PROGRAM "immure-selftest"
#define CONTROL_PROGRAM_MAX (16UL * 1024 * 1024)
#define CONTROL_SELFTEST_MS 120000U
#define CONTROL_JOB_MS 2000U

struct control_selftest {
	uint64_t program_len;
};

enum control_state {
	CONTROL_STARTING = 0, /* images are being made */
	CONTROL_SERVING,
	CONTROL_DRAINING,
	CONTROL_STATES
};

struct control_pong {
	int32_t pid; /* the monitor's, in its own pid namespace */
	uint32_t state; /* enum control_state */
};

struct control_result {
	int32_t error; /* 0, or -errno: nothing was changed */
	uint32_t conns; /* CONTROL_DRAIN: connections that are open */
	char text[512]; /* for people, NUL-terminated; "" = nothing to say */
};

struct control_node {
	int32_t pid;
	uint32_t state; /* enum control_state */
	uint64_t layers; /* 1 << enum layer: what its jobs have */
	uint64_t generation; /* of its images; 0 = none yet */
	uint32_t user_mode;
	uint32_t jobs;	/* slots that it is to have */
	uint32_t slots; /* … whose executor serves */
	uint32_t fronts; /* that serve */
	uint32_t roles; /* 1 << enum role: auditor, broker, imager, status */
	uint32_t conns; /* clients' connections */
	uint16_t port;	/* 0 = the job socket alone */
	uint16_t zero[3];
	char version[32];
	struct limits limits; /* of its jobs */
};

#endif
