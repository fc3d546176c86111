/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framing of a request (frame.h).  The grammar is the table below: in each
 * place one token may come (two after a NAME), its function checks the number
 * and says what follows.  What lies between two token headers is counted down
 * in frame.left and never looked at, but for NUL in strings.
 *
 * Trusts nothing.  Must never read beyond the input given, nor keep a pointer
 * into it.
 */
#include "frame.h"
#include "token.h"

#include <string.h>

enum expect {
	EXPECT_DIST,
	EXPECT_CDIR, /* proto 3 */
	EXPECT_ARGC,
	EXPECT_ARGV,
	EXPECT_DOTI, /* proto 1, 2: last */
	EXPECT_NFIL, /* proto 3 from here */
	EXPECT_NAME,
	EXPECT_FILE_OR_LINK,
	EXPECT_NOTHING
};

/* A string of @len bytes comes, @min to @max are right; then @next. */
static enum frame_error
announce_string(
    struct frame *f, uint32_t len, uint32_t min, uint64_t max, enum expect next)
{
	if (len < min)
		return FRAME_E_STRING;
	if (len > max)
		return FRAME_E_LONG;
	if (f->heads + len > f->limits.heads)
		return FRAME_E_HEADS;
	f->left = len;
	f->in_body = 0;
	f->expect = next;
	return FRAME_OK;
}

static enum frame_error
announce_body(struct frame *f, uint32_t len, enum expect next)
{
	if (len > f->limits.bodies - f->bodies)
		return FRAME_E_BODIES;
	f->bodies += len;
	f->left = len;
	f->in_body = len != 0;
	f->expect = next;
	return FRAME_OK;
}

/* What follows a file of a pump request. */
static enum expect
next_file(struct frame *f)
{
	f->files_left--;
	return f->files_left != 0 ? EXPECT_NAME : EXPECT_NOTHING;
}

static enum frame_error
take_dist(struct frame *f, uint32_t v)
{
	/* distccd takes version 0 as 1; no client sends it (§1.1). */
	if (v < 1 || v > 3)
		return FRAME_E_VERSION;
	f->proto = v;
	f->expect = v == 3 ? EXPECT_CDIR : EXPECT_ARGC;
	return FRAME_OK;
}

static enum frame_error
take_cdir(struct frame *f, uint32_t v)
{
	return announce_string(f, v, 1, f->limits.path, EXPECT_ARGC);
}

static enum frame_error
take_argc(struct frame *f, uint32_t v)
{
	if (v == 0)
		return FRAME_E_ARGC;
	if (v > f->limits.words)
		return FRAME_E_WORDS;
	f->argc_left = v;
	f->expect = EXPECT_ARGV;
	return FRAME_OK;
}

static enum frame_error
take_argv(struct frame *f, uint32_t v)
{
	enum expect next = EXPECT_ARGV;
	enum frame_error e;

	f->argc_left--;
	if (f->argc_left == 0)
		next = f->proto == 3 ? EXPECT_NFIL : EXPECT_DOTI;
	e = announce_string(f, v, 0, f->limits.word, next);
	/* execve(2) counts the NULs as well. */
	f->argv_bytes += (uint64_t)v + 1;
	if (e == FRAME_OK && f->argv_bytes > f->limits.command)
		return FRAME_E_HEADS;
	return e;
}

static enum frame_error
take_doti(struct frame *f, uint32_t v)
{
	return announce_body(f, v, EXPECT_NOTHING);
}

static enum frame_error
take_nfil(struct frame *f, uint32_t v)
{
	if (v > f->limits.files)
		return FRAME_E_FILES;
	f->files_left = v;
	f->expect = v != 0 ? EXPECT_NAME : EXPECT_NOTHING;
	return FRAME_OK;
}

static enum frame_error
take_name(struct frame *f, uint32_t v)
{
	return announce_string(f, v, 1, f->limits.path, EXPECT_FILE_OR_LINK);
}

static enum frame_error
take_file(struct frame *f, uint32_t v)
{
	return announce_body(f, v, next_file(f));
}

static enum frame_error
take_link(struct frame *f, uint32_t v)
{
	return announce_string(f, v, 1, f->limits.path, next_file(f));
}

static const struct {
	enum expect place;
	const char *name;
	enum frame_error (*take)(struct frame *f, uint32_t value);
} grammar[] = {
	{ EXPECT_DIST, "DIST", take_dist },
	{ EXPECT_CDIR, "CDIR", take_cdir },
	{ EXPECT_ARGC, "ARGC", take_argc },
	{ EXPECT_ARGV, "ARGV", take_argv },
	{ EXPECT_DOTI, "DOTI", take_doti },
	{ EXPECT_NFIL, "NFIL", take_nfil },
	{ EXPECT_NAME, "NAME", take_name },
	{ EXPECT_FILE_OR_LINK, "FILE", take_file },
	{ EXPECT_FILE_OR_LINK, "LINK", take_link },
};

