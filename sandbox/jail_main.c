/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-jail: one command in a jail.  As root it gives the command a uid of
 * its own; as another user it makes a user namespace first and has the rights
 * it needs in there alone.
 */
#include "jail_options.h"
#include "user_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_DEADLINE 124 /* as timeout(1) */
#define EXIT_NO_JAIL 125  /* as env(1): 125, 126, 127 */
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127
#define UID_OF_JAIL 1900000100U /* nobody's, unless --uid says otherwise */
#define SEARCH "/usr/bin/"      /* for a command without a slash */

static int
complain(const char *what, const char *why, const char *remedy)
{
	fprintf(stderr, "immure-jail: %s: %s%s%s\n", what, why,
	    remedy[0] != '\0' ? ": " : "", remedy);
	return EXIT_NO_JAIL;
}

/* Rights to build a jail, and whose ids are in it. */
static int
prepare_ids(struct jail_options *o)
{
	const char *where;
	int r;

	if (geteuid() == 0 && !user_mode()) {
		unsigned uid = o->has_uid ? o->uid : UID_OF_JAIL;

		return jail_ids(o->jail, uid, uid) == 0 ? 0 : EXIT_NO_JAIL;
	}
	if (o->has_uid)
		return complain("--uid", "only root can give another uid",
		    "leave it out");
	r = geteuid() == 0 ? 0 : user_mode_enter(&where);
	if (r != 0)
		return complain(where, strerror(-r), user_mode_remedy("/proc"));
	return jail_ids(o->jail, 0, 0) == 0 ? 0 : EXIT_NO_JAIL;
}

/* Everything of @in into @out. */
static int
copy(int in, int out)
{
	static char buffer[65536];
	ssize_t n, done, wrote;

	while ((n = read(in, buffer, sizeof(buffer))) > 0) {
		for (done = 0; done < n; done += wrote) {
			wrote = write(out, buffer + done, (size_t)(n - done));
			if (wrote < 0)
				return -errno;
		}
	}
	return n < 0 ? -errno : 0;
}

static int
take_output(struct jail *j, const struct jail_output *o)
{
	int out, r, in = jail_collect(j, o->path);

	if (in < 0)
		return complain(o->path, strerror(-in),
		    "--output takes a regular file of a --tmpfs, and the "
		    "command must have made it");
	out = open(o->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	r = out < 0 ? -errno : copy(in, out);
	close(in);
	if (out >= 0 && close(out) != 0 && r == 0)
		r = -errno;
	if (r == 0)
		return 0;
	if (out >= 0)
		unlink(o->file); /* half a file is worse than none */
	return complain(o->file, strerror(-r), "--output cannot write it");
}

static int
exit_status(const struct jail_result *r)
{
	if (r->killed)
		return EXIT_DEADLINE;
	if (WIFSIGNALED(r->status))
		return 128 + WTERMSIG(r->status);
	return WEXITSTATUS(r->status);
}

/* Why it did not start, in words a user can act on. */
static int
explain(const char *command, const char *where, int r)
{
	if (where != jail_where_exec) {
		if (r == -EPROTO)
			return complain(where, "this layer does not hold",
			    "nothing was run; please report it");
		return complain(where, strerror(-r),
		    r == -ENOENT ? "is every --bind source and --chdir there?" :
		    r == -EPERM ? "run as root, or see immure-jail(1)" : "");
	}
	complain(command, strerror(-r), r == -ENOENT ?
		"the jail holds only what --usual, --bind and --exec give" :
		"its place must come from --exec or --usual");
	return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int
run(struct jail_options *o)
{
	char found[PATH_MAX];
	const char *where, *name = o->command[0];
	struct jail_result res;
	int r;

	if (strchr(name, '/') == NULL) {
		r = snprintf(found, sizeof(found), "%s%s", SEARCH, name);
		if (r < 0 || (size_t)r >= sizeof(found))
			return complain("command", "name too long", "");
		/* argv is ours: the parser kept a view of it */
		((const char **)(uintptr_t)o->command)[0] = found;
	}
	r = jail_spawn(o->jail, o->command, 0, 1, 2, &where);
	if (r != 0)
		return explain(o->command[0], where, r);
	r = jail_wait(o->jail, &res);
	if (r != 0)
		return complain("wait", strerror(-r), "");
	if (res.killed)
		fprintf(stderr, "immure-jail: --wall is over: killed\n");
	else if (WIFSIGNALED(res.status) && WTERMSIG(res.status) == SIGSYS)
		fprintf(stderr, "immure-jail: SIGSYS: it made a system call "
		    "that the jail does not allow, such as socket(2)\n");
	r = exit_status(&res);
	for (unsigned i = 0; r == 0 && i < o->n_outputs; i++)
		r = take_output(o->jail, &o->outputs[i]);
	return r;
}

int
main(int argc, char **argv)
{
	struct jail_options o;
	int r = EXIT_NO_JAIL;

	if (jail_options_parse(&o, argc, argv) != 0) {
		fprintf(stderr, "immure-jail: %s\n", o.error);
		goto out;
	}
	if (o.help || o.version) {
		r = printf("%s", o.help ? jail_options_usage :
			"immure-jail " IMMURE_VERSION "\n") < 0;
		goto out;
	}
	r = prepare_ids(&o);
	if (r == 0)
		r = run(&o);
out:
	jail_options_done(&o);
	return r;
}
