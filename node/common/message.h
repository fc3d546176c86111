/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the roles: one SOCK_SEQPACKET record is one message, a
 * header, a body whose length is exact for its type, and at most MSG_FDS_MAX
 * descriptors (SCM_RIGHTS).  The receiver owns every descriptor on arrival:
 * msg_take_fd() moves one out, msg_done() closes what is left, on every path.
 * A role that receives a malformed message treats the sender as taken over:
 * it drops the peer, and in this project that means it ends (the monitor
 * starts it again).  docs/privsep.md lists who may say what to whom.
 */
#ifndef IMMURE_MESSAGE_H
#define IMMURE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MSG_FDS_MAX 3
#define MSG_BODY_MAX 4096

struct msg_hdr {
	uint32_t type; /* enum imsg_type, imsg.h */
	uint32_t len;  /* bytes of body; must equal what the record holds */
	uint64_t job;  /* connection or cell it speaks of; 0 = none */
};

struct msg {
	struct msg_hdr hdr;
	_Alignas(8) uint8_t body[MSG_BODY_MAX];
	int fds[MSG_FDS_MAX]; /* owned; -1 when absent or taken */
	unsigned nfds;        /* how many arrived */
};

/*
 * One row of a role's table of requests.  `states` is a mask of the receiving
 * role's states in which the message may arrive, MSG_ANY_STATE = all.
 * `fn` returns 0, or a negative errno: the sender is at fault, drop it.
 */
struct msg_rule {
	uint32_t type;
	uint32_t states;
	uint32_t len;
	uint32_t nfds;
	int (*fn)(void *ctx, struct msg *m);
};

#define MSG_ANY_STATE UINT32_MAX

/*
 * Make a connected pair, close-on-exec, SO_PASSRIGHTS left on.  0 or -errno.
 */
int msg_pair(int ret[2]);

/*
 * Refuse descriptors on @sock altogether (SO_PASSRIGHTS off, Linux 6.16+; on
 * older kernels a no-op and msg_recv still closes what it did not expect).
 */
void msg_refuse_fds(int sock);

/*
 * Send one record; never blocks (MSG_DONTWAIT), never raises SIGPIPE.  The
 * caller keeps its descriptors.  0, -EAGAIN (the peer's queue is full),
 * -EPIPE/-ECONNRESET (it is gone), -EMSGSIZE (len > MSG_BODY_MAX).
 */
int msg_send(int sock, uint32_t type, uint64_t job, const void *body,
    size_t len, const int *fds, unsigned nfds);

/*
 * Receive one record without blocking.  1 = got one (call msg_done),
 * 0 = the peer has closed, -EAGAIN = nothing there, -EPROTO = truncated, short
 * or lying about its length (nothing is left open).
 */
int msg_recv(int sock, struct msg *m);

/* As msg_recv, but waits at most @timeout_ms (-1 = for ever); -ETIMEDOUT. */
int msg_recv_wait(int sock, struct msg *m, int timeout_ms);

/* Move descriptor @i out of @m; the caller owns it.  -1 if there is none. */
int msg_take_fd(struct msg *m, unsigned i);

/* Close the descriptors that nobody took. */
void msg_done(struct msg *m);

/*
 * Find @m's row, check state, exact length and exact number of descriptors,
 * call it.  -EPROTO when no row permits the message.
 */
int msg_dispatch(const struct msg_rule *rules, size_t nrules, unsigned state,
    void *ctx, struct msg *m);

#endif
