/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests token by token (compose.h).  Trusts its caller: a test tool. */
#include "compose.h"
#include "node/wire/reply.h"

#include <errno.h>
#include <lzo/lzo1x.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNPACKED_MAX (1UL << 30)

_Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "send_request: %s: %s\n", what, why);
	exit(3);
}

static void *
more(void *p, size_t n)
{
	p = realloc(p, n);
	if (p == NULL)
		die("memory", strerror(ENOMEM));
	return p;
}

static void
bytes_room(struct bytes *b, size_t n)
{
	if (b->len + n <= b->cap)
		return;
	b->cap = (b->len + n) * 2;
	b->p = more(b->p, b->cap);
}

void
bytes_add(struct bytes *b, const void *p, size_t n)
{
	bytes_room(b, n);
	if (n != 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
}

void
bytes_done(struct bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

void
bytes_read_file(struct bytes *b, const char *path)
{
	FILE *f = fopen(path, "rbe");
	size_t n;

	if (f == NULL)
		die(path, strerror(errno));
	do {
		bytes_room(b, 65536);
		n = fread(b->p + b->len, 1, 65536, f);
		b->len += n;
	} while (n != 0);
	if (ferror(f))
		die(path, "cannot be read");
	fclose(f);
}

void
bytes_write_file(const struct bytes *b, const char *path)
{
	FILE *f = fopen(path, "wbe");

	if (f == NULL)
		die(path, strerror(errno));
	if (fwrite(b->p, 1, b->len, f) != b->len || fclose(f) != 0)
		die(path, "cannot be written");
}

void
message_end_token(struct message *m)
{
	m->ends = more(m->ends, (m->nends + 1) * sizeof(*m->ends));
	m->ends[m->nends++] = m->wire.len;
}

static void
add_header(struct message *m, const char *name, size_t value)
{
	uint8_t tok[REPLY_TOKEN];

	reply_token(tok, name, (uint32_t)value);
	bytes_add(&m->wire, tok, sizeof(tok));
}

void
message_number(struct message *m, const char *name, uint32_t value)
{
	add_header(m, name, value);
	message_end_token(m);
}

void
message_string(struct message *m, const char *name, const char *text)
{
	add_header(m, name, strlen(text));
	bytes_add(&m->wire, text, strlen(text));
	message_end_token(m);
}

static void
pack(struct bytes *out, const struct bytes *in)
{
	static uint8_t work[LZO1X_1_MEM_COMPRESS];
	lzo_uint n = 0;

	/* The bound is liblzo2's own (LZO.FAQ). */
	bytes_room(out, in->len + in->len / 16 + 64 + 3);
	if (lzo1x_1_compress(in->p, in->len, out->p, &n, work) != LZO_E_OK)
		die("lzo1x_1_compress", "failed");
	out->len = n;
}

void
message_body(struct message *m, const char *name, const char *path)
{
	struct bytes plain = { 0 }, packed = { 0 }, *body = &plain;

	if (path != NULL)
		bytes_read_file(&plain, path);
	if (m->packed && plain.len != 0) {
		pack(&packed, &plain);
		body = &packed;
	}
	add_header(m, name, body->len);
	bytes_add(&m->wire, body->p, body->len);
	message_end_token(m);
	bytes_done(&plain);
	bytes_done(&packed);
}

void
message_done(struct message *m)
{
	bytes_done(&m->wire);
	free(m->ends);
	memset(m, 0, sizeof(*m));
}

int
unpack(struct bytes *out, const struct bytes *in)
{
	size_t room = in->len * 8 + 64;
	lzo_uint n;
	int r;

	if (in->len == 0)
		return 0;
	for (; room <= UNPACKED_MAX; room *= 2) {
		bytes_room(out, room);
		n = room;
		r = lzo1x_decompress_safe(in->p, in->len, out->p, &n, NULL);
		out->len = r == LZO_E_OK ? n : 0;
		if (r != LZO_E_OUTPUT_OVERRUN)
			return r == LZO_E_OK ? 0 : -1;
	}
	return -1;
}
