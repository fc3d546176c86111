/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One client connection in a front: from the accepted socket to the last byte
 * of its reply.  One connection is one job (wire-protocol §1.1).
 */
#ifndef IMMURE_FRONT_CONN_H
#define IMMURE_FRONT_CONN_H

#include "../common/clock.h"
#include "../common/imsg.h"
#include "../wire/frame.h"
#include "../wire/reply.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum conn_phase {
	CONN_READING,   /* the request comes in */
	CONN_RESERVING, /* the broker is asked for budget, or will be;
			   nothing is read */
	CONN_HANDING,   /* the request is whole; the broker's queue was full */
	CONN_WAITING,   /* the job is the broker's; only a hang-up matters */
	CONN_REPLYING,  /* the reply goes out */
	CONN_LINGERING, /* all is sent; waiting for the client to close */
};

#define REPLY_PARTS (2 + 2 * PART_COUNT) /* DONE+STAT … and four bodies */

struct conn {
	uint64_t id;
	int fd; /* owned */
	int epoll_fd; /* borrowed: where fd is watched */
	struct peer peer;
	uint64_t accepted_us;
	enum conn_phase phase;
	uint64_t deadline_us;

	struct frame frame;
	uint8_t *heads; /* owned */
	size_t heads_len, heads_cap;
	int bodies_fd; /* owned; -1 until the first body byte */
	int heads_fd; /* owned; -1 but while CONN_HANDING */
	uint64_t bodies_len;
	uint64_t granted; /* bytes the broker has reserved for us */
	uint64_t unasked; /* bytes it is still to be asked for */
	uint8_t *held;    /* owned: read, but not taken for want of budget */
	size_t held_len;
	uint64_t bytes_in;
	uint64_t waited_us; /* for bytes of the request, all in all */
	uint64_t waits_since_us;

	/* while its job runs (drip.c) */
	uint64_t complete_us; /* when the request was */
	uint64_t started_us;  /* when it got its slot; 0 = it has none */
	uint64_t drip_us;     /* when the next byte is due */
	uint32_t dripped;     /* bytes of the reply that are out */
	uint8_t *promise;     /* owned: body of SERR, or NULL */
	size_t promise_len, promise_chars;

	/* reply */
	uint64_t answer_us; /* when it began */
	uint64_t bytes_out;
	uint8_t tokens[6][REPLY_TOKEN];
	struct iovec iov[REPLY_PARTS];
	int iov_at, iov_count;
	void *map; /* owned mapping of the sealed result, or NULL */
	size_t map_len;

	bool over; /* ended; freed once broker and monitor have been told */
	bool told_broker;
	enum conn_over reason;
	struct conn *prev, *next; /* all connections of this front */
};

/* The front's state: one per process. */
struct front {
	int epoll_fd;
	bool draining;
	struct conn *conns; /* list */
	unsigned nconns;
	unsigned asked; /* requests for budget that wait for their answer */
	bool untold;    /* a queue was full: messages are still to be sent */
	uint32_t broker_uid, executor_uid; /* who may make results */
	struct imsg_settings settings;
	uint64_t drip_us; /* when some connection's next byte is due */
};

/* conn.c */
struct conn *conn_new(struct front *f, uint64_t id, int fd,
    const struct peer *peer); /* owns fd; NULL: out of memory, fd closed */
struct conn *conn_find(struct front *f, uint64_t id);
void conn_watch(struct front *f, struct conn *c, uint32_t events);
/* End @c: its client is gone at once; broker and monitor are told, and it is
 * freed, by conn_sweep. */
void conn_end(struct conn *c, enum conn_over reason);
void conn_sweep(struct front *f);
void conn_deadline(struct conn *c, uint64_t ms);

/* upload.c */
void upload_readable(struct front *f, struct conn *c);
void upload_reserved(struct front *f, struct conn *c, uint64_t bytes);
void upload_expired(struct conn *c);
/* Ask for the budget that is still to be asked for; false: not now. */
bool upload_ask(struct front *f, struct conn *c);
/* Hand over what is whole and still ours; false: not now. */
bool upload_hand(struct front *f, struct conn *c);

/* shed.c: end the slowest connection whose client is awaited, if it is slow */
void shed_slowest(struct front *f);

/* How many may wait for their answers at a time: their sockets' queues hold
 * some 250 small messages, and a full one must never be ours to fill. */
#define FRONT_ASKED_MAX 64U

/* drip.c */
void drip_started(struct front *f, struct conn *c);
void drip_settings(struct front *f); /* they have changed */
void drip_due(struct front *f);
int drip_next_ms(const struct front *f, int at_most);

/* answer.c: @result is owned by the callee. */
void answer_start(struct front *f, struct conn *c,
    const struct imsg_job_reply *reply, int result);
void answer_writable(struct front *f, struct conn *c);
void answer_linger(struct conn *c);

#define FRONT_FD_BROKER 4

#endif
