/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: the text of a file in, settings or line and reason out; and
 * what wins over what. */
#include <node/config/config_text.h>
#include <node/config/setting.h>
#include <node/config/settings.h>
#include <sandbox/probe.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char err[CMDLINE_ERROR_MAX];
static struct cmdline c;

static int
take(const char *text)
{
	cmdline_free(&c);
	cmdline_defaults(&c);
	err[0] = '\0';
	return config_text(&c, "f", text, strlen(text), err, sizeof(err));
}

static void
test_values(void **state)
{
	(void)state;
	if (take("# a node\n"
	    "\n"
	    "port = 4000\n"
	    "listen = 127.0.0.1 ::1\n"
	    "allow = 192.0.2.0/24 2001:db8::/32 ; both\n"
	    "allow = 198.51.100.7\n"
	    "  203.0.113.0/24\n"
	    "jobs: 3\n"
	    "job-lifetime = 60\n"
	    "drip=5\n"
	    "drain = 0\n"
	    "nice = -3\n"
	    "log-file = /var/log/with blank.log\n"
	    "log-level = info\n"
	    "log-format = json\n"
	    "log-stderr = off\n"
	    "stats = yes\n"
	    "oom-score-adj = -500\n"
	    "compiler = /opt/a/bin/gcc /opt/b/bin/g++\n"
	    "require = landlock.fs mdwe\n"
	    "user = builder\n"
	    "[alias 192.0.2.0/24]\n"
	    "gcc = gcc-12\n"
	    "g++ = g++-12\n"
	    "[alias 10.0.0.0/8] ; nobody\n"
	    "[alias 2001:db8:1111:2222:3333:4444:5555:6666/128]\n"
	    "cc = clang\n") != 0)
		fail_msg("%s", err);
	assert_int_equal(c.port, 4000);
	assert_int_equal(c.nlisten, 2);
	assert_string_equal(c.listen[1], "::1");
	assert_int_equal(c.acl.n, 4);
	assert_int_equal(c.jobs, 3);
	assert_int_equal(c.job_ms, 60000);
	assert_int_equal(c.drip_ms, 5000);
	assert_int_equal(c.drain_ms, 0);
	assert_int_equal(c.nice, -3);
	assert_string_equal(c.log_file, "/var/log/with blank.log");
	assert_int_equal(c.log_level, LOG_INFO);
	assert_int_equal(c.log_format, LOG_FORMAT_JSON);
	assert_false(c.log_stderr);
	assert_true(c.stats);
	assert_int_equal(c.oom_score_adj, -500);
	assert_int_equal(c.ncompilers, 2);
	assert_string_equal(c.compilers[1], "/opt/b/bin/g++");
	assert_true(c.require ==
	    (UINT64_C(1) << LAYER_LANDLOCK | UINT64_C(1) << LAYER_MDWE));
	assert_string_equal(c.user, "builder");
	assert_int_equal(c.naliases, 3);
	assert_string_equal(c.aliases[0].name, "gcc");
	assert_string_equal(c.aliases[0].target, "gcc-12");
	assert_int_equal(c.aliases[0].net.bits, 96 + 24);
	assert_int_equal(c.aliases[2].net.bits, 128);
	assert_string_equal(c.aliases[2].target, "clang");
}

