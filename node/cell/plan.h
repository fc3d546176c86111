/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what the broker has decided a cell shall do, as one sealed memfd,
 * read by the unpack stage and nobody else.  Native byte order, one machine.
 *
 *   struct plan_hdr
 *   exec part, hdr.exec_len bytes: handed by unpack to the launcher as it is
 *     struct plan_exec
 *     program \0  cwd \0  argv[0] \0 … argv[argc-1] \0  env[0] \0 … \0
 *   hdr.nitems items, each: struct plan_item, name \0 [target \0]
 *
 * Items are in the order in which unpack must do them.  plan.c is pure and
 * has no libc needs beyond string.h: it is linked into the stages too.
 */
#ifndef IMMURE_PLAN_H
#define IMMURE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#define PLAN_MAGIC 0x314c5069U
#define PLAN_MAX (80UL * 1024 * 1024)     /* bytes of a plan */
#define PLAN_EXEC_MAX (4UL * 1024 * 1024) /* bytes of its exec part */

struct plan_hdr {
	uint32_t magic;
	uint32_t nitems;
	uint64_t exec_len;
};

struct plan_exec {
	uint32_t magic;
	uint32_t argc;
	uint32_t envc;
	uint32_t text_len; /* bytes of strings that follow */
};

enum plan_kind { PLAN_DIR = 1, PLAN_FILE = 2, PLAN_LINK = 3 };

struct plan_item {
	uint32_t kind;
	uint32_t name_len;   /* without the NUL, 1..4095, absolute path */
	uint32_t target_len; /* PLAN_LINK, else 0 */
	uint32_t zero;
	uint64_t body_off;   /* PLAN_FILE: in the bodies memfd */
	uint64_t body_len;   /* wire length; 0 = empty file */
};

/* -- writing (broker) -- */

struct plan_writer {
	uint8_t *buf; /* owned; malloc */
	size_t len, cap;
	int failed; /* out of memory or over PLAN_MAX: sticky */
};

void plan_begin(struct plan_writer *w);
void plan_exec(struct plan_writer *w, const char *program, const char *cwd,
    const char *const *argv, const char *const *env); /* once, first */
void plan_dir(struct plan_writer *w, const char *path);
void plan_file(struct plan_writer *w, const char *path, uint64_t off,
    uint64_t len);
void plan_link(struct plan_writer *w, const char *path, const char *target);
/* 0 and the finished plan in w->buf/len, or -ENOMEM/-E2BIG. */
int plan_finish(struct plan_writer *w);
void plan_writer_done(struct plan_writer *w);

/* -- reading (unpack, launcher): nothing is trusted -- */

struct plan {
	const uint8_t *exec;
	size_t exec_len;
	const uint8_t *items;
	size_t items_len;
	uint32_t nitems;
};

struct plan_entry {
	enum plan_kind kind;
	const char *name;   /* NUL-terminated, absolute, no empty . .. part */
	const char *target; /* PLAN_LINK */
	uint64_t body_off, body_len;
};

/* 0, or -EPROTO. */
int plan_parse(struct plan *p, const uint8_t *buf, size_t len);
/* Item at *off (start at 0); 1 = got one and *off advanced, 0 = end, -EPROTO. */
int plan_next(const struct plan *p, size_t *off, struct plan_entry *e);

/*
 * Split an exec part.  @argv must have room for max_words pointers including
 * both NULLs: on success argv[0..argc-1], NULL, env[0..envc-1], NULL; *ret_env
 * points behind the first NULL.  0, or -EPROTO.
 */
int plan_exec_parse(const uint8_t *buf, size_t len, const char **ret_program,
    const char **ret_cwd, const char **argv, size_t max_words,
    const char ***ret_env);

#endif
