/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Driving one slot by hand: an image of gcc without the imager, spawner and
 * executor without monitor and broker.  For tests; as root.
 */
#ifndef IMMURE_TESTS_DRIVE_EXECUTOR_H
#define IMMURE_TESTS_DRIVE_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "node/cell/plan.h"
#include "node/common/imsg.h"
#include "node/common/message.h"

#define DRIVE_GENERATION 1
/* A node that may be running beside us never gets this far; $DRIVE_SLOT, where
 * several are driven at a time. */
#define DRIVE_SLOT 4000

/* tests/escape/drive_hostile.c, in the image. */
#define DRIVE_HOSTILE "/.immure/drive_hostile"

/* tests/escape/witness.c, in a small image. */
#define DRIVE_WITNESS "/.immure/witness"

/* What the spawner is started under, at most so many words. */
#define DRIVE_UNDER_MAX 16

enum drive_image {
	DRIVE_GCC,   /* the host's gcc */
	DRIVE_USUAL, /* … also at the usual places (TOOLCHAIN_USUAL_PLACES) */
	DRIVE_SMALL, /* the witness alone */
};

struct drive {
	char dir[64]; /* images, on a tmpfs of our own mount namespace */
	int table;
	int groups; /* a tree of cgroups for its cells; -1 = none here */
	pid_t executor;
	int monitor, broker; /* our ends */
	unsigned slot;
	bool quiet;
	const char *under[DRIVE_UNDER_MAX + 1]; /* borrowed words, then NULL */
	uint64_t start_us; /* from fork to SLOT_READY */
};

struct drive_job {
	struct plan_writer plan;
	uint8_t *bodies;
	size_t bodies_len;
	struct imsg_job_start start;
	bool taken; /* JOB_TAKEN came, before JOB_DONE */
	struct imsg_job_done done;
	uint8_t *result; /* owned: the four parts */
	uint64_t us;	 /* from JOB_START to JOB_DONE, seen from here */
};

/* Fail the test. */
_Noreturn void drive_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Own mount namespace, image, table.  Once. */
void drive_image(struct drive *d, enum drive_image kind);
/* A tree of cgroups, where this machine has them for us; gone at exit. */
void drive_groups(struct drive *d);
/* Start spawner and executor; wait until the slot is ready. */
void drive_start(struct drive *d);
/* … or is not.  1: ready; 0: it ended; -errno: what it was instead.  To be
 * stopped in any case. */
int drive_try(struct drive *d, int timeout_ms);
/* Hang up, and wait for the executor's end; its wait status. */
int drive_stop(struct drive *d);
/* The same without hanging up: it must end by itself. */
int drive_end(struct drive *d);

void drive_job_begin(struct drive_job *j, unsigned profile, unsigned proto);
/* The compiler's command line; the plan's first part. */
void drive_job_exec(
    struct drive_job *j, const char *cwd, const char *const *argv);
/* A file of the request, LZO where the protocol has it. */
void drive_job_file(
    struct drive_job *j, const char *path, const void *text, size_t len);
void drive_job_send(struct drive *d, struct drive_job *j);
/* The same to one that may be gone; 0 or -errno. */
int drive_job_offer(struct drive *d, struct drive_job *j);
/* Wait for its end, which must be the orderly one of a slot that is to be built
 * anew, and start the next. */
void drive_rebuild(struct drive *d);
/* Until JOB_DONE.  false: the executor ended without one. */
bool drive_job_wait(struct drive *d, struct drive_job *j, int timeout_ms);
/* Part @p, unpacked; owned by the caller. */
uint8_t *drive_job_part(
    const struct drive_job *j, enum result_part p, size_t *ret_len);
void drive_job_done(struct drive_job *j);

/* A job whose compiler does not end, and needs little memory. */
void drive_job_endless(struct drive_job *j);
void drive_ok(const char *what);
/* drive_kill.c: the whole of `drive_executor kill`. */
void drive_kills(struct drive *d);
/* A process or a mount that is left of the slot; NULL: nothing.  Waits for a
 * while before it says so. */
const char *drive_left(struct drive *d);
/* drive_fault.c: the whole of `drive_executor faults`. */
void drive_faults(struct drive *d);
/* drive_acts.c: the whole of `drive_executor hostile`. */
void drive_acts(struct drive *d);

#endif