/* Where each fault is, and why; the line above a fault changes nothing. */
static void
test_faults(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "ports = 1\n", "f:1: key \"ports\": unknown" },
		{ "port = 1\nPORT = 2\n", "f:2: key \"PORT\": unknown" },
		{ "\n\nport = 70000\n", "f:3: key \"port\": bad value "
					"\"70000\": not a TCP port" },
		{ "port =\n", "f:1: key \"port\": bad value \"\"" },
		{ "port = 1\njobs = 2\nport = 2\n",
		    "f:3: key \"port\": already set on line 1" },
		{ "jobs = 2\n  port = 9\n", "f:2: key \"jobs\": already" },
		{ "# x\nport\njobs = 0\n", "f:2: neither" },
		{ "jobs = 0\nport\n", "f:1: key \"jobs\": bad value" },
		{ "[alias 192.0.2.0/24\ngcc = cc\n", "f:1: neither" },
		{ "allow = 192.0.2.0/24 10.1\n",
		    "f:1: key \"allow\": bad value \"10.1\"" },
		{ "allow = 192.0.2.0/24, 198.51.100.0/24\n",
		    "f:1: key \"allow\": bad value \"192.0.2.0/24,\": there "
		    "is a comma in it; give one a line" },
		{ "\njobs = 4 # four\n",
		    "f:2: key \"jobs\": \"#\" begins a comment only" },
		{ "allow = 192.0.2.7\t# mine\n",
		    "f:1: key \"allow\": \"#\" begins a comment only" },
		{ "allow =\n", "f:1: key \"allow\": empty" },
		{ "allow-private = no\n", "f:1: key \"allow-private\"" },
		{ "stats = maybe\n", "neither yes nor no" },
		{ "log-file = x.log\n", "not an absolute path" },
		{ "compiler = gcc\n", "not an absolute path" },
		{ "log-level = loud\n", "no such level" },
		{ "log-format = xml\n", "text or json" },
		{ "require = moat\n", "no such layer" },
		{ "help = yes\n", "not for a file" },
		{ "config = /x\n", "not for a file" },
		{ "inetd = yes\n", "not for a file" },
		{ "no-detach = yes\n", "not for a file" },
		{ "auth = yes\n", "not for a file" },
		{ "[aliases]\ngcc = cc\n", "f:1: no such section" },
		{ "[alias]\n", "f:1: no such section" },
		{ "[alias x]\ngcc = cc\n", "f:1: not [alias NETWORK]" },
		{ "[alias ::1] gcc = cc\n", "f:1: something follows" },
		{ "jobs = 2\n [alias ::1]\n", "f:2: key \"jobs\"" },
		{ "[alias ::1]\ngcc = /bin/cc\n", "no paths" },
		{ "[alias ::1]\n../gcc = cc\n", "no paths" },
		{ "[alias ::1]\ngcc =\n", "no paths" },
		{ "[alias ::1]\narm-linux-gnu-gcc = i686-linux-gnu-gcc\n",
		    "may not stand for it: they compile for different" },
		{ "[alias ::1]\n-c = cc\n", "no paths" },
		{ "[alias ::1]\ngcc = cc\ngcc = c++\n", "f:3: key \"gcc\": "
							"already there" },
		{ "[alias 192.0.2.1/24]\ngcc = cc\n[alias 192.0.2.0/24]\n"
		  "gcc = c++\n", "f:4: key \"gcc\": already there" },
		{ "[alias ::1]\nport = 1 2\n", "no paths" },
		{ "[firewall]\nport = 1\n", "f:2: key \"port\": unknown in" },
		{ "[firewall x]\n", "f:1: no such section" },
		{ "[firewall]\nscope = all\n", "f:2: key \"scope\": bad" },
		{ "[firewall]\nscope = host\nscope = node\n",
		    "f:3: key \"scope\": already set" },
		{ "[firewall]\nadmin = host.example\n",
		    "f:2: key \"admin\": bad value \"host.example\": not an" },
		{ "[firewall]\nadmin = ::1/129\n", "f:2: key \"admin\": bad" },
		{ "[firewall]\nadmin = ::1 none\n", "there is \"none\" and" },
		{ "[firewall]\nadmin = none\nadmin = ::1\n", "f:3: key" },
		{ "[firewall]\nadmin =\n", "f:2: key \"admin\": empty" },
		{ "[firewall]\nadmin = ::1 # me\n", "begins a comment only" },
		{ "[firewall]\nadmin-port = 22 0\n", "\"0\": not a port" },
		{ "[firewall]\nout = 65536\n", "not a port" },
		{ "[firewall]\nrate = 0\n", "not a number of connections" },
		{ "[firewall]\nlog-host = 192.0.2.9\n", "give ADDRESS:PORT" },
		{ "[firewall]\nlog-host = 192.0.2.0/24:514\n", "ADDRESS:PORT" },
		{ "[firewall]\nlog-host = 2001:db8::9:514\n", "ADDRESS:PORT" },
		{ "[firewall]\nlog-host = [192.0.2.9]:514\n", "ADDRESS:PORT" },
		{ "[firewall]\nlog-host = []:514\n", "ADDRESS:PORT" },
		{ "[firewall]\ncache-peer = [::1]:x\n", "ADDRESS:PORT" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int r = take(cases[i].text);

		if (r != 101 || strstr(err, cases[i].says) == NULL)
			fail_msg("%s: %d, \"%s\"", cases[i].text, r, err);
		assert_null(strchr(err, '\n'));
	}
}

