/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose turn it is: deficit round-robin (Shreedhar and Varghese, 1995) between
 * clients, over the time that their jobs take in slots; a job that takes more
 * than a slot's part of memory, or keeps it from others by what is reserved
 * for it, pays for that like for more slots (security-rules 18).  What a job
 * will take is not known when it starts, so it is charged what the client's
 * jobs took of late, what it takes beyond that while it runs, and the rest
 * when it ends.  Pure: times are the caller's, in microseconds.
 */
#ifndef IMMURE_BROKER_SHARE_H
#define IMMURE_BROKER_SHARE_H

#include "../common/peer.h"
#include <stdbool.h>
#include <stdint.h>

/* A turn is worth so much slot time. */
#define SHARE_QUANTUM_US (50U * 1000U)
/* What a client's first job is thought to take. */
#define SHARE_GUESS_US (1000U * 1000U)
/* Memory that comes with a slot's time. */
#define SHARE_RSS_KIB (1024U * 1024U)
/* No job pays for more than this. */
#define SHARE_RSS_MAX_KIB (64U * SHARE_RSS_KIB)
/* All clients of one site (peer.h: an IPv6 /48, the local users) together, those
 * of before included, get what so many clients get, since one who has a site
 * has 65536 of them. */
#define SHARE_SITE_CLIENTS 4U
/* One client, or site, does not get the last slot if another one was here so
 * lately; unless there are fewer slots than this. */
#define SHARE_SLOTS_MIN 3U
#define SHARE_COMPANY_US (600U * 1000U * 1000U)

struct share_client;
struct share_site;

struct share {
	struct share_client **v; /* owned; in the order of turns */
	unsigned n, room;
	unsigned turn; /* in v */
	unsigned present; /* of v, in share_next() */
	struct share_site *sites; /* owned; list */
};

/* A job's part in it; all zero = none. */
struct share_job {
	struct share_client *client; /* borrowed */
	uint64_t started_us;	     /* 0 = waits */
	uint64_t reserved_kib;	     /* share_reserve() */
	uint64_t charged_us;
	bool is_guess; /* that charge is one */
};

/* A job of @peer waits from now on.  0 or -ENOMEM. */
int share_wait(struct share *s, struct share_job *j, const struct peer *peer,
    uint64_t now);

/* Before it has its slot: so much memory is kept for it until it ends. */
void share_reserve(struct share_job *j, uint64_t kib);

/* It has its slot. */
void share_start(struct share_job *j, uint64_t now);

/* It waits again, as if it had never had one. */
void share_back(struct share_job *j, uint64_t now);

/* Its client's other jobs are not started before @until. */
void share_hold(struct share_job *j, uint64_t until);

/* When the first of the clients that are held, with jobs that wait, is let go;
 * UINT64_MAX = none is. */
uint64_t share_held_until(const struct share *s, uint64_t now);

/* It is over, started or not, or was never ours; @maxrss_kib as measured, 0 =
 * unknown.  *@j is zero then. */
void share_end(struct share_job *j, uint64_t maxrss_kib, uint64_t now);

/*
 * The client whose job is to be started, of those that wait, or NULL; for
 * share_job.client to be compared with.  There are @slots in all.
 */
const struct share_client *share_next(struct share *s, unsigned slots,
    uint64_t now);

/* How long a job of @peer that comes now will wait for one of @slots, none of
 * which is free, by what jobs took of late. */
uint64_t share_expect_us(const struct share *s, const struct peer *peer,
    unsigned slots, uint64_t now);

/* For tests, which look for leaks: a broker has it until it ends. */
void share_done(struct share *s);

#endif