static enum frame_error
take_token(struct frame *f)
{
	uint32_t value;
	size_t i;

	f->at = f->heads + f->bodies - WIRE_TOKEN;
	if (!token_value(f->tok, &value))
		return FRAME_E_TOKEN;
	for (i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++) {
		if (grammar[i].place == f->expect &&
		    token_is(f->tok, grammar[i].name))
			return grammar[i].take(f, value);
	}
	return FRAME_E_TOKEN;
}

static size_t
smaller(size_t n, uint64_t left)
{
	return left < n ? (size_t)left : n;
}

/* Bytes of a token header; when it is whole, act on it. */
static enum frame_error
eat_header(struct frame *f, const uint8_t *p, size_t n, size_t *used)
{
	size_t take = smaller(n, WIRE_TOKEN - f->tok_have);

	if (f->tok_have == 0 && f->heads + WIRE_TOKEN > f->limits.heads)
		return FRAME_E_HEADS;
	memcpy(f->tok + f->tok_have, p, take);
	f->tok_have += (uint32_t)take;
	f->heads += take;
	*used = take;
	if (f->tok_have < WIRE_TOKEN)
		return FRAME_OK;
	f->tok_have = 0;
	return take_token(f);
}

static enum frame_error
eat_string(struct frame *f, const uint8_t *p, size_t n, size_t *used)
{
	size_t take = smaller(n, f->left);

	if (memchr(p, '\0', take) != NULL)
		return FRAME_E_STRING;
	f->left -= take;
	f->heads += take;
	*used = take;
	return FRAME_OK;
}

/*
 * As many heads as there are, up to the end of the input, of the request or of
 * the header of a body: one piece, so that the front need not write each of
 * the many short strings by itself.
 */
static enum frame_error
eat_heads(struct frame *f, const uint8_t *p, size_t n, size_t *len)
{
	enum frame_error e = FRAME_OK;
	size_t used;

	while (*len < n && !f->in_body &&
	       !(f->left == 0 && f->expect == EXPECT_NOTHING)) {
		used = 0;
		if (f->left != 0)
			e = eat_string(f, p + *len, n - *len, &used);
		else
			e = eat_header(f, p + *len, n - *len, &used);
		if (e != FRAME_OK)
			return e;
		*len += used;
	}
	return e;
}

static size_t
eat_body(struct frame *f, size_t n)
{
	size_t take = smaller(n, f->left);

	f->left -= take;
	f->in_body = f->left != 0;
	return take;
}

static enum frame_state
state_now(const struct frame *f)
{
	if (f->heads == 0)
		return FRAME_FIRST_BYTE;
	if (f->left != 0 || f->tok_have != 0)
		return FRAME_TOKEN;
	if (f->expect == EXPECT_NOTHING)
		return FRAME_COMPLETE;
	return f->expect == EXPECT_DOTI ? FRAME_WAIT_SOURCE : FRAME_TOKEN;
}

void
frame_init(struct frame *f, const struct limits *limits)
{
	memset(f, 0, sizeof(*f));
	f->limits = *limits;
	f->state = FRAME_FIRST_BYTE;
	f->expect = EXPECT_DIST;
}

enum frame_error
frame_next(
    struct frame *f, const uint8_t *p, size_t n, struct frame_piece *piece)
{
	enum frame_error e;

	memset(piece, 0, sizeof(*piece));
	if (f->state == FRAME_FAILED)
		return (enum frame_error)f->error;
	if (f->state == FRAME_COMPLETE)
		return FRAME_OK;
	if (f->in_body) {
		piece->is_body = 1;
		piece->len = eat_body(f, n);
	} else {
		e = eat_heads(f, p, n, &piece->len);
		if (e != FRAME_OK) {
			memset(piece, 0, sizeof(*piece));
			f->state = FRAME_FAILED;
			f->error = e;
			return e;
		}
		if (f->in_body)
			piece->reserve = f->left;
	}
	f->state = state_now(f);
	return FRAME_OK;
}

enum frame_state
frame_state(const struct frame *f)
{
	return (enum frame_state)f->state;
}

uint64_t
frame_at(const struct frame *f)
{
	if (f->state == FRAME_FAILED)
		return f->at;
	return f->heads + f->bodies - (f->in_body ? f->left : 0);
}

const char *
frame_expects(uint32_t expect)
{
	if (expect == EXPECT_FILE_OR_LINK)
		return "FILE or LINK";
	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		if (grammar[i].place == expect)
			return grammar[i].name;
	return "nothing more";
}

const char *
frame_error_text(uint32_t error)
{
	static const char *const texts[FRAME_E_COUNT] = {
		[FRAME_OK] = "it ended too early",
		[FRAME_E_TOKEN] = "no such token",
		[FRAME_E_VERSION] = "a version that is none of 1, 2 and 3",
		[FRAME_E_ARGC] = "an impossible number of words",
		[FRAME_E_WORDS] = "too many words",
		[FRAME_E_STRING] = "an empty string, or one with a NUL",
		[FRAME_E_LONG] = "a word or name that is too long",
		[FRAME_E_FILES] = "too many files",
		[FRAME_E_HEADS] = "too many bytes of words and names",
		[FRAME_E_BODIES] = "too many bytes of sources",
	};

	return error < FRAME_E_COUNT ? texts[error] : "unknown";
}
