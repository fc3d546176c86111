/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command line -> struct jail.  Every complaint names the option, what was
 * given, why that is wrong and what would be right.
 */
#include "jail_options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TMPFS_DEFAULT (UINT64_C(256) << 20)
#define WALL_MAX 2000000U /* seconds: fits unsigned milliseconds */

const char jail_options_usage[] =
    "usage: immure-jail [options] -- command [argument ...]\n"
    "what the jail holds (nothing but this):\n"
    "  --usual              /usr, /bin, /lib ... of the host, executable\n"
    "  --bind SRC[:DST]     read only\n"
    "  --exec SRC[:DST]     read only, and its files may be run\n"
    "  --tmpfs PATH[:SIZE]  empty and writable, nothing in it may be run\n"
    "  --symlink TARGET:PATH\n"
    "what the command gets:\n"
    "  --chdir DIR  --setenv NAME=VALUE  --uid N\n"
    "what bounds it:\n"
    "  --as-limit SIZE  --fsize SIZE  --cpu SECONDS  --wall SECONDS\n"
    "  --nproc N  --nofile N\n"
    "what comes out:\n"
    "  --output FILE=PATH   after success, PATH of a tmpfs is copied to FILE\n"
    "  --help, -h  --version\n"
    "exit status: the command's; 128+n killed by signal n; 124 --wall is over;\n"
    "  125 no jail; 126 command cannot be run; 127 command not found\n"
    "See immure-jail(1).\n";

enum option_code {
	OPT_BIND = 256,
	OPT_EXEC,
	OPT_TMPFS,
	OPT_SYMLINK,
	OPT_USUAL,
	OPT_CHDIR,
	OPT_SETENV,
	OPT_UID,
	OPT_AS,
	OPT_FSIZE,
	OPT_CPU,
	OPT_WALL,
	OPT_NPROC,
	OPT_NOFILE,
	OPT_OUTPUT,
	OPT_VERSION
};

/* clang-format off */
static const struct option long_options[] = {
	{ "bind", required_argument, NULL, OPT_BIND },
	{ "exec", required_argument, NULL, OPT_EXEC },
	{ "tmpfs", required_argument, NULL, OPT_TMPFS },
	{ "symlink", required_argument, NULL, OPT_SYMLINK },
	{ "usual", no_argument, NULL, OPT_USUAL },
	{ "chdir", required_argument, NULL, OPT_CHDIR },
	{ "setenv", required_argument, NULL, OPT_SETENV },
	{ "uid", required_argument, NULL, OPT_UID },
	{ "as-limit", required_argument, NULL, OPT_AS },
	{ "fsize", required_argument, NULL, OPT_FSIZE },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "wall", required_argument, NULL, OPT_WALL },
	{ "nproc", required_argument, NULL, OPT_NPROC },
	{ "nofile", required_argument, NULL, OPT_NOFILE },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};
/* clang-format on */

static const char *
option_name(int code)
{
	for (const struct option *o = long_options; o->name != NULL; o++) {
		if (o->val == code)
			return o->name;
	}
	return "?";
}

static int
wrong(struct jail_options *o, int code, const char *given, const char *why)
{
	snprintf(o->error, sizeof(o->error), "--%s %s: %s", option_name(code),
	    given, why);
	return -1;
}

/* Decimal, whole, within [@least, @most]. */
static bool
count(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
	char *end;
	unsigned long long n;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || n < least || n > most)
		return false;
	*ret = n;
	return true;
}

bool
jail_options_size(const char *text, uint64_t *ret)
{
	static const char units[] = "kmgt";
	unsigned shift = 0;
	size_t len = strlen(text);
	char digits[24];
	const char *unit;
	uint64_t n;

	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len + 1);
	unit = strchr(units, digits[len - 1] | 0x20);
	if (unit != NULL && *unit != '\0') {
		shift = (unsigned)(unit - units + 1) * 10;
		digits[len - 1] = '\0';
	}
	if (!count(digits, 0, (UINT64_C(1) << 62) >> shift, &n))
		return false;
	*ret = n << shift;
	return true;
}

