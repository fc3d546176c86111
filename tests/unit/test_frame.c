/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: streams in, pieces and refusals out. */
#include <node/common/limits.h>
#include <node/wire/frame.h>
#include <node/wire/reply.h>
#include <node/wire/request.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define V1	 "DIST00000001ARGC00000003ARGV00000002ccARGV00000000ARGV00000002-c"
#define V3                                                                     \
	"DIST00000003CDIR00000002/wARGC00000001ARGV00000003gccNFIL00000004"    \
	"NAME00000006/w/a.cFILE00000005\1\0bcd"                                \
	"NAME00000004/inLLINK00000009../../inL"                                \
	"NAME00000006/w/e.hFILE00000000"                                       \
	"NAME00000006/w/z.cFILE00000001z"

struct got {
	enum frame_error error;
	enum frame_state state;
	uint8_t heads[4096], bodies[4096];
	size_t heads_len, bodies_len, used;
	uint64_t reserved, body_left;
};

static void
feed(struct frame *f, struct got *g, const uint8_t *p, size_t n)
{
	struct frame_piece piece;
	size_t at = 0;

	do {
		g->error = frame_next(f, p + at, n - at, &piece);
		assert_true(piece.len <= n - at);
		if (piece.is_body) {
			memcpy(g->bodies + g->bodies_len, p + at, piece.len);
			g->bodies_len += piece.len;
		} else {
			memcpy(g->heads + g->heads_len, p + at, piece.len);
			g->heads_len += piece.len;
		}
		g->reserved += piece.reserve;
		at += piece.len;
	} while (g->error == FRAME_OK && piece.len != 0);
	g->used += at;
}

/* In reads of @step bytes. */
static void
run(struct got *g, const void *wire, size_t n, size_t step)
{
	const uint8_t *p = wire;
	struct frame f;
	size_t at, len;

	memset(g, 0, sizeof(*g));
	frame_init(&f, &limits_most);
	for (at = 0; at < n && g->error == FRAME_OK; at += len) {
		len = n - at < step ? n - at : step;
		feed(&f, g, p + at, len);
	}
	g->state = frame_state(&f);
	g->body_left = f.in_body ? f.left : 0;
}

static void
check_same(const struct got *a, const struct got *b)
{
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->used, b->used);
	assert_int_equal(a->reserved, b->reserved);
	assert_int_equal(a->heads_len, b->heads_len);
	assert_memory_equal(a->heads, b->heads, a->heads_len);
	assert_int_equal(a->bodies_len, b->bodies_len);
	assert_memory_equal(a->bodies, b->bodies, a->bodies_len);
}

static const struct {
	const char *name, *wire;
	size_t len;
	const char *bodies;
	size_t bodies_len;
} good[] = {
#define ROW(name, wire, bodies)                                                \
	{                                                                      \
		name, wire, sizeof(wire) - 1, bodies, sizeof(bodies) - 1       \
	}
	ROW("v1", V1 "DOTI00000006int a;", "int a;"),
	ROW("v2", "DIST00000002ARGC00000001ARGV00000002ccDOTI00000004\22a\21\0",
	    "\22a\21\0"),
	ROW("v1 no source", V1 "DOTI00000000", ""),
	ROW("v1 NULs in the body", V1 "DOTI00000003\0\0\0", "\0\0\0"),
	ROW("v1 capital digits",
	    "DIST00000001ARGC00000001ARGV0000000A0123456789DOTI0000000Bhello "
	    "world",
	    "hello world"),
	ROW("v1 last word empty",
	    "DIST00000001ARGC00000001ARGV00000000DOTI00000001x", "x"),
	ROW("v3", V3, "\1\0bcdz"),
	ROW("v3 no files",
	    "DIST00000003CDIR00000001/ARGC00000001ARGV00000002ccNFIL00000000",
	    ""),
#undef ROW
};

