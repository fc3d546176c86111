/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: words in, options or a reason out. */
#include <node/monitor/cmdline.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS_MAX 8

static char err[CMDLINE_ERROR_MAX];

/* Words that a struct cmdline borrows from, until the end. */
static char *kept[8192];
static size_t kept_n;

static char *
keep(const char *word)
{
	assert_true(kept_n < COUNT(kept));
	kept[kept_n] = strdup(word);
	return kept[kept_n++];
}

static int
drop_kept(void **state)
{
	(void)state;
	while (kept_n > 0)
		free(kept[--kept_n]);
	return 0;
}

static int
parse(struct cmdline *c, const char *const words[])
{
	char name[] = "immured";
	char *argv[WORDS_MAX + 2] = { name };
	int argc = 1, r;

	for (; argc <= WORDS_MAX && words[argc - 1] != NULL; argc++)
		argv[argc] = keep(words[argc - 1]);
	err[0] = '\0';
	r = cmdline_parse(c, argc, argv, err, sizeof(err));
	return r;
}

static void
test_defaults(void **state)
{
	static const char *const none[] = { NULL };
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, none), 0);
	assert_int_equal(c.action, CMDLINE_RUN);
	assert_int_equal(c.port, 3632);
	assert_int_equal(c.nlisten, 0);
	assert_int_equal(c.acl.n, 7);
	assert_true(c.jobs >= 3);
	assert_int_equal(c.job_ms, LIMIT_WALL_MS);
	assert_int_equal(c.nice, 5);
	assert_int_equal(c.log_level, LOG_NOTICE);
	assert_null(c.log_file);
	assert_null(c.audit_file);
	assert_null(c.pid_file);
	assert_null(c.user);
	assert_false(c.log_stderr);
	assert_true(c.detach);
}

/* Debian's init script and Alpine's conf.d, as they call distccd. */
static void
test_packages(void **state)
{
	static const char *const debian[] = {
		"--pid-file=/var/run/distccd.pid",
		"--log-file=/var/log/distccd.log", "--daemon",
		"--allow", "192.0.2.0/24", "--listen", "192.0.2.1", "--nice=10",
	};
	static const char *const alpine[] = { "--pid-file", "/run/d.pid", "-N",
		"15", "--user", "distcc", "-j4", "-p=3633" };
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, debian), 0);
	assert_string_equal(c.pid_file, "/var/run/distccd.pid");
	assert_string_equal(c.log_file, "/var/log/distccd.log");
	assert_int_equal(c.acl.n, 1);
	assert_int_equal(c.nlisten, 1);
	assert_string_equal(c.listen[0], "192.0.2.1");
	assert_int_equal(c.nice, 10);
	assert_int_equal(parse(&c, alpine), 0);
	assert_string_equal(c.pid_file, "/run/d.pid");
	assert_string_equal(c.user, "distcc");
	assert_int_equal(c.nice, 15);
	assert_int_equal(c.jobs, 4);
	assert_int_equal(c.port, 3633);
}

static void
test_values(void **state)
{
	static const char *const many[] = { "--listen=::1", "--listen",
		"127.0.0.1", "-a", "10.0.0.1", "-a::1", "--allow-private",
		NULL };
	static const char *const log[] = { "--log-stderr", "--verbose",
		"--no-detach", "--audit-file=/a", "--job-lifetime", "20",
		"-P/p", NULL };
	static const char *const nicest[] = { "--nice=20", NULL };
	static const char *const rudest[] = { "-N", "-2147483648", NULL };
	static const char *const zero[] = { "--job-lifetime=0", "--nice",
		"-5", NULL };
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, many), 0);
	assert_int_equal(c.nlisten, 2);
	assert_int_equal(c.acl.n, 9);
	assert_int_equal(parse(&c, log), 0);
	assert_true(c.log_stderr);
	assert_false(c.detach);
	assert_int_equal(c.log_level, LOG_DEBUG);
	assert_string_equal(c.audit_file, "/a");
	assert_string_equal(c.pid_file, "/p");
	assert_int_equal(c.job_ms, 20000);
	assert_int_equal(parse(&c, zero), 0);
	assert_int_equal(c.job_ms, LIMIT_WALL_MS);
	assert_int_equal(c.nice, -5);
	assert_int_equal(parse(&c, nicest), 0);
	assert_int_equal(c.nice, 19);
	assert_int_equal(parse(&c, rudest), 0);
	assert_int_equal(c.nice, -20);
}