static const char *
place_remedy(int r)
{
	if (r == -ENOMEM)
		return "out of memory";
	return "the place in the jail must be absolute, without . or .., and "
	       "not / itself (at most 64 places, 8 of them tmpfs)";
}

/* SRC[:DST]; SRC may be relative, then DST has to be given. */
static int
do_bind(struct jail_options *o, int code, const char *arg)
{
	char from[PATH_MAX], copy[PATH_MAX];
	char *colon;
	int r;

	if (strlen(arg) >= sizeof(copy))
		return wrong(o, code, "...", "longer than a path may be");
	memcpy(copy, arg, strlen(arg) + 1);
	colon = strchr(copy, ':');
	if (colon != NULL)
		*colon++ = '\0';
	if (realpath(copy, from) == NULL) {
		snprintf(o->error, sizeof(o->error),
		    "--%s %.200s: %s: give an existing file or directory",
		    option_name(code), arg, strerror(errno));
		return -1;
	}
	r = jail_bind(o->jail, from, colon != NULL ? colon : copy,
	    code == OPT_EXEC);
	return r == 0 ? 0 : wrong(o, code, arg, place_remedy(r));
}

static int
do_tmpfs(struct jail_options *o, int code, const char *arg)
{
	char path[PATH_MAX];
	size_t len = strcspn(arg, ":");
	uint64_t bytes = TMPFS_DEFAULT;
	int r;

	if (len >= sizeof(path))
		return wrong(o, code, "...", "longer than a path may be");
	memcpy(path, arg, len);
	path[len] = '\0';
	if (arg[len] == ':' && (!jail_options_size(arg + len + 1, &bytes) ||
		bytes == 0))
		return wrong(o, code, arg, "the size is not a number of bytes "
		    "above 0: write 64M or 1G");
	r = jail_tmpfs(o->jail, path, bytes);
	return r == 0 ? 0 : wrong(o, code, arg, place_remedy(r));
}

static int
do_symlink(struct jail_options *o, int code, const char *arg)
{
	const char *colon = strchr(arg, ':');
	char *target;
	int r;

	if (colon == NULL || colon == arg)
		return wrong(o, code, arg, "write TARGET:PATH");
	target = strndup(arg, (size_t)(colon - arg));
	if (target == NULL)
		return wrong(o, code, arg, "out of memory");
	r = jail_symlink(o->jail, target, colon + 1);
	free(target);
	return r == 0 ? 0 : wrong(o, code, arg, place_remedy(r));
}

static int
do_output(struct jail_options *o, int code, const char *arg)
{
	struct jail_output *out = &o->outputs[o->n_outputs];
	char *equals;

	if (o->n_outputs == JAIL_OUTPUTS)
		return wrong(o, code, arg, "more than 16 outputs");
	out->file = strdup(arg);
	if (out->file == NULL)
		return wrong(o, code, arg, "out of memory");
	o->n_outputs++;
	equals = strchr(out->file, '=');
	if (equals == NULL || equals == out->file || equals[1] != '/')
		return wrong(o, code, arg, "write FILE=PATH, PATH absolute and "
		    "in a --tmpfs");
	*equals = '\0';
	out->path = equals + 1;
	return 0;
}

