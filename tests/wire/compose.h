/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request in memory, put together a token at a time. */
#ifndef IMMURE_TESTS_COMPOSE_H
#define IMMURE_TESTS_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *p; /* owned */
	size_t len, cap;
};

struct message {
	struct bytes wire;
	size_t *ends; /* owned: where each token (with its string) ends */
	size_t nends;
	int packed; /* bodies are LZO blocks (protocol 2, 3) */
};

/* All of these die with a message when memory or a file fails. */
void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_read_file(struct bytes *b, const char *path);
void bytes_write_file(const struct bytes *b, const char *path);
void bytes_done(struct bytes *b);

void message_number(struct message *m, const char *name, uint32_t value);
void message_string(struct message *m, const char *name, const char *text);
/* A bulk token with what is in file @path; NULL: empty. */
void message_body(struct message *m, const char *name, const char *path);
void message_end_token(struct message *m);
void message_done(struct message *m);

/* LZO1X block @in into @out; 0, or -1 when it is not one. */
int unpack(struct bytes *out, const struct bytes *in);

_Noreturn void die(const char *what, const char *why);

#endif