static void
test_good(void **state)
{
	static struct got whole, cut;
	size_t i, step;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		print_message("# %s\n", good[i].name);
		run(&whole, good[i].wire, good[i].len, good[i].len);
		assert_int_equal(whole.error, FRAME_OK);
		assert_int_equal(whole.state, FRAME_COMPLETE);
		assert_int_equal(whole.used, good[i].len);
		assert_int_equal(whole.bodies_len, good[i].bodies_len);
		assert_int_equal(whole.reserved, good[i].bodies_len);
		assert_memory_equal(
		    whole.bodies, good[i].bodies, good[i].bodies_len);
		for (step = 1; step < 40; step++) {
			run(&cut, good[i].wire, good[i].len, step);
			check_same(&whole, &cut);
		}
	}
}

/* What the broker makes of the heads is what the front was sent. */
static void
test_agrees_with_request(void **state)
{
	static struct got g;
	struct request r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		print_message("# %s\n", good[i].name);
		run(&g, good[i].wire, good[i].len, good[i].len);
		assert_int_equal(
		    request_parse(&r, g.heads, g.heads_len, g.bodies_len),
		    REQUEST_OK);
		assert_int_equal(r.bodies_len, good[i].bodies_len);
		request_done(&r);
	}
}

/* Every beginning of a good request asks for more, and for nothing else. */
static void
test_truncated(void **state)
{
	static struct got g;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		for (n = 0; n < good[i].len; n++) {
			run(&g, good[i].wire, n, n + 1);
			assert_int_equal(g.error, FRAME_OK);
			assert_int_equal(g.used, n);
			assert_int_not_equal(g.state, FRAME_COMPLETE);
			assert_int_equal(g.state == FRAME_FIRST_BYTE, n == 0);
		}
	}
}

/* Bytes behind a request are not its own. */
static void
test_trailing(void **state)
{
	static struct got g;
	size_t i, step;
	char wire[512];

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		memcpy(wire, good[i].wire, good[i].len);
		memcpy(wire + good[i].len, "DIST", 4);
		for (step = 1; step < sizeof(wire); step += 7) {
			run(&g, wire, good[i].len + 4, step);
			assert_int_equal(g.error, FRAME_OK);
			assert_int_equal(g.state, FRAME_COMPLETE);
			assert_int_equal(g.used, good[i].len);
		}
	}
}