static const char *
shown(const char *key)
{
	static char text[2048];

	firewall_show(&c.firewall, firewall_key(key), text, sizeof(text));
	return text;
}

static void
test_firewall(void **state)
{
	(void)state;
	assert_int_equal(take(""), 0);
	assert_string_equal(shown("scope"), "node");
	assert_string_equal(shown("admin"), "");
	assert_string_equal(shown("admin-port"), "22");
	assert_string_equal(shown("out"), "53 67 123");
	assert_string_equal(shown("log-host"), "");
	assert_string_equal(shown("rate"), "500");
	if (take("[firewall]\n"
	    "scope = host\n"
	    "admin = 192.0.2.0/28 2001:db8::/64\n"
	    "admin = 198.51.100.7 ; one more\n"
	    "admin-port = 22 2222 22\n"
	    "out = 123\n"
	    "log-host = 192.0.2.9:514 [2001:db8::9]:6514\n"
	    "cache-peer = 192.0.2.10:6379 192.0.2.10:6379\n"
	    "rate = 20\n") != 0)
		fail_msg("%s", err);
	assert_true(c.firewall.host);
	assert_string_equal(shown("scope"), "host");
	assert_string_equal(shown("admin"),
	    "192.0.2.0/28 2001:db8::/64 198.51.100.7/32");
	assert_string_equal(shown("admin-port"), "22 2222");
	assert_string_equal(shown("out"), "123");
	assert_string_equal(shown("log-host"),
	    "192.0.2.9:514 [2001:db8::9]:6514");
	assert_string_equal(shown("cache-peer"), "192.0.2.10:6379");
	assert_string_equal(shown("rate"), "20");
	assert_int_equal(take("[firewall]\nadmin = none\n"), 0);
	assert_true(c.firewall.no_admin);
	assert_string_equal(shown("admin"), "none");
}

/* As many as there may be, and one more. */
static void
test_firewall_full(void **state)
{
	static char text[4096];
	size_t at;

	(void)state;
	at = (size_t)snprintf(text, sizeof(text), "[firewall]\n");
	for (unsigned i = 0; i < FIREWALL_PORTS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "out = %u\n", 1000 + i);
	assert_int_equal(take(text), 0);
	(void)snprintf(text + at, sizeof(text) - at, "out = 1\n");
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "too many ports"));
	at = (size_t)snprintf(text, sizeof(text), "[firewall]\n");
	for (unsigned i = 0; i < FIREWALL_HOSTS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "log-host = 192.0.2.1:%u\n", 1000 + i);
	assert_int_equal(take(text), 0);
	(void)snprintf(text + at, sizeof(text) - at,
	    "log-host = 192.0.2.1:1\n");
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "too many hosts"));
}

/* What inih would cut in silence. */
static void
test_long(void **state)
{
	static char text[8192];
	const size_t half = 400;

	(void)state;
	(void)snprintf(text, sizeof(text), "# %0*d\nport = 1\n", (int)half, 0);
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "f:1: the line is too long"));
	(void)snprintf(text, sizeof(text), "[alias %*s::1/128]\ngcc = cc\n",
	    60, "");
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "f:1: the name of the section"));
	(void)snprintf(text, sizeof(text), "[alias ::1]\n%070d = cc\n", 0);
	assert_int_equal(take(text), 101);
	(void)snprintf(text, sizeof(text), "[alias ::1]\n%050d = cc\n", 0);
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "the name is too long"));
	(void)snprintf(text, sizeof(text), "[alias ::1]\ngcc = %070d\n", 0);
	assert_int_equal(take(text), 101);
	assert_int_equal(config_text(&c, "f", "port = 1\0jobs = 2\n", 18, err,
	    sizeof(err)), 101);
	assert_non_null(strstr(err, "NUL"));
}

static void
test_floods(void **state)
{
	static char text[65536];
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i <= LIMIT_ACL_RULES; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "allow = ::%u\n", i);
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "f:257: key \"allow\""));
	at = (size_t)snprintf(text, sizeof(text), "[alias ::1]\n");
	for (unsigned i = 0; i <= LIMIT_ALIASES; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "gcc-%u = gcc\n", i);
	assert_int_equal(take(text), 101);
	assert_non_null(strstr(err, "f:66: key \"gcc-64\": too many"));
}

