/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the node for one job: the system's, this user's own, or a new one.
 * Everything here happens before the first foreign byte; what reads those is
 * another program (relay.c).
 */
#include "inetd.h"
#include "../common/install_dir.h"
#include "../monitor/allow_names.h"
#include "on_demand.h"
#include "socket_path.h"
#include "tcp_client.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODE_FD	       3
#define EXIT_CONNECT   103 /* distccd's: no connection */
#define EXIT_DENIED    113 /* distccd's: no --allow names the client */
#define EXIT_NO_SHELL  1

static bool
has_word(int argc, char *const argv[], const char *const *words)
{
	for (int i = 1; i < argc; i++)
		for (size_t w = 0; words[w] != NULL; w++)
			if (strcmp(argv[i], words[w]) == 0)
				return true;
	return false;
}

/* sshd(8) and su(1) start "SHELL -c COMMAND", login(1) "-SHELL". */
static bool
is_login_shell(int argc, char *const argv[])
{
	return argc > 0 && (argv[0][0] == '-' ||
	    (argc > 1 && strcmp(argv[1], "-c") == 0));
}

bool
inetd_wanted(int argc, char *const argv[])
{
	static const char *const yes[] = { "--inetd", NULL };
	static const char *const asks[] = { "--help", "-h", "--version",
		"--check-config", NULL };
	static const char *const no[] = { "--daemon", "--no-detach",
		"--no-fork", "--wizard", "-W", NULL };
	struct stat st;

	/* Not through settings: a wrong one elsewhere must not open this. */
	if (is_login_shell(argc, argv))
		return true;
	if (has_word(argc, argv, asks))
		return false;
	if (has_word(argc, argv, yes))
		return true;
	return !has_word(argc, argv, no) && fstat(STDIN_FILENO, &st) == 0 &&
	    S_ISSOCK(st.st_mode);
}

/* A connection, -EACCES when it is not this user's to use, or -errno. */
static int
connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct ucred c;
	socklen_t len = sizeof(c);
	int fd, r = 0;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		r = -errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		r = -errno;
	else if (c.uid != 0 && c.uid != geteuid())
		r = -EACCES; /* sources are sent to root's node or ours */
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

struct own {
	char path[SOCKET_PATH_MAX];
	int fd; /* owned once there is one */
};

static int
own_answers(void *arg)
{
	struct own *o = arg;

	o->fd = connect_to(o->path);
	return o->fd >= 0;
}

/* This user's own node at @path, if need be a new one.  0 and *ret_fd, or an
 * exit status. */
static int
own_node(const char *path, int *ret_fd)
{
	struct own o = { .fd = -1 };
	int r;

	snprintf(o.path, sizeof(o.path), "%s", path);
	if (!own_answers(&o)) {
		r = on_demand_start(path, own_answers, &o);
		if (r != 0)
			return r;
	}
	if (o.fd < 0 && !own_answers(&o)) {
		fprintf(stderr, "immured: --inetd: the node at %s does not "
		    "answer: %s\n", path, strerror(-o.fd));
		return EXIT_CONNECT;
	}
	*ret_fd = o.fd;
	return 0;
}

/* A node's directory that somebody else can change is refused even for
 * looking. */
static int
default_node(int *ret_fd)
{
	char dir[SOCKET_PATH_MAX], path[SOCKET_PATH_MAX];
	int fd = connect_to(SOCKET_SYSTEM), r;

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	r = socket_own_dir(dir);
	fd = r < 0 ? r : socket_own_dir_open(dir);
	if (fd < 0 || socket_own(path) < 0) {
		fprintf(stderr, "immured: --inetd: no node answers at %s, and "
		    "%s cannot hold one of this user's: %s; see immured(8), "
		    "SSH\n", SOCKET_SYSTEM, dir,
		    fd == -EPERM ? "it is not this user's alone" :
		    strerror(fd < 0 ? -fd : ENAMETOOLONG));
		return EXIT_CONNECT;
	}
	(void)close(fd);
	return own_node(path, ret_fd);
}

static int
run_relay(int node)
{
	const char *const argv[] = { "immure-relay", NULL };
	const char *const envp[] = { NULL };
	const char *libexec = install_libexec();
	char path[PATH_MAX];

	/* Descriptors below 3 are there (inetd.h). */
	if (node != NODE_FD && dup2(node, NODE_FD) < 0)
		return CMDLINE_EXIT_FAILED;
	if (fcntl(NODE_FD, F_SETFD, 0) == 0 && libexec != NULL &&
	    snprintf(path, sizeof(path), "%s/immure-relay", libexec) <
	        (int)sizeof(path))
		(void)execve(path, (char **)(uintptr_t)argv,
		    (char **)(uintptr_t)envp);
	fprintf(stderr, "immured: --inetd: cannot start immure-relay in %s: "
	    "%s; install immure whole\n",
	    libexec != NULL ? libexec : "?", strerror(errno));
	return CMDLINE_EXIT_FAILED;
}

static bool
is_allowed(struct cmdline *c)
{
	char err[CMDLINE_ERROR_MAX];

	if (allow_names_look_up(c, err, sizeof(err)) == 0)
		return tcp_client_allowed(&c->acl);
	tcp_client_say(err);
	return false;
}

/* The node that the options mean: 0 and *ret_fd, or an exit status. */
static int
find_node(int argc, char *const argv[], bool tcp, int *ret_fd)
{
	static struct cmdline c;
	char err[CMDLINE_ERROR_MAX];
	int r = cmdline_parse(&c, argc, argv, err, sizeof(err));

	if (r != 0) {
		fprintf(stderr, "immured: %s\n", err);
		return r;
	}
	if (tcp && !is_allowed(&c))
		return EXIT_DENIED;
	return c.socket != NULL ? own_node(c.socket, ret_fd) :
	                          default_node(ret_fd);
}

int
inetd_main(int argc, char *const argv[])
{
	bool tcp = tcp_client_is();
	int fd = -1, r;

	if (!is_login_shell(argc, argv)) {
		r = find_node(argc, argv, tcp, &fd);
	} else if (argv[0][0] == '-' && argc < 2) {
		fprintf(stderr, "This account takes compile jobs of "
		    "distcc; it has no shell.\n");
		return EXIT_NO_SHELL;
	} else {
		r = default_node(&fd); /* whatever the command is */
	}
	if (r == 0)
		r = run_relay(fd);
	if (tcp && r != EXIT_DENIED)
		tcp_client_failed(r);
	return r;
}
