/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distcc's pump mode needs an include server, in Python with an extension in
 * C, and whatever fails in it is silent: the client compresses what it has
 * preprocessed itself (protocol 2).  Debian 12's extension fails at its first
 * call ("PY_SSIZE_T_CLEAN macro must be defined"), so that call is made here.
 */
#include "probe.h"
#include "run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <node/auditor/escape.h>
#include <node/common/fd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT_MAX 65536U
#define PYTHON_MS  10000U

static const char try_extension[] =
    "import sys\n"
    "sys.path.insert(0, sys.argv[1])\n"
    "import distcc_pump_c_extensions\n"
    "distcc_pump_c_extensions.CompressLzo1xAlloc(b'immure')\n";

/* The value of shell variable @name, a line of its own in @script. */
static bool
variable(const char *script, const char *name, char *out, size_t room)
{
	size_t n = strlen(name), len;
	const char *at = script;

	while ((at = strstr(at, name)) != NULL) {
		bool starts = at == script || at[-1] == '\n';

		at += n;
		if (!starts || *at != '=')
			continue;
		at++;
		at += *at == '\'' || *at == '"';
		len = strcspn(at, "'\"\n");
		if (len == 0 || len >= room)
			continue;
		memcpy(out, at, len);
		out[len] = '\0';
		return true;
	}
	return false;
}

static bool
read_script(const char *path, char script[SCRIPT_MAX])
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, script, SCRIPT_MAX - 1);
	script[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* The last line of what Python says. */
static void
last_line(const struct ran *ran, char *out, size_t room)
{
	size_t end = ran->len, start;

	while (end > 0 && ran->out[end - 1] == '\n')
		end--;
	for (start = end; start > 0 && ran->out[start - 1] != '\n';)
		start--;
	(void)escape(out, room, ran->out + start, end - start, ESCAPE_TEXT);
}

static void
try_python(struct notes *n, enum note_level level, const char *python,
    const char *dir)
{
	const char *argv[] = { python, "-c", try_extension, dir, NULL };
	const struct run r = { .argv = argv, .err = RUN_STDERR_TOO,
		.timeout_ms = PYTHON_MS, .max = SCRIPT_MAX };
	char why[PROBE_TEXT];
	struct ran ran;
	int e = run_program(&r, &ran);

	if (e < 0) {
		note_add(n, level, "pump.broken",
		    "pump's include server does not run: %s", strerror(-e));
		return;
	}
	last_line(&ran, why, sizeof(why));
	if (ran.status != 0)
		note_add(n, level, "pump.broken",
		    "pump's include server is broken, so ,cpp silently "
		    "becomes plain ,lzo: %s", why);
	free(ran.out);
}

void
pump_notes(struct notes *n, bool wanted)
{
	enum note_level level = wanted ? NOTE_WARNS : NOTE_TELLS;
	char path[512], server[512], python[256];
	static char script[SCRIPT_MAX];
	char *slash;

	if (!path_find("pump", path, sizeof(path)) &&
	    !path_find("distcc-pump", path, sizeof(path))) {
		if (wanted)
			note_add(n, level, "pump.missing",
			    "there is no pump in PATH, which ,cpp needs");
		return;
	}
	if (!read_script(path, script) ||
	    !variable(script, "include_server", server, sizeof(server)) ||
	    (slash = strrchr(server, '/')) == NULL) {
		note_add(n, NOTE_TELLS, "pump.unknown",
		    "%.300s does not tell where its include server is; "
		    "whether it works was not tried", path);
		return;
	}
	*slash = '\0';
	if (!variable(script, "PYTHON", python, sizeof(python)))
		(void)snprintf(python, sizeof(python), "python3");
	try_python(n, level, python, server);
}
