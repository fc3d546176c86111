/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The broker's state and the calls between its files.  One process, one
 * thread, one struct broker.
 */
#ifndef IMMURE_BROKER_H
#define IMMURE_BROKER_H

#include "../common/clock.h"
#include "../common/counts.h"
#include "../common/imsg.h"
#include "../common/limits.h"
#include "../options/options.h"
#include "../toolchain/alias.h"
#include "../toolchain/table.h"
#include "../wire/request.h"
#include "brake.h"
#include "budget.h"
#include "memory.h"
#include "repeat.h"
#include "share.h"
#include "stats.h"
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRONTS_MAX 16
#define SLOTS_MAX  ((int)LIMIT_SLOTS + 1) /* the last is a selftest's */
/* BLAKE2b-256, imsg_audit_job.request_digest. */
#define REQUEST_DIGEST 32

enum tag_kind { TAG_MONITOR, TAG_FRONT, TAG_SLOT };

struct front_peer {
	enum tag_kind kind; /* first: epoll's pointer points here */
	int sock;           /* owned; -1 = none */
	uint32_t index;
	struct kept *kept, *kept_last; /* owned; what its queue did not take */
	unsigned nkept;
	uint64_t serial;    /* the monitor's number for it */
	uint64_t hung_us;   /* since when it is to be gone; 0 = it is not */
};

struct slot {
	enum tag_kind kind; /* first */
	int sock;           /* owned; -1 = none */
	uint32_t index;
	uint64_t generation;
	uint64_t serial;  /* the monitor's number for it */
	uint64_t hung_us; /* since when it is to be gone; 0 = it is not */
	uint64_t due_us;  /* when its job's next word is due; else 0 */
	bool ready;      /* it has said IMSG_SLOT_READY */
	struct job *job; /* borrowed; running here */
	uint32_t jobs;   /* that it has been given */
	uint32_t last_toolchain, last_profile; /* what its next cell is for */
};

struct image {
	uint64_t generation; /* 0 = none yet */
	void *buf;           /* owned */
	struct table table;  /* view of buf */
};

enum job_state { JOB_QUEUED, JOB_HELD, JOB_RUNNING, JOB_CANCELLED };

struct job {
	struct job *next, *prev; /* in broker.jobs, oldest first */
	enum job_state state;
	struct front_peer *front; /* borrowed; NULL once its conn is over */
	bool front_broke;         /* … since that broke */
	uint64_t conn;
	struct peer peer;
	uint32_t proto;
	uint64_t accepted_us;
	uint64_t bytes_in;
	struct share_job share;
	uint64_t queued_us;
	uint64_t maxrss_kib; /* once it has ended */
	uint64_t memory;     /* reserved, while it runs */

	uint8_t *heads; /* owned */
	uint64_t heads_len;
	struct request request; /* strings in heads */
	int bodies_fd;          /* owned */

	/* by decide(), for image generation `generation` */
	uint64_t generation;
	uint32_t toolchain;
	uint8_t toolchain_digest[32];
	char ran[128]; /* the name it goes by here; "" = refused */
	struct options_decision decision;
	bool decided; /* decision must be freed */
	int plan_fd;  /* owned */
	uint64_t plan_len;
	uint64_t tops;

	/* verdict when refused */
	const char *reason; /* stable word, constant; NULL = may run */
	char text[1024];
	uint32_t refuse_code; /* exit code for the reply (plain) */
	uint64_t refuse_us;   /* JOB_HELD: when to answer */

	struct slot *slot; /* borrowed; when running */
	bool told;  /* its front knows that it has begun */
	bool taken; /* its bytes have been in a cell */
	bool again; /* its slot broke before that, once */
	crypto_generichash_state hash; /* heads as they came, then bodies */
	uint64_t hashed;               /* bytes of the bodies in it */
};

struct broker {
	int epoll_fd;
	int auditor; /* owned; -1 = not yet */
	bool records_full; /* nothing starts: it could not be recorded */
	bool draining;
	struct front_peer fronts[FRONTS_MAX];
	struct slot slots[SLOTS_MAX];
	struct image image;
	struct aliases aliases, aliases_new; /* in use; as they come */
	struct job *jobs, *jobs_last; /* list */
	unsigned njobs, nheld; /* in jobs; of them JOB_HELD */
	struct budget budget;
	struct memory memory; /* of jobs that run */
	struct brake brake;
	struct share share;
	struct repeats repeats;
	uint32_t front_uid, executor_uid, imager_uid;
	uint32_t wall_ms; /* limit of a job */
	uint32_t wait_ms; /* limit of its wait for a slot; 0 = none */
	uint32_t slot_jobs; /* a slot that had so many is to go */
	struct limits limits;
	struct counts counts; /* of reasons; constants of ours */
	uint32_t nslots;  /* slots from this one on are to go */
	bool selftest;    /* its jobs are to break the rules: none waits */
	uint64_t slots_gone_us; /* since when no slot is alive; 0 = one is */
	int status;             /* owned; -1 = there is no status page */
	uint64_t status_us;     /* when it was last told */
	struct stats stats;
};

