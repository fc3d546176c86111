/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the stock client of this machine would not distribute, or other than
 * its user means: the environment, its host list, its state.  It reads no
 * foreign byte.  What the client does is in docs/design/wire-protocol.md §1.6,
 * §2.2, §3.9.
 */
#include "probe.h"
#include "run_program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BACKOFF_S     60 /* DISTCC_BACKOFF_PERIOD, where it is not set */
#define IO_TIMEOUT_S  30 /* a compile may well take longer than that */
#define VERSION_MS    5000U

void
note_add(struct notes *n, enum note_level level, const char *word,
    const char *fmt, ...)
{
	struct note *note = &n->at[n->n];
	va_list ap;

	if (n->n == PROBE_NOTES_MAX)
		return;
	n->n++;
	note->level = level;
	note->word = word;
	va_start(ap, fmt);
	(void)vsnprintf(note->text, sizeof(note->text), fmt, ap);
	va_end(ap);
}

bool
path_find(const char *name, char *room, size_t len)
{
	const char *path = getenv("PATH");

	for (const char *p = path != NULL ? path : ""; *p != '\0';) {
		size_t n = strcspn(p, ":");

		if (n > 0 && (size_t)snprintf(room, len, "%.*s/%s", (int)n, p,
				 name) < len &&
		    access(room, X_OK) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

/* -- the program -- */

static void
version_note(struct notes *n, const char *distcc)
{
	const char *argv[] = { distcc, "--version", NULL };
	const struct run r = { .argv = argv, .err = RUN_STDERR_NONE,
		.timeout_ms = VERSION_MS, .max = 8192 };
	struct ran ran;

	if (run_program(&r, &ran) < 0)
		return;
	note_add(n, NOTE_TELLS, "client.version", "%s is %.*s", distcc,
	    (int)strcspn(ran.out, "\n"), ran.out);
	free(ran.out);
}

static void
masquerade_note(struct notes *n)
{
	char path[512], target[512];
	ssize_t len;

	if (!path_find("gcc", path, sizeof(path)) &&
	    !path_find("cc", path, sizeof(path)))
		return;
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	if (strstr(target, "distcc") == NULL)
		note_add(n, NOTE_TELLS, "client.masquerade",
		    "%.300s is not distcc: call \"distcc gcc\", or put "
		    "/usr/lib/distcc first in PATH", path);
}

static void
program_notes(struct notes *n)
{
	char path[512];

	if (!path_find("distcc", path, sizeof(path))) {
		note_add(n, NOTE_STOPS, "client.missing",
		    "there is no distcc in PATH: install it");
		return;
	}
	version_note(n, path);
	masquerade_note(n);
	if (getenv("_DISTCC_SAFEGUARD") != NULL)
		note_add(n, NOTE_STOPS, "client.safeguard",
		    "_DISTCC_SAFEGUARD is set: distcc takes itself for its own "
		    "child; unset it");
}

/* -- the environment -- */

static void
fallback_note(struct notes *n)
{
	const char *set = getenv("DISTCC_FALLBACK");

	if (set != NULL && strcmp(set, "0") == 0)
		return;
	note_add(n, NOTE_TELLS, "client.fallback",
	    "what a node does not compile is compiled here, without a word on "
	    "the node's reason; DISTCC_FALLBACK=0 shows it");
}

static void
time_notes(struct notes *n)
{
	const char *io = getenv("DISTCC_IO_TIMEOUT");
	const char *backoff = getenv("DISTCC_BACKOFF_PERIOD");

	if (io != NULL && strtol(io, NULL, 10) < IO_TIMEOUT_S)
		note_add(n, NOTE_WARNS, "client.timeout",
		    "DISTCC_IO_TIMEOUT=%.20s: a compile that takes longer is "
		    "given up and done here", io);
	if (backoff != NULL && strtol(backoff, NULL, 10) == 0)
		note_add(n, NOTE_WARNS, "client.backoff",
		    "DISTCC_BACKOFF_PERIOD=%.20s: distcc 3.4 tries a host that "
		    "closes again and again, without end", backoff);
}

static void
pump_environment(struct notes *n)
{
	static const char *const paths[] = { "CPATH", "C_INCLUDE_PATH",
		"CPLUS_INCLUDE_PATH" };

	if (getenv("INCLUDE_SERVER_PORT") == NULL)
		note_add(n, NOTE_WARNS, "pump.server",
		    "no include server runs (INCLUDE_SERVER_PORT is not set): "
		    ",cpp is plain ,lzo unless the build is run by \"pump\"");
	for (size_t i = 0; i < 3; i++)
		if (getenv(paths[i]) != NULL)
			note_add(n, NOTE_WARNS, "pump.path",
			    "%s is set: the include server gives up, and ,cpp "
			    "is plain ,lzo; use -I", paths[i]);
}

/* Options with which a job is never sent. */
static void
options_note(struct notes *n, const char *variable)
{
	static const char *const local[] = { "-march=native", "-mtune=native",
		"--coverage", "-fprofile-arcs", "-ftest-coverage",
		"-fprofile-generate", "-fprofile-use", "-flto",
		"-specs=" };
	const char *at = getenv(variable), *word;
	size_t len, n_local = sizeof(local) / sizeof(local[0]);

	while (at != NULL && host_list_word(&at, &word, &len))
		for (size_t i = 0; i < n_local; i++)
			if (len >= strlen(local[i]) &&
			    memcmp(word, local[i], strlen(local[i])) == 0)
				note_add(n, NOTE_WARNS, "client.option",
				    "%s has %.*s: distcc compiles here what "
				    "has it", variable, (int)len, word);
}

/* -- its hosts and its state -- */

static bool
hosts_notes(struct notes *n, const struct host_list *l)
{
	bool cpp = false, remote = false;
	struct host_spec h;

	if (l->n == 0) {
		note_add(n, NOTE_STOPS, "client.hosts",
		    "the client has no hosts: set DISTCC_HOSTS");
		return false;
	}
	for (size_t i = 0; i < l->n; i++) {
		const char *wrong =
		    host_spec_parse(&h, l->words[i], strlen(l->words[i]));

		/* What is wrong in an entry is said where its host is. */
		remote = remote || wrong != NULL || h.kind != HOST_LOCAL;
		cpp = cpp || (wrong == NULL && h.cpp);
	}
	if (!remote)
		note_add(n, NOTE_STOPS, "client.local",
		    "the client's list names no host but localhost, which "
		    "means: do not distribute; an address (127.0.0.1) does");
	return cpp;
}

static void
state_note(struct notes *n)
{
	char room[400];
	const char *dir = distcc_dir(room, sizeof(room));

	if (dir == NULL)
		note_add(n, NOTE_STOPS, "client.state",
		    "neither DISTCC_DIR nor HOME is set");
	else if (access(dir, W_OK) < 0 && errno != ENOENT)
		note_add(n, NOTE_STOPS, "client.state",
		    "the client's directory %.300s: %s; name another one: "
		    "DISTCC_DIR", dir, strerror(errno));
}

void
client_notes(struct notes *n, const struct host_list *l)
{
	bool cpp;

	program_notes(n);
	cpp = hosts_notes(n, l);
	state_note(n);
	fallback_note(n);
	time_notes(n);
	options_note(n, "CFLAGS");
	options_note(n, "CXXFLAGS");
	if (cpp)
		pump_environment(n);
	pump_notes(n, cpp);
}

bool
client_shuns(const struct host_spec *h, char *why, size_t room)
{
	const char *set = getenv("DISTCC_BACKOFF_PERIOD");
	long period = set != NULL ? strtol(set, NULL, 10) : BACKOFF_S;
	char home[400], path[900];
	const char *dir = distcc_dir(home, sizeof(home));
	struct stat st;
	long left;

	if (dir == NULL)
		return false;
	if (h->kind == HOST_TCP)
		(void)snprintf(path, sizeof(path),
		    "%.400s/lock/backoff_tcp_%s_%u_0", dir, h->name,
		    (unsigned)h->port);
	else
		(void)snprintf(path, sizeof(path),
		    "%.400s/lock/backoff_ssh_%s_0", dir, h->name);
	if (stat(path, &st) < 0)
		return false;
	left = (long)(st.st_mtime - time(NULL)) + period;
	if (left <= 0)
		return false;
	(void)snprintf(why, room,
	    "the client avoids it for %ld s more, since a job failed there; "
	    "to end that: rm %s", left, path);
	return true;
}
