/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner's side of runner.h: run a compiler in a jail, take what it
 * prints. */
#ifndef IMMURE_RUN_H
#define IMMURE_RUN_H

#include "runner.h"
#include <stddef.h>

#define RUN_OUT_MAX (64UL << 20) /* bytes of an object */
#define RUN_ERR_MAX (1UL << 20)  /* bytes of text */

struct run_spec {
	enum runner_place place;
	uint32_t image;
	const char *object; /* path below /tmp to give back, or NULL: stdout */
	const char *source; /* path below /tmp to put @text in, or NULL */
	const char *text;
	const char *program, *argv0; /* paths in the jail */
	const char *const *args;     /* behind argv0; NULL-terminated */
	const char *const *env;      /* NULL-terminated */
};

struct run_output {
	int status;                /* wait status */
	uint8_t *out;              /* owned */
	size_t out_len;
	char *err;                 /* owned; not NUL-terminated */
	size_t err_len;
};

/* 0 and *ret (run_output_done() it), -ETIME killed by its deadline, -EFBIG it
 * printed too much, -EPIPE the runner is gone, or another -errno: it did not
 * run; *@ret_where then names the step in a static buffer. */
int run_compiler(int runner, const struct run_spec *s, struct run_output *ret,
    const char **ret_where);

void run_output_done(struct run_output *o);

/* Ended by itself with status 0. */
int run_succeeded(const struct run_output *o);

/* The other requests of runner.h; 0 or -errno. */
int run_make_image(int runner, uint32_t image, uint32_t tops);
int run_close_images(int runner);

#endif