struct msg;

/* job.c: life of a job */
int job_request(struct broker *b, struct front_peer *fp, struct msg *m);
/* Its client is gone, or @front_broke: the front that had it. */
void job_over(struct broker *b, struct job *j, bool front_broke);
void job_ended(struct broker *b, struct slot *s,
    const struct imsg_job_done *done, int result); /* owns result */
/* Its slot broke.  One that had not begun there waits again, once. */
void job_lost(struct broker *b, struct job *j);
struct job *job_find(struct broker *b, const struct front_peer *fp,
    uint64_t conn);
void job_free(struct broker *b, struct job *j);
void job_give_memory(struct broker *b, struct job *j);
/* Closed and recorded as overload @word, so that its client goes elsewhere. */
void job_elsewhere(struct broker *b, struct job *j, const char *word);
/* The node ends: what is here goes on record as it is. */
void jobs_stop(struct broker *b);

/* refuse.c: j->reason says why; the request could not be read (@error of
 * request_parse()); the job ends, now or, for one that repeats, later; or now in
 * any case */
void refuse_bad_request(struct job *j, int error);
void refuse_job(struct broker *b, struct job *j);
void refuse_now(struct broker *b, struct job *j);
/* Those whose time has come, or all.  ms until the next one; -1 = none. */
int refuse_held(struct broker *b, bool all);

/* decide.c: verdict and plan.  0, or -errno; j->reason says the verdict. */
int decide(struct broker *b, struct job *j);

/* reserve.c: @bytes more for a connection (budget.h), if need be taken from
 * those that are slow; @bytes, or 0 */
uint64_t reserve(struct broker *b, const struct front_peer *fp, uint64_t conn,
    const struct peer *peer, uint64_t bytes);

/* broker.c: tell the monitor to end a peer that broke the rules */
void blame(enum role role, uint32_t index, uint64_t generation,
    uint64_t serial);

/* dispatch.c: give jobs to slots */
void dispatch(struct broker *b);
/* Whether a job of @p would wait too long (--max-wait). */
bool dispatch_is_slow(const struct broker *b, const struct peer *p);
/* Jobs that have waited too long, or wait although no slot is alive for long,
 * are sent elsewhere. */
void dispatch_expire(struct broker *b);
void slot_close(struct broker *b, struct slot *s);
/* Close @s if it has no job and is to go: old images, --jobs is less, or it
 * has had --slot-jobs of them. */
void slot_retire(struct broker *b, struct slot *s);
/* Jobs that have no slot are sent elsewhere, for the reason @word. */
void dispatch_refuse(struct broker *b, const char *word);

/*
 * tell.c: send @fp a message, now or when its queue has room; in order.  @fd
 * (or NULL) stays the caller's, unless it was kept: then *fd is -1.  0;
 * -EPROTO: it does not read; other -errno: it is gone.
 */
int front_tell(struct broker *b, struct front_peer *fp, uint32_t type,
    uint64_t conn, const void *body, size_t len, int *fd);
void front_flush(struct broker *b, struct front_peer *fp); /* it has room */
void front_forget(struct front_peer *fp); /* it is gone */

/* answer.c: replies.  *result as in front_tell. */
void answer_result(struct broker *b, struct job *j,
    const struct imsg_job_done *done, int *result);
void answer_text(struct broker *b, struct job *j, uint32_t exit_code,
    const char *text);
/* Success without an object: @text as the compiler's stdout. */
void answer_said(struct broker *b, struct job *j, const char *text);
void answer_close(struct broker *b, struct job *j);

/* record.c.  The auditor never waits, so what its socket does not take at once
 * it takes soon; until then it is kept here, and in order. */
void record_flush(struct broker *b, int timeout_ms);
bool record_waits(const struct broker *b); /* records are kept */
void record_job(struct broker *b, struct job *j, enum audit_result res,
    uint32_t status, const char *reason, const struct imsg_job_done *done);
void record_peer(struct broker *b, int level, enum role who,
    const struct peer *p, const char *word, const char *text);
/* record_conn.c: ends without a job, at most so many a second */
void record_conn(struct broker *b, const struct imsg_conn_over *over);
/* A request was closed for want of room, here or at all. */
void record_overload(struct broker *b, const struct peer *p, const char *word,
    const char *text);

/* What has changed in the counters: event limits.counts. */
void record_counts(struct broker *b);
/* Say how many ends and overloads were left out, once their second is over;
 * true: some are still to be said. */
bool record_lost(struct broker *b);

/* status.c: tell the status page, when it is time */
void status_tell(struct broker *b);
void record_event(struct broker *b, int level, const char *word,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Digest a little more of what runs; true: there is more to do. */
bool record_digest(struct broker *b);

#endif
