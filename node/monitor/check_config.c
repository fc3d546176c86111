/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever checks a configuration may be root, who may write everywhere, or not
 * be the one who starts the node: it is seen whether things are there and of
 * the right kind, as far as this user can tell.
 */
#include "check_config.h"
#include "allow_names.h"
#include "monitor.h"
#include "wishes.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <sandbox/cgroup.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fail(const char *option, const char *value, const char *why,
    const char *remedy)
{
	fprintf(stderr, "immured: --%s: %.300s: %s; %s\n", option, value, why,
	    remedy);
	return CMDLINE_EXIT_USAGE;
}

/* As logs.c opens it: SELinux may allow what is appended alone, and faccessat(2)
 * asks for more. */
static int
append_fault(const char *path)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK |
	    O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

/* Why file_open() could not make or write @path, or 0. */
static int
write_fault(const char *path)
{
	char dir[LIMIT_PATH + 1];
	struct stat st;

	if (lstat(path, &st) == 0) {
		if (S_ISLNK(st.st_mode))
			return ELOOP;
		if (S_ISDIR(st.st_mode))
			return EISDIR;
		return append_fault(path);
	}
	if (errno != ENOENT)
		return errno;
	if (snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') -
	        path) + 1, path) >= (int)sizeof(dir))
		return ENAMETOOLONG;
	return faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0 ? errno :
	    0;
}

static int
check_files(const struct cmdline *cl)
{
	const char *const files[][2] = { { "audit-file", cl->audit_file },
		{ "log-file", cl->log_stderr ? NULL : cl->log_file },
		{ "pid-file", cl->pid_file } };
	int error;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		error = files[i][1] == NULL ? 0 : write_fault(files[i][1]);
		if (error != 0)
			return fail(files[i][0], files[i][1], strerror(error),
			    error == ELOOP ? "name the file itself" :
			    "give a file that can be made and written");
	}
	return 0;
}

/* The socket itself is a matter of the moment. */
static int
check_socket(const struct cmdline *cl)
{
	char dir[LIMIT_PATH + 1];
	const char *s = cl->socket;

	if (s == NULL)
		return 0;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(s, '/') - s) + 1,
	    s);
	return faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0 ? 0 :
	    fail("socket", s, strerror(errno), "give a place in a directory "
	        "that can be written");
}

/* The start goes on without such a place, and says so. */
static int
check_cgroup(const struct cmdline *cl)
{
	struct cgroup_place p;
	int error;

	if (cl->cgroup == NULL || strcmp(cl->cgroup, "none") == 0)
		return 0;
	if (cgroup_find(cl->cgroup, &p) != 0)
		return fail("cgroup", cl->cgroup, p.reason, p.remedy);
	error = faccessat(p.fd, ".", W_OK | X_OK, AT_EACCESS) < 0 ? errno : 0;
	(void)close(p.fd);
	return error == 0 ? 0 : fail("cgroup", cl->cgroup, strerror(error),
	    "give a directory in which groups can be made");
}

static int
check_listen(const struct cmdline *cl)
{
	struct listen_list l = { .n = 0 };
	char err[CMDLINE_ERROR_MAX];

	for (unsigned i = 0; i < cl->nlisten && !cl->no_tcp; i++) {
		if (resolve_listen(&l, cl->listen[i], cl->port, err,
		        sizeof(err)) == 0)
			continue;
		fprintf(stderr, "immured: %s\n", err);
		return CMDLINE_EXIT_USAGE;
	}
	return 0;
}

/* The start goes on without one that is not there, and says so: an upgrade may
 * have taken it.  Who checks wants to know. */
static int
check_compilers(const struct cmdline *cl)
{
	const char *file;
	struct stat st;

	for (unsigned i = 0; i < cl->ncompilers; i++) {
		file = cl->compilers[i];
		if (stat(file, &st) < 0)
			return fail("compiler", file, strerror(errno),
			    "name one that is there");
		if (!S_ISREG(st.st_mode) ||
		    faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) < 0)
			return fail("compiler", file, "not a program",
			    "name a compiler itself");
	}
	return 0;
}

int
check_ports(const struct cmdline *cl)
{
	char port[8];

	if (!cl->stats || cl->no_tcp || cl->port != cl->stats_port)
		return 0;
	(void)snprintf(port, sizeof(port), "%u", cl->port);
	return fail("stats-port", port, "that is --port, too",
	    "the two must differ: choose another for one of them");
}

int
check_names(struct cmdline *cl)
{
	char err[CMDLINE_ERROR_MAX];

	if (allow_names_look_up(cl, err, sizeof(err)) == 0)
		return 0;
	fprintf(stderr, "immured: %s\n", err);
	return CMDLINE_EXIT_USAGE;
}

int
check_config(struct cmdline *cl)
{
	if (check_ports(cl) != 0 || files_owner(cl) != 0 ||
	    socket_group_check(cl) != 0 || wishes_check(cl) != 0 ||
	    check_files(cl) != 0 || check_socket(cl) != 0 ||
	    check_cgroup(cl) != 0 || check_listen(cl) != 0 ||
	    check_names(cl) != 0 || check_compilers(cl) != 0)
		return CMDLINE_EXIT_USAGE;
	return 0;
}
