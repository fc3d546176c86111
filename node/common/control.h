/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator says to a running node: messages of common/message.h
 * over the control socket, which lies beside the job socket and is for the
 * user alone that started the node (root).  Requests are even and have no body;
 * the answer is request + 1, its length exact for its type.
 */
#ifndef IMMURE_CONTROL_H
#define IMMURE_CONTROL_H

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
};

#endif
