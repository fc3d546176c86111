/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The imager's runner against a scanner that was taken over: every malformed
 * request ends it before a jail is made, and no descriptor stays open.
 */
int runner_main(int argc, char *argv[]);
#define main runner_main
#include "../../node/imager/runner_main.c"
#undef main

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>


/* What a request is made of; zero = as it should be. */
struct request {
	const char *what;
	uint32_t type, len, nfds;
	struct runner_run run;
	enum { SEALED, UNSEALED, PIPE } words;
	const char *text;
	size_t text_len;
};

#define WORDS "a\0b\0E=1\0"
#define RUN(p, i, c, e, l)                                                     \
	{ .place = (p), .image = (i), .argc = (c), .envc = (e),                \
		.words_len = (l) }
#define TEXT(s) .text = (s), .text_len = sizeof(s) - 1

static const struct request requests[] = {
	{ "type", .type = 0x99, .run = RUN(0, 0, 2, 1, 8), TEXT(WORDS) },
	{ "answer", .type = RUNNER_RAN, .run = RUN(0, 0, 2, 1, 8),
	    TEXT(WORDS) },
	{ "length", .len = 8, .run = RUN(0, 0, 2, 1, 8), TEXT(WORDS) },
	{ "descriptors", .nfds = 2, .run = RUN(0, 0, 2, 1, 8), TEXT(WORDS) },
	{ "place", .run = RUN(PLACE_COUNT, 0, 2, 1, 8), TEXT(WORDS) },
	{ "image", .run = RUN(0, RUNNER_IMAGES_MAX, 2, 1, 8), TEXT(WORDS) },
	{ "no words", .run = RUN(0, 0, 0, 3, 8), TEXT(WORDS) },
	{ "many words", .run = RUN(0, 0, RUNNER_ARGC_MAX, 1, 8),
	    TEXT(WORDS) },
	{ "count wraps", .run = RUN(0, 0, UINT32_MAX, 4, 8), TEXT(WORDS) },
	{ "environment wraps", .run = RUN(0, 0, 4, UINT32_MAX, 8),
	    TEXT(WORDS) },
	{ "fewer words than said", .run = RUN(0, 0, 3, 1, 8), TEXT(WORDS) },
	{ "more words than said", .run = RUN(0, 0, 1, 1, 8), TEXT(WORDS) },
	{ "shorter than said", .run = RUN(0, 0, 2, 1, 9), TEXT(WORDS) },
	{ "longer than said", .run = RUN(0, 0, 2, 1, 7), TEXT(WORDS) },
	{ "no length", .run = RUN(0, 0, 2, 1, 0), TEXT(WORDS) },
	{ "huge", .run = RUN(0, 0, 2, 1, UINT64_MAX), TEXT(WORDS) },
	{ "no NUL", .run = RUN(0, 0, 2, 1, 7), TEXT("a\0b\0E=1") },
	{ "not sealed", .run = RUN(0, 0, 2, 1, 8), .words = UNSEALED,
	    TEXT(WORDS) },
	{ "a pipe", .run = RUN(0, 0, 2, 1, 8), .words = PIPE, TEXT(WORDS) },
};

static unsigned
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static int
words_of(const struct request *q)
{
	int p[2], fd;

	if (q->words == PIPE) {
		assert_int_equal(pipe2(p, O_CLOEXEC), 0);
		(void)close(p[1]);
		return p[0];
	}
	fd = memfd_new("words");
	assert_true(fd >= 0);
	assert_int_equal(write(fd, q->text, q->text_len), q->text_len);
	if (q->words == SEALED)
		assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

static void
fill(struct msg *m, const struct request *q)
{
	memset(m, 0, sizeof(*m));
	m->hdr.type = q->type ? q->type : RUNNER_RUN;
	m->hdr.len = q->len ? q->len : sizeof(q->run);
	memcpy(m->body, &q->run, sizeof(q->run));
	m->nfds = q->nfds ? q->nfds : 3;
	m->fds[0] = words_of(q);
	m->fds[1] = m->fds[2] = -1;
	for (unsigned i = 1; i < m->nfds; i++) {
		int p[2];

		assert_int_equal(pipe2(p, O_CLOEXEC), 0);
		(void)close(p[0]);
		m->fds[i] = p[1];
	}
}

static void
test_requests(void **state)
{
	struct runner rn = { .images = "/nonexistent", .libexec = "/",
		.uid = geteuid() };
	static struct msg m;
	unsigned before = count_fds();

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		fill(&m, &requests[i]);
		if (serve_one(&rn, &m) != -EPROTO)
			fail_msg("accepted: %s", requests[i].what);
		if (count_fds() != before)
			fail_msg("leaks: %s", requests[i].what);
	}
}

/* A memfd of somebody else's. */
static void
test_owner(void **state)
{
	struct runner rn = { .images = "/nonexistent", .libexec = "/",
		.uid = geteuid() + 1 };
	const struct request q = { "owner", .run = RUN(0, 0, 2, 1, 8),
		TEXT(WORDS) };
	static struct msg m;

	(void)state;
	fill(&m, &q);
	assert_int_equal(serve_one(&rn, &m), -EPROTO);
}

static void
test_images(void **state)
{
	static const struct {
		struct runner_image q;
		bool closed;
	} bad[] = {
		{ { RUNNER_IMAGES_MAX, 0 }, false },
		{ { UINT32_MAX, 0 }, false },
		{ { 0, 1U << RUNNER_TOPS_N }, false },
		{ { 0, 0 }, true }, /* after RUNNER_CLOSE */
	};
	static struct msg m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct runner rn = { .images = "/nonexistent",
			.closed = bad[i].closed };

		memset(&m, 0, sizeof(m));
		m.hdr.type = RUNNER_IMAGE;
		m.hdr.len = sizeof(bad[i].q);
		memcpy(m.body, &bad[i].q, sizeof(bad[i].q));
		assert_int_equal(serve_one(&rn, &m), -EPROTO);
	}
}

/* What is split is what was sent. */
static void
test_words(void **state)
{
	const struct request q = { "good", .run = RUN(0, 0, 2, 1, 8),
		TEXT(WORDS) };
	struct words w = { NULL, { NULL } };
	int fd = words_of(&q);

	(void)state;
	assert_int_equal(read_words(&w, fd, &q.run, geteuid()), 0);
	assert_string_equal(w.word[0], "a");
	assert_string_equal(w.word[1], "b");
	assert_string_equal(w.word[2], "E=1");
	assert_null(w.word[3]);
	free(w.text);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