static void
test_states(void **state)
{
	static const struct {
		const char *wire;
		enum frame_state want;
		uint64_t body_left;
	} cases[] = {
		{ "", FRAME_FIRST_BYTE, 0 },
		{ "D", FRAME_TOKEN, 0 },
		{ "DIST00000001", FRAME_TOKEN, 0 },
		{ "DIST00000001ARGC00000001ARGV00000002c", FRAME_TOKEN, 0 },
		{ V1, FRAME_WAIT_SOURCE, 0 },
		{ "DIST00000001ARGC00000001ARGV00000000", FRAME_WAIT_SOURCE,
		    0 },
		{ V1 "D", FRAME_TOKEN, 0 },
		{ V1 "DOTI00000005", FRAME_TOKEN, 5 },
		{ V1 "DOTI00000005ab", FRAME_TOKEN, 3 },
		{ V1 "DOTI00000002ab", FRAME_COMPLETE, 0 },
		{ "DIST00000003CDIR00000001/ARGC00000001ARGV00000002cc",
		    FRAME_TOKEN, 0 },
		{ "HTTP", FRAME_TOKEN, 0 },
		{ "GET / HTTP/1", FRAME_FAILED, 0 },
	};
	static struct got g;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# %s\n", cases[i].wire);
		run(&g, cases[i].wire, strlen(cases[i].wire), 1);
		assert_int_equal(g.state, cases[i].want);
		assert_int_equal(g.body_left, cases[i].body_left);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		const char *wire;
		size_t len;
		enum frame_error want;
	} cases[] = {
#define ROW(wire, want) { wire, sizeof(wire) - 1, want }
		ROW("DIST0000000g", FRAME_E_TOKEN),
		ROW("DIST0x000001", FRAME_E_TOKEN),
		ROW("DIST       1", FRAME_E_TOKEN),
		ROW("DIST+0000001", FRAME_E_TOKEN),
		ROW("DIST0000000\0", FRAME_E_TOKEN),
		ROW("dist00000001", FRAME_E_TOKEN),
		ROW("ARGC00000001", FRAME_E_TOKEN),
		ROW("DIST00000001CDIR00000001", FRAME_E_TOKEN),
		ROW("DIST00000003ARGC00000001", FRAME_E_TOKEN),
		ROW("DIST00000001ARGC00000002ARGV00000001aDOTI00000000",
		    FRAME_E_TOKEN),
		ROW("DIST00000001ARGC00000001ARGV00000001aARGV00000001",
		    FRAME_E_TOKEN),
		ROW("DIST00000001ARGC00000001ARGV00000001aNFIL00000000",
		    FRAME_E_TOKEN),
		ROW("DIST00000003CDIR00000001/ARGC00000001ARGV00000001a"
		    "DOTI00000000",
		    FRAME_E_TOKEN),
		ROW("DIST00000003CDIR00000001/ARGC00000001ARGV00000001a"
		    "NFIL00000001FILE00000000",
		    FRAME_E_TOKEN),
		ROW("DIST00000003CDIR00000001/ARGC00000001ARGV00000001a"
		    "NFIL00000001NAME00000001/NAME00000001",
		    FRAME_E_TOKEN),
		ROW("DIST00000001ARGC00000001ARGV00000003a\0b", FRAME_E_STRING),
		ROW("DIST00000003CDIR00000002/\0", FRAME_E_STRING),
#undef ROW
	};
	static struct got g;
	size_t i, step;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		for (step = 1; step <= cases[i].len; step++) {
			run(&g, cases[i].wire, cases[i].len, step);
			assert_int_equal(g.error, cases[i].want);
			assert_int_equal(g.state, FRAME_FAILED);
		}
	}
}

/* A refusal stays one, and takes nothing more. */
static void
test_stays_refused(void **state)
{
	struct frame_piece piece;
	struct frame f;

	(void)state;
	frame_init(&f, &limits_most);
	assert_int_equal(
	    frame_next(&f, (const uint8_t *)"DIST00000000", 12, &piece),
	    FRAME_E_VERSION);
	assert_int_equal(piece.len, 0);
	assert_int_equal(
	    frame_next(&f, (const uint8_t *)"DIST00000001", 12, &piece),
	    FRAME_E_VERSION);
	assert_int_equal(piece.len, 0);
}

#define W3 "DIST00000003CDIR00000001/ARGC00000001ARGV00000002cc"
#define N3 W3 "NFIL00000001"