/* -- precedence: settings_load() with files and words -- */

static char dir[] = "/tmp/immure-test-config.XXXXXX";
static char file[64];

static void
write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
load(char *const words[])
{
	char *argv[8] = { dir, (char[]){ "--config" }, file };
	struct settings_sources from = { .argv = argv, .standard = "", .cwd = "/srv" };
	int n = 3;

	while (n < 8 && words[n - 3] != NULL) {
		argv[n] = words[n - 3];
		n++;
	}
	from.argc = n;
	cmdline_free(&c);
	err[0] = '\0';
	return settings_load(&c, &from, err, sizeof(err));
}

static const struct origin *
origin(const char *name)
{
	return setting_origin(&c, setting_find(name, strlen(name)));
}

static void
test_precedence(void **state)
{
	char *const words[] = { (char[]){ "-p5000" },
		(char[]){ "--allow=127.0.0.1" }, (char[]){ "--log-file=x" },
		(char[]){ "--job-lifetime=0" },
		(char[]){ "--require=mdwe" }, NULL };
	char *const none[] = { NULL };
	char shown[256];

	(void)state;
	write_file("port = 4000\njobs = 3\nallow = 192.0.2.0/24\n"
		   "allow-private = yes\nlog-stderr = yes\n"
		   "job-lifetime = 5\nrequire = landlock.fs\n");
	assert_int_equal(load(none), 0);
	assert_int_equal(c.port, 4000);
	assert_int_equal(c.acl.n, 8);
	assert_true(c.log_stderr);
	assert_false(c.allow_default);
	assert_string_equal(c.config, file);
	assert_int_equal(origin("port")->source, FROM_FILE);
	assert_int_equal(origin("port")->line, 1);
	assert_int_equal(origin("drip")->source, FROM_DEFAULT);

	assert_int_equal(load(words), 0);
	assert_int_equal(c.port, 5000);
	assert_int_equal(c.jobs, 3);
	assert_int_equal(c.job_ms, LIMIT_WALL_MS);
	assert_int_equal(c.acl.n, 1); /* in place of the file's */
	assert_string_equal(c.log_file, "/srv/x");
	assert_true(c.require == UINT64_C(1) << LAYER_MDWE);
	assert_false(c.log_stderr);
	assert_int_equal(origin("port")->source, FROM_COMMAND_LINE);
	assert_int_equal(origin("allow")->source, FROM_COMMAND_LINE);
	assert_int_equal(origin("jobs")->line, 2);
	setting_show(&c, setting_find("allow", 5), shown, sizeof(shown));
	assert_string_equal(shown, "127.0.0.1/32");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(load(none), 101);
	assert_non_null(strstr(err, "cannot read it"));
}

/* Each limit takes its bounds, is shown as it is written, and refuses what is
 * just outside with file, line, key and what to write instead. */
static void
test_limits(void **state)
{
	char text[200], shown[64], most[32];

	(void)state;
	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		const struct limit_row *r = &limit_rows[i];
		const struct setting *s = setting_find(r->key, strlen(r->key));
		unsigned long by = r->unit == LIMIT_SECONDS ? 1000 : 1;
		const uint64_t in[] = { r->least, r->built_in, r->most };
		const long out[] = { (long)(r->least / by) - 1,
			(long)(r->most / by) + 1, -1 };

		assert_non_null(s);
		assert_int_equal((s->flags & SETTING_RELOADS) != 0, r->reloads);
		for (size_t k = 0; k < COUNT(in); k++) {
			(void)snprintf(text, sizeof(text), "%s = %lu\n", r->key,
			    (unsigned long)in[k] / by);
			assert_int_equal(take(text), 0);
			assert_int_equal(limit_get(&c.limits, r), in[k]);
			setting_show(&c, s, shown, sizeof(shown));
			(void)snprintf(text, sizeof(text), "%s = %s\n", r->key,
			    shown);
			assert_int_equal(take(text), 0);
			assert_int_equal(limit_get(&c.limits, r), in[k]);
		}
		if ((s->flags & SETTING_BYTES) != 0)
			setting_bytes(r->most, most, sizeof(most));
		else
			(void)snprintf(most, sizeof(most), "%lu",
			    (unsigned long)r->most / by);
		for (size_t k = 0; k < COUNT(out); k++) {
			(void)snprintf(text, sizeof(text), "\n%s = %ld\n",
			    r->key, out[k]);
			assert_int_equal(take(text), 101);
			(void)snprintf(text, sizeof(text), "f:2: key \"%s\"",
			    r->key);
			assert_non_null(strstr(err, text));
			assert_non_null(strstr(err, most));
		}
	}
}