static int
do_number(struct jail_options *o, int code, const char *arg)
{
	uint64_t n;

	if (code == OPT_AS || code == OPT_FSIZE) {
		if (!jail_options_size(arg, &n) || n == 0)
			return wrong(o, code, arg, "not a number of bytes "
			    "above 0: write 512M or 4G");
		*(code == OPT_AS ? &o->limits.as_bytes :
			&o->limits.fsize_bytes) = n;
		return 0;
	}
	if (!count(arg, 1, code == OPT_UID ? UINT32_MAX - 1 : WALL_MAX, &n))
		return wrong(o, code, arg, "not a whole number from 1 on, or "
		    "too great");
	if (code == OPT_CPU)
		o->limits.cpu_s = n;
	else if (code == OPT_NPROC)
		o->limits.nproc = n;
	else if (code == OPT_NOFILE)
		o->limits.nofile = n;
	else if (code == OPT_WALL)
		return jail_wall_ms(o->jail, (unsigned)n * 1000);
	o->has_uid |= code == OPT_UID;
	o->uid = code == OPT_UID ? (unsigned)n : o->uid;
	return 0;
}

static int
do_text(struct jail_options *o, int code, const char *arg)
{
	if (code == OPT_CHDIR && jail_chdir(o->jail, arg) != 0)
		return wrong(o, code, arg, "must be absolute, a directory of "
		    "the jail");
	if (code == OPT_SETENV && jail_setenv(o->jail, arg) != 0)
		return wrong(o, code, arg, "write NAME=VALUE (at most 64)");
	return 0;
}

static int
do_option(struct jail_options *o, int code, const char *arg)
{
	int r;

	switch (code) {
	case OPT_BIND:
	case OPT_EXEC:
		return do_bind(o, code, arg);
	case OPT_TMPFS:
		return do_tmpfs(o, code, arg);
	case OPT_SYMLINK:
		return do_symlink(o, code, arg);
	case OPT_OUTPUT:
		return do_output(o, code, arg);
	case OPT_CHDIR:
	case OPT_SETENV:
		return do_text(o, code, arg);
	case OPT_USUAL:
		r = jail_usual(o->jail);
		return r == 0 ? 0 : wrong(o, code, "", place_remedy(r));
	case 'h':
		o->help = true;
		return 0;
	case OPT_VERSION:
		o->version = true;
		return 0;
	default:
		return do_number(o, code, arg);
	}
}

/* getopt_long(3) said '?' or ':' at @word. */
static int
unknown(struct jail_options *o, int said, const char *word)
{
	snprintf(o->error, sizeof(o->error), "%.200s: %s", word,
	    said == ':' ? "needs a value; see --help" :
			  "no such option (or an ambiguous one); see --help");
	return -1;
}

static int
check_command(struct jail_options *o, int argc, char **argv)
{
	if (o->help || o->version)
		return 0;
	if (optind >= argc) {
		snprintf(o->error, sizeof(o->error), "no command: write "
		    "immure-jail [options] -- command [argument ...]");
		return -1;
	}
	o->command = (const char *const *)argv + optind;
	return jail_rlimits(o->jail, &o->limits);
}

int
jail_options_parse(struct jail_options *o, int argc, char **argv)
{
	int code;

	*o = (struct jail_options){
		/* enough for a large C++ file, little enough for a machine */
		.limits = { UINT64_C(4) << 30, UINT64_C(1) << 30,
			UINT64_C(64) << 20, 600, 256, 64 },
	};
	o->jail = jail_new();
	if (o->jail == NULL || jail_setenv(o->jail, "PATH=/usr/bin:/bin") != 0) {
		snprintf(o->error, sizeof(o->error), "out of memory");
		return -1;
	}
	optind = 0; /* glibc: start anew; the tests parse many lines */
	opterr = 0;
	/* '+': the command's own options are its own */
	while ((code = getopt_long(argc, argv, "+:h", long_options, NULL)) !=
	    -1) {
		if (code == '?' || code == ':')
			return unknown(o, code, argv[optind - 1]);
		if (do_option(o, code, optarg) != 0)
			return -1;
	}
	return check_command(o, argc, argv);
}

void
jail_options_done(struct jail_options *o)
{
	o->jail = jail_free(o->jail);
	for (unsigned i = 0; i < o->n_outputs; i++)
		free(o->outputs[i].file);
	o->n_outputs = 0;
}