/* Each number of the grammar, at what is allowed and just beside it. */
static void
test_numbers(void **state)
{
	static const struct {
		const char *before, *token;
		uint32_t least, most;
		enum frame_error below, above;
	} cases[] = {
		{ "", "DIST", 1, 3, FRAME_E_VERSION, FRAME_E_VERSION },
		{ "DIST00000001", "ARGC", 1, LIMIT_ARGC, FRAME_E_ARGC,
		    FRAME_E_WORDS },
		{ "DIST00000001ARGC00000001", "ARGV", 0, LIMIT_ARG_BYTES, 0,
		    FRAME_E_LONG },
		{ V1, "DOTI", 0, LIMIT_BODIES_BYTES, 0, FRAME_E_BODIES },
		{ "DIST00000003", "CDIR", 1, LIMIT_PATH, FRAME_E_STRING,
		    FRAME_E_LONG },
		{ W3, "NFIL", 0, LIMIT_FILES, 0, FRAME_E_FILES },
		{ N3, "NAME", 1, LIMIT_PATH, FRAME_E_STRING, FRAME_E_LONG },
		{ N3 "NAME00000002/a", "FILE", 0, LIMIT_BODIES_BYTES, 0,
		    FRAME_E_BODIES },
		{ N3 "NAME00000002/a", "LINK", 1, LIMIT_PATH, FRAME_E_STRING,
		    FRAME_E_LONG },
		/* what came before counts as well */
		{ W3 "NFIL00000002NAME00000002/aFILE00000001xNAME00000002/b",
		    "FILE", 0, LIMIT_BODIES_BYTES - 1, 0, FRAME_E_BODIES },
	};
	static struct got g;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		const uint32_t values[] = { 0, 1, cases[i].least, cases[i].most,
			cases[i].most + 1, 0xffffffffU };

		for (k = 0; k < COUNT(values); k++) {
			uint32_t v = values[k];
			enum frame_error want =
			    v < cases[i].least	? cases[i].below
			    : v > cases[i].most ? cases[i].above
						: FRAME_OK;
			char wire[256];

			n = strlen(cases[i].before);
			memcpy(wire, cases[i].before, n);
			reply_token((uint8_t *)wire + n, cases[i].token, v);
			print_message("# %s %08x\n", cases[i].token, v);
			run(&g, wire, n + 12, 5);
			assert_int_equal(g.error, want);
		}
	}
}

static enum frame_error
repeat(struct frame *f, const uint8_t *p, size_t n, unsigned times)
{
	struct frame_piece piece;
	enum frame_error e = FRAME_OK;
	size_t at;

	while (times-- > 0 && e == FRAME_OK) {
		for (at = 0; at < n && e == FRAME_OK; at += piece.len)
			e = frame_next(f, p + at, n - at, &piece);
	}
	return e;
}

static void
start(struct frame *f, const char *wire)
{
	frame_init(f, &limits_most);
	assert_int_equal(
	    repeat(f, (const uint8_t *)wire, strlen(wire), 1), FRAME_OK);
}

/* All words together: each has a NUL in execve(2). */
static void
test_argv_bytes(void **state)
{
	static uint8_t word[12 + LIMIT_ARG_BYTES];
	unsigned fit = LIMIT_ARGV_BYTES / (LIMIT_ARG_BYTES + 1);
	struct frame f;

	(void)state;
	memset(word, 'a', sizeof(word));
	reply_token(word, "ARGV", LIMIT_ARG_BYTES);
	start(&f, "DIST00000001ARGC00000100");
	assert_int_equal(repeat(&f, word, sizeof(word), fit), FRAME_OK);
	reply_token(word, "ARGV", 0);
	assert_int_equal(repeat(&f, word, 12, 1), FRAME_E_HEADS);
}

static void
test_heads_bytes(void **state)
{
	static uint8_t file[12 + LIMIT_PATH + 12];
	unsigned fit = LIMIT_HEADS_BYTES / sizeof(file);
	struct frame f;

	(void)state;
	memset(file, 'a', sizeof(file));
	reply_token(file, "NAME", LIMIT_PATH);
	reply_token(file + 12 + LIMIT_PATH, "FILE", 0);
	start(&f, W3 "NFIL000186a0");
	assert_int_equal(repeat(&f, file, sizeof(file), fit - 1), FRAME_OK);
	assert_true(f.heads <= LIMIT_HEADS_BYTES);
	assert_int_equal(repeat(&f, file, sizeof(file), 2), FRAME_E_HEADS);
	assert_true(f.heads <= LIMIT_HEADS_BYTES);
}

/* Smaller limits than those this program is made for hold as they are given,
 * and for a request that has begun, whatever is set meanwhile. */