/* Units of bytes, and what is none. */
static void
test_bytes(void **state)
{
	static const struct {
		const char *value;
		uint64_t want; /* 0 = refused */
	} rows[] = { { "4096", 4096 }, { "4K", 4096 }, { "3M", 3 * MIB },
		{ "512M", 512 * MIB }, { "524288K", 512 * MIB },
		{ "512m", 0 }, { "4KB", 0 }, { "K", 0 }, { "4 K", 0 },
		{ "4.5K", 0 }, { "-4K", 0 }, { "1G", 0 }, { "524289K", 0 },
		{ "18446744073709551616", 0 }, { "17179869184G", 0 },
		{ "99999999999999999999999999999999999K", 0 }, { "0x1000", 0 },
		{ "4KK", 0 } };
	char text[100];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("  %s\n", rows[i].value);
		(void)snprintf(text, sizeof(text), "limit-bodies = %s\n",
		    rows[i].value);
		assert_int_equal(take(text), rows[i].want == 0 ? 101 : 0);
		if (rows[i].want != 0)
			assert_int_equal(c.limits.bodies, rows[i].want);
	}
	/* what is no number of bytes has no unit */
	assert_int_equal(take("limit-files = 4K\n"), 101);
	assert_int_equal(take("limit-token = 1K\n"), 101);
}

/* The file itself: it is of the directory where the daemon was started, which
 * matters once that has gone to "/"; and it is a file, of bounded size. */
