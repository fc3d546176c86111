/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the imager's scanner, which reads everything and may do nothing, and
 * its runner (libexec/immure-runner), which may make jails and reads nothing.
 * Messages of common/message.h over a socketpair; the runner serves one at a
 * time and ends when the scanner does.
 */
#ifndef IMMURE_RUNNER_H
#define IMMURE_RUNNER_H

#include <stdint.h>

#define RUNNER_FD 3                      /* the runner's socket */
#define RUNNER_WORDS_MAX (256U * 1024)   /* bytes of words */
#define RUNNER_ARGC_MAX 256U
#define RUNNER_IMAGES_MAX 64U
#define RUNNER_WALL_MS 60000U            /* of one run, on a busy machine */
#define RUNNER_TMP_BYTES (256UL << 20)   /* /tmp of a discovery jail */

#define RUNNER_TRY "/.libexec/stage-try" /* the only program it starts */

enum runner_place {
	PLACE_HOST = 0, /* the host's /usr, /opt, /lib*, /bin, read-only */
	PLACE_IMAGE,    /* the image at /.immure and nothing else */
	PLACE_PUMP,     /* … and its include directories at their places */
	PLACE_USUAL,    /* … and the image at the usual places too */
	PLACE_COUNT
};

enum runner_type {
	/* fds: words (sealed memfd of the scanner's: argc arguments, then envc
	   of environment, each with its NUL), pipe for stdout, for stderr.
	   body: struct runner_run */
	RUNNER_RUN = 0x10,
	RUNNER_RAN = 0x11, /* body: struct runner_ran */
	/* make directory <image> with x/, inc/ and what of inc/ is wanted.
	   body: struct runner_image; answered by RUNNER_RAN */
	RUNNER_IMAGE = 0x12,
	/* all images are made: nobody may write there any more.
	   body: none; answered by RUNNER_RAN */
	RUNNER_CLOSE = 0x14,
};

struct runner_run {
	uint32_t place; /* enum runner_place */
	uint32_t image; /* index; PLACE_HOST: 0 */
	uint32_t argc, envc;
	uint64_t words_len;
};

/* Top-level directories that include directories may lie in: bit i of
 * runner_image.tops is for the i-th. */
#define RUNNER_TOPS { "usr", "opt" }
#define RUNNER_TOPS_N 2

struct runner_image {
	uint32_t image;
	uint32_t tops; /* which of them inc/ shall have */
};

struct runner_ran {
	int32_t error;  /* 0 or -errno: it did not run */
	int32_t status; /* wait status */
	uint32_t killed; /* by the deadline */
	uint32_t zero;
	char where[64]; /* error: the step, NUL-terminated */
};

#endif