static void
test_smaller(void **state)
{
	struct limits l = limits_most;
	static const struct {
		size_t field;
		uint64_t value;
		const char *fits, *over;
		enum frame_error error;
	} rows[] = {
#define L(f) offsetof(struct limits, f)
		{ L(words), 2, "DIST00000001ARGC00000002",
		    "DIST00000001ARGC00000003", FRAME_E_WORDS },
		{ L(word), 3, "DIST00000001ARGC00000001ARGV00000003",
		    "DIST00000001ARGC00000001ARGV00000004", FRAME_E_LONG },
		{ L(command), 6, "DIST00000001ARGC00000002ARGV00000002ab"
		  "ARGV00000002ab", "DIST00000001ARGC00000002ARGV00000002ab"
		  "ARGV00000003abc", FRAME_E_HEADS },
		{ L(path), 4, "DIST00000003CDIR00000004/abc",
		    "DIST00000003CDIR00000005", FRAME_E_LONG },
		{ L(files), 3, W3 "NFIL00000003", W3 "NFIL00000004",
		    FRAME_E_FILES },
		{ L(bodies), 5, V1 "DOTI00000005", V1 "DOTI00000006",
		    FRAME_E_BODIES },
		{ L(heads), 36, "DIST00000001ARGC00000001ARGV00000000",
		    "DIST00000001ARGC00000001ARGV00000001", FRAME_E_HEADS },
#undef L
	};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *fits = rows[i].fits, *over = rows[i].over;

		print_message("  %s\n", over);
		l = limits_most;
		memcpy((char *)&l + rows[i].field, &rows[i].value,
		    sizeof(rows[i].value));
		frame_init(&f, &l);
		assert_int_equal(repeat(&f, (const uint8_t *)fits,
		    strlen(fits), 1), FRAME_OK);
		frame_init(&f, &l);
		l = limits_most;
		assert_int_equal(repeat(&f, (const uint8_t *)over,
		    strlen(over), 1), rows[i].error);
	}
}

/* What people are told of a refusal: which byte, what had to come, what was
 * wrong. */
static void
test_where(void **state)
{
	static const struct {
		const char *sent;
		uint64_t at;
		const char *expects, *says;
	} rows[] = {
		{ "GET / HTTP/1.1", 0, "DIST", "no such token" },
		{ "DIST0000000x", 0, "DIST", "no such token" },
		{ "DIST00000004", 0, "DIST", "none of 1, 2 and 3" },
		{ "DIST00000001ARGV00000002", 12, "ARGC", "no such token" },
		{ "DIST00000001ARGC00000000", 12, "ARGC", "number of words" },
		{ "DIST00000001ARGC00000001ARGV00000002ccDOTI00000001x", 51,
		    "nothing more", "too early" },
		{ "DIST00000001ARGC00000002ARGV00000002ccDOTI00000001", 38,
		    "ARGV", "no such token" },
		{ "DIST00000003CDIR00000002/wARGC00000001ARGV00000002cc"
		  "NFIL00000002NAME00000002/aFILE00000003abcDOTI00000000", 93,
		    "NAME", "no such token" },
		{ "DIST00000003CDIR00000002/wARGC00000001ARGV00000002cc"
		  "NFIL00000002NAME00000002/aNAME00000003abc", 78,
		    "FILE or LINK", "no such token" },
		{ "DIST00000001ARGC00000001ARGV00000002c", 37, "DOTI",
		    "too early" },
	};
	struct frame_piece piece;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint8_t *p = (const uint8_t *)rows[i].sent;
		size_t n = strlen(rows[i].sent);

		frame_init(&f, &limits_most);
		do {
			if (frame_next(&f, p, n, &piece) != FRAME_OK)
				break;
			p += piece.len;
			n -= piece.len;
		} while (piece.len != 0 && n != 0);
		assert_int_equal(frame_at(&f), rows[i].at);
		assert_string_equal(frame_expects(f.expect), rows[i].expects);
		assert_non_null(strstr(frame_error_text(f.error),
		    rows[i].says));
	}
	/* numbers of a front that is taken over */
	assert_string_equal(frame_expects(77), "nothing more");
	assert_string_equal(frame_error_text(FRAME_E_COUNT), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_agrees_with_request),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_stays_refused),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_argv_bytes),
		cmocka_unit_test(test_smaller),
		cmocka_unit_test(test_heads_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