static void
test_file(void **state)
{
	char *argv[] = { dir, (char[]){ "--config" }, (char[]){ "conf" },
		NULL };
	struct settings_sources from = { .argc = 3, .argv = argv,
		.standard = "", .cwd = dir };
	char *const none[] = { NULL };
	FILE *f;
	int r;

	(void)state;
	write_file("port = 4000\n");
	cmdline_free(&c);
	assert_int_equal(settings_load(&c, &from, err, sizeof(err)), 0);
	assert_int_equal(c.port, 4000);
	assert_string_equal(c.config, file);
	f = fopen(file, "w");
	assert_non_null(f);
	for (size_t i = 0; i <= LIMIT_CONFIG_BYTES; i += 8)
		assert_true(fputs("# lines\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(load(none), 101);
	assert_non_null(strstr(err, "File too large"));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	r = load(none);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(r, 101);
	assert_non_null(strstr(err, "Invalid argument"));
}

/* What a reload leaves alone, and whose words it holds then. */
/* Names are shown as they were given, and give way as networks do. */
static void
test_allow_names(void **state)
{
	static const char *const files = "allow = a.example 10.0.0.0/8 b\n";
	char shown[64];

	(void)state;
	assert_int_equal(take(files), 0);
	assert_false(c.allow_default);
	assert_int_equal(c.nallow_names, 2);
	setting_show(&c, setting_find("allow", 5), shown, sizeof(shown));
	assert_string_equal(shown, "10.0.0.0/8 a.example b");
	assert_int_equal(take("allow = b\n"), 0);
	assert_int_equal(c.acl.n, 0); /* nobody, until it is looked up */
	assert_false(c.allow_default);
	cmdline_free(&c);
}

static void
test_carry(void **state)
{
	static struct cmdline old;
	const char *changed[CMDLINE_SETTINGS_MAX];
	char text[] = "port = 1\nnice = 3\njobs = 2\nallow = ::1\n"
	    "pid-file = /a\nlisten = ::1 ::2\ncompiler = /c\n"
	    "oom-score-adj = 7\n";

	(void)state;
	cmdline_defaults(&old);
	assert_int_equal(config_text(&old, "f", text, strlen(text), err,
	    sizeof(err)), 0);
	cmdline_finish(&old);
	assert_int_equal(take("port = 2\nnice = 3\njobs = 7\nallow = ::2\n"
	    "log-level = info\nlisten = ::1\ncompiler = /c\n"
	    "oom-score-adj = 7\n"), 0);
	assert_int_equal(settings_carry(&c, &old, changed, COUNT(changed)),
	    3);
	assert_string_equal(changed[0], "listen");
	assert_string_equal(changed[1], "port");
	assert_string_equal(changed[2], "pid-file");
	cmdline_free(&old);
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(c.port, 1);
	assert_int_equal(c.jobs, 7);
	assert_int_equal(c.log_level, LOG_INFO);
	assert_int_equal(c.acl.rules[0].addr[15], 2);
	assert_string_equal(c.pid_file, "/a");
	assert_int_equal(c.nlisten, 2);
	assert_string_equal(c.listen[1], "::2");
	assert_string_equal(c.compilers[0], "/c");
	assert_true(c.has_oom_score_adj);
}

static void
test_environment(void **state)
{
	char *const none[] = { NULL };

	(void)state;
	write_file("");
	assert_int_equal(setenv("DISTCC_IO_TIMEOUT", "soon", 1), 0);
	assert_int_equal(load(none), 101);
	assert_non_null(strstr(err, "DISTCC_IO_TIMEOUT=soon"));
	assert_int_equal(setenv("DISTCC_IO_TIMEOUT", "0", 1), 0);
	assert_int_equal(load(none), 101);
	assert_int_equal(setenv("DISTCC_IO_TIMEOUT", "30", 1), 0);
	assert_int_equal(setenv("DISTCC_CMDLIST", "/etc/list", 1), 0);
	assert_int_equal(setenv("DISTCC_CMDLIST_NUMWORDS", "2", 1), 0);
	assert_int_equal(setenv("DISTCCD_PATH", "/opt/bin", 1), 0);
	assert_int_equal(load(none), 0);
	assert_string_equal(c.cmdlist, "/etc/list");
	assert_int_equal(c.cmdlist_words, 2);
	assert_string_equal(c.path, "/opt/bin");
	assert_int_equal(setenv("DISTCC_CMDLIST_NUMWORDS", "0", 1), 0);
	assert_int_equal(load(none), 101);
	assert_int_equal(setenv("DISTCC_CMDLIST_NUMWORDS", "2", 1), 0);
	assert_int_equal(setenv("DISTCC_CMDLIST", "etc/list", 1), 0);
	assert_int_equal(load(none), 101);
	assert_non_null(strstr(err, "DISTCC_CMDLIST=etc/list"));
	assert_int_equal(unsetenv("DISTCC_IO_TIMEOUT"), 0);
	assert_int_equal(unsetenv("DISTCC_CMDLIST"), 0);
	assert_int_equal(unsetenv("DISTCC_CMDLIST_NUMWORDS"), 0);
	assert_int_equal(unsetenv("DISTCCD_PATH"), 0);
}

/* All that is in force, as a file. */
static void
show_all(char *text, size_t room)
{
	char shown[2048];
	size_t at = 0;

	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		if (setting_first(s) != s ||
		    (s->flags & SETTING_CMDLINE_ONLY) != 0)
			continue;
		setting_show(&c, s, shown, sizeof(shown));
		if (shown[0] != '\0')
			at += (size_t)snprintf(text + at, room - at,
			    "%s = %s\n", s->name, shown);
	}
}

/* What setting_show() says is a file that gives the same settings. */
static void
test_show(void **state)
{
	static char before[8192], after[8192];

	(void)state;
	assert_int_equal(take("port = 4000\nallow = ::/0 10.0.0.0/8 ::1\n"
	    "nice = -7\ndrip = 7\nlog-level = debug\nlisten = ::1 a.b\n"
	    "log-file = /x y\nlog-format = json\noom-score-adj = -7\n"
	    "require = landlock.net\nstats = yes\n"), 0);
	show_all(before, sizeof(before));
	assert_non_null(strstr(before, "nice = -7\n"));
	assert_non_null(strstr(before, "drip = 7\n"));
	assert_non_null(strstr(before, "require = landlock.net\n"));
	assert_int_equal(take(before), 0);
	show_all(after, sizeof(after));
	assert_string_equal(before, after);
}

static int
make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(file, sizeof(file), "%s/conf", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	cmdline_free(&c);
	(void)unlink(file);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_firewall),
		cmocka_unit_test(test_firewall_full),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_allow_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_carry),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
