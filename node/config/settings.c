/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"
#include "config_text.h"
#include "setting.h"

#include <errno.h>
#include <fcntl.h>
#include <node/common/limits.h>
#include <sandbox/user_mode.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Is the file root's or ours, and nobody else's to write?  Who may change it
 * may open the node.  0, or -EPERM with the reason in @err.
 */
static int
trust(const char *path, const struct stat *st, char *err, size_t errlen)
{
	static bool was_roots;
	bool ours = user_mode();

	/* A reload in a user namespace sees root as nobody, like all others
	 * (user_namespaces(7)): it goes by what the start saw. */
	if (!ours)
		was_roots = st->st_uid == 0;
	if (!was_roots && st->st_uid != geteuid())
		(void)snprintf(err, errlen, "%.300s: it belongs to uid %u, "
		    "who may change it; give it to root, or to who starts the "
		    "node", path, (unsigned)st->st_uid);
	else if ((st->st_mode & 022) != 0)
		(void)snprintf(err, errlen, "%.200s: others may write it (mode "
		    "%04o); chmod go-w %.200s", path, st->st_mode & 07777, path);
	else
		return 0;
	return -EPERM;
}

/* All of @path in *ret (owned by the caller), or -errno; with -EPERM there is
 * a reason in @err. */
static ssize_t
read_file(const char *path, char **ret, char *err, size_t errlen)
{
	struct stat st;
	size_t at = 0;
	ssize_t n = 0;
	int fd;

	*ret = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		n = -errno;
	else if (!S_ISREG(st.st_mode))
		n = -EINVAL;
	else if ((n = trust(path, &st, err, errlen)) < 0)
		;
	else if ((*ret = malloc(LIMIT_CONFIG_BYTES + 1)) == NULL)
		n = -ENOMEM;
	while (n >= 0 && at <= LIMIT_CONFIG_BYTES) {
		n = read(fd, *ret + at, LIMIT_CONFIG_BYTES + 1 - at);
		if (n < 0)
			n = -errno;
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	(void)close(fd);
	if (n >= 0 && at > LIMIT_CONFIG_BYTES)
		n = -EFBIG;
	return n < 0 ? n : (ssize_t)at;
}

/* A directory of somebody else's, whose settings are not ours to obey: HOME may
 * be left over from whoever started us.  As if it were not set. */
static bool
is_anothers(const char *home)
{
	struct stat st;

	return stat(home, &st) == 0 && st.st_uid != geteuid();
}

void
settings_default_file(char *out, size_t room)
{
	const char *home = getenv("XDG_CONFIG_HOME");
	const char *below = "";

	if (geteuid() == 0) {
		(void)snprintf(out, room, "%s", SETTINGS_FILE);
		return;
	}
	if (home == NULL || home[0] != '/') {
		home = getenv("HOME");
		below = "/.config";
	}
	out[0] = '\0';
	if (home != NULL && home[0] == '/' && !is_anothers(home))
		(void)snprintf(out, room, "%s%s/immure/immured.conf", home,
		    below);
}

/* @path, of the directory @cwd when it is relative. */
static const char *
absolute(struct cmdline *c, const char *path, const char *cwd)
{
	size_t room;
	const char *kept = NULL;
	char *whole;

	if (path == NULL || path[0] == '/')
		return path;
	room = strlen(cwd) + strlen(path) + 2;
	whole = malloc(room);
	if (whole != NULL) {
		(void)snprintf(whole, room, "%s/%s", cwd, path);
		kept = setting_keep(c, whole);
		free(whole);
	}
	return kept;
}

static void
all_absolute(struct cmdline *c, const char *cwd)
{
	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];
		const char **paths =
		    (const char **)(void *)((char *)c + s->at);
		unsigned n = s->kind == KIND_PATH ? 1 : 0;

		if (s->kind == KIND_PATHS)
			memcpy(&n, (char *)c + s->count_at, sizeof(n));
		for (unsigned k = 0; k < n; k++)
			paths[k] = absolute(c, paths[k], cwd);
	}
}

/* The file @named, or the @standard one where that is NULL. */
static int
load_file(struct cmdline *c, const char *named, const char *standard,
    char *err, size_t errlen)
{
	const char *path = named != NULL ? named : standard;
	char *text = NULL;
	ssize_t len;
	int r = 0;

	c->config = NULL;
	if (path[0] == '\0')
		return 0;
	err[0] = '\0';
	len = read_file(path, &text, err, errlen);
	if (len >= 0) {
		c->config = setting_keep(c, path);
		r = config_text(c, path, text, (size_t)len, err, errlen);
	} else if (err[0] != '\0') {
		r = CMDLINE_EXIT_USAGE;
	} else if (named != NULL || len != -ENOENT) {
		(void)snprintf(err, errlen, "%.300s: cannot read it: %s; give "
		    "a file with settings, or none", path,
		    strerror((int)-len));
		r = CMDLINE_EXIT_USAGE;
	}
	free(text);
	return r;
}

/* The command line alone: whether it is right, and which file it names. */
static int
first_look(struct cmdline *c, const struct settings_sources *from, char *err,
    size_t errlen)
{
	int r;

	cmdline_defaults(c);
	r = cmdline_words(c, from->argc, from->argv, err, errlen);
	if (r == 0)
		c->config = absolute(c, c->config, from->cwd);
	return r;
}

int
settings_load(struct cmdline *c, const struct settings_sources *from,
    char *err, size_t errlen)
{
	static struct cmdline look;
	const char *config;
	int r;

	cmdline_defaults(c);
	r = first_look(&look, from, err, errlen);
	if (r == 0 && (look.action == CMDLINE_HELP ||
	    look.action == CMDLINE_VERSION)) {
		c->action = look.action;
	} else if (r == 0) {
		r = load_file(c, look.config, from->standard, err, errlen);
		config = c->config;
		if (r == 0)
			r = settings_environment(c, err, errlen);
		if (r == 0)
			r = cmdline_words(c, from->argc, from->argv, err,
			    errlen);
		if (r == 0)
			cmdline_finish(c);
		c->config = config;
		if (r == 0)
			all_absolute(c, from->cwd);
	}
	cmdline_free(&look);
	return r;
}