static void
test_levels(void **state)
{
	static const struct {
		const char *word;
		int want;
	} cases[] = {
		{ "--log-level=emerg", LOG_EMERG },
		{ "--log-level=emergency", LOG_EMERG },
		{ "--log-level=alert", LOG_ALERT },
		{ "--log-level=crit", LOG_CRIT },
		{ "--log-level=critical", LOG_CRIT },
		{ "--log-level=err", LOG_ERR },
		{ "--log-level=error", LOG_ERR },
		{ "--log-level=warn", LOG_WARNING },
		{ "--log-level=warning", LOG_WARNING },
		{ "--log-level=note", LOG_NOTICE },
		{ "--log-level=notice", LOG_NOTICE },
		{ "--log-level=info", LOG_INFO },
		{ "--log-level=debug", LOG_DEBUG },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const words[] = { cases[i].word, NULL };
		struct cmdline c;

		assert_int_equal(parse(&c, words), 0);
		assert_int_equal(c.log_level, cases[i].want);
	}
}

/* distccd warns of such a level, and starts. */
static void
test_no_such_level(void **state)
{
	static const char *const words[] = { "--log-level=loud", NULL };
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, words), 0);
	assert_int_equal(c.log_level, LOG_NOTICE);
	assert_non_null(strstr(c.warning, "\"loud\""));
	assert_non_null(strstr(c.warning, "error, warning"));
}

static void
test_refused(void **state)
{
	static const struct {
		const char *words[3];
		const char *says; /* must be in the reason */
	} cases[] = {
		{ { "--nosuch" }, "unknown option" },
		{ { "--allow-p" }, "unknown option" },
		{ { "--al", "10.0.0.1" }, "unknown option" },
		{ { "-x" }, "unknown option" },
		{ { "-" }, "unknown option" },
		{ { "--" }, "unknown option" },
		{ { "" }, "unknown option" },
		{ { "word" }, "unknown option" },
		{ { "--=1" }, "unknown option" },
		{ { "--port" }, "is missing" },
		{ { "-p" }, "is missing" },
		{ { "--port=0" }, "from 1 to 65535" },
		{ { "--port=65536" }, "from 1 to 65535" },
		{ { "--port", "-1" }, "from 1 to 65535" },
		{ { "--port", "" }, "from 1 to 65535" },
		{ { "--port", "1x" }, "from 1 to 65535" },
		{ { "--port", " 1" }, "from 1 to 65535" },
		{ { "--port", "99999999999999999999" }, "from 1 to 65535" },
		{ { "--jobs", "0" }, "from 1 to 1024" },
		{ { "--jobs=1025" }, "from 1 to 1024" },
		{ { "--jobs=+4" }, "from 1 to 1024" },
		{ { "--job-lifetime=-1" }, "seconds" },
		{ { "--job-lifetime=2147484" }, "seconds" },
		{ { "--nice=fast" }, "-20 to 19" },
		{ { "--nice=-" }, "-20 to 19" },
		{ { "--log-file=" }, "path" },
		{ { "--pid-file", "" }, "path" },
		{ { "--audit-file", "" }, "path" },
		{ { "--user=" }, "user" },
		{ { "--listen=" }, "address" },
		{ { "--allow=::1,::2" }, "once for each" },
		{ { "--allow=10.1" }, "neither an IPv4" },
		{ { "--allow=host/8" }, "neither an IPv4" },
		{ { "--allow=10.0.0.0/33" }, "bits" },
		{ { "--daemon=yes" }, "takes none" },
		{ { "--stats-port=0" }, "port" },
		{ { "-Px", "y" }, "unknown option" },
		{ { "--compiler=" }, "path" },
		{ { "--log-format=xml" }, "text or json" },
		{ { "--require=moat" }, "immure check" },
		{ { "--auth" }, "GSS-API" },
		{ { "--whitelist=x" }, "GSS-API" },
		{ { "--blacklist" }, "GSS-API" },
		{ { "--show-principal" }, "GSS-API" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cmdline c;
		int r = parse(&c, cases[i].words);

		if (r != 101 || strstr(err, cases[i].says) == NULL)
			fail_msg("%s: %d, \"%s\"", cases[i].words[0], r, err);
		assert_null(strchr(err, '\n'));
	}
}

/* A flood of rules or addresses, or a word without end, is just an error. */
static void
test_floods(void **state)
{
	static char word[100000] = "--";
	static char *argv[1000];
	struct cmdline c;

	(void)state;
	argv[0] = word;
	for (size_t i = 1; i < COUNT(argv); i++)
		argv[i] = keep("-a::1");
	assert_int_equal(
	    cmdline_parse(&c, COUNT(argv), argv, err, sizeof(err)), 101);
	assert_non_null(strstr(err, "too many rules"));
	argv[LIMIT_ACL_RULES] = keep("--allow-private");
	assert_int_equal(cmdline_parse(&c, (int)LIMIT_ACL_RULES + 1, argv, err,
	    sizeof(err)), 101);
	for (size_t i = 1; i < COUNT(argv); i++)
		argv[i] = keep("--listen=::1");
	assert_int_equal(
	    cmdline_parse(&c, COUNT(argv), argv, err, sizeof(err)), 101);
	assert_non_null(strstr(err, "too many addresses"));
	memset(word + 2, 'x', sizeof(word) - 3);
	argv[1] = word;
	assert_int_equal(cmdline_parse(&c, 2, argv, err, sizeof(err)), 101);
	assert_int_equal(cmdline_parse(&c, 2, argv, err, 1), 101);
}

static void
test_no_effect(void **state)
{
	static const char *const words[] = { "--enable-tcp-insecure",
		"--make-me-a-botnet", "--no-fifo", "--daemon", NULL };
	static const char *const none[] = { NULL };
	static struct cmdline c, plain;

	(void)state;
	assert_int_equal(parse(&c, words), 0);
	assert_int_equal(parse(&plain, none), 0);
	assert_int_equal(c.acl.n, plain.acl.n);
	assert_memory_equal(c.acl.rules, plain.acl.rules, sizeof(c.acl.rules));
	assert_int_equal(c.nlisten, plain.nlisten);
	assert_int_equal(c.jobs, plain.jobs);
	assert_int_equal(c.detach, plain.detach);
	assert_int_equal(c.log_level, plain.log_level);
}

static void
test_print(void **state)
{
	static const char *const help[] = { "--help", "--nosuch", NULL };
	static const char *const version[] = { "--version", NULL };
	struct cmdline c;
	char text[8192] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(parse(&c, help), 0);
	assert_int_equal(c.action, CMDLINE_HELP);
	assert_int_equal(parse(&c, version), 0);
	assert_int_equal(c.action, CMDLINE_VERSION);
	cmdline_print_version(f, "/usr/sbin/immured");
	rewind(f);
	assert_int_equal(strncmp(text, "immured ", 8), 0);
	cmdline_print_version(f, "/usr/local/lib/immure/distccd");
	rewind(f);
	assert_int_equal(strncmp(text, "distccd ", 8), 0);
	cmdline_print_version(f, NULL);
	rewind(f);
	assert_int_equal(strncmp(text, "immured ", 8), 0);
	assert_non_null(strstr(text,
	    "\n  (protocols 1, 2 and 3) (default port 3632)\n"));
	cmdline_print_help(f);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "-a, --allow IP[/BITS]"));
	assert_non_null(strstr(text, "--inetd"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_packages),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_no_such_level),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_no_effect),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, drop_kept);
}
