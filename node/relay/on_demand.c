/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a node because a job came and there was none.  It outlives the
 * login: a session of its own, no descriptor of the one it was started from
 * (ssh would wait for those).  However many jobs come at once, one starts it
 * and the others wait for the lock.
 */
#include "on_demand.h"
#include "../common/fd.h"
#include "../monitor/cmdline.h"
#include "socket_path.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

struct names {
	char lock[SOCKET_PATH_MAX + 8];
	char log[SOCKET_PATH_MAX + 8];
	char pid[SOCKET_PATH_MAX + 8];
};

/* Holds until it is closed.  A descriptor, or -errno. */
static int
take_turn(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		(void)close(fd);
		return -errno;
	}
	return fd;
}

/* Nothing else of a login's environment, part of which its client may have
 * sent (sshd_config(5), AcceptEnv), is to decide about a node. */
static void
clean_environment(void)
{
	static const char *const keep[] = { "HOME", "PATH", "XDG_RUNTIME_DIR",
		"XDG_CONFIG_HOME", "XDG_CACHE_HOME" };
	char *value[sizeof(keep) / sizeof(keep[0])];

	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		const char *v = getenv(keep[i]);

		value[i] = v != NULL ? strdup(v) : NULL;
	}
	(void)clearenv();
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		if (value[i] != NULL)
			(void)setenv(keep[i], value[i], 1);
		free(value[i]);
	}
}

/* By its name, which ps(1) and pkill(1) then show. */
static void
become_node(const char *const argv[])
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));

	clean_environment();
	if (n > 0 && (size_t)n < sizeof(exe)) {
		exe[n] = '\0';
		(void)execv(exe, (char **)(uintptr_t)argv);
	}
	/* It has been replaced since we started. */
	(void)execv("/proc/self/exe", (char **)(uintptr_t)argv);
	_exit(CMDLINE_EXIT_FAILED);
}

static void
run_node(const char *socket, const struct names *n)
{
	char idle[16];
	const char *const argv[] = { "immured", "--daemon", "--no-tcp",
		"--socket", socket, "--idle-exit", idle, "--log-file", n->log,
		/* not that of the configured node, which may run beside it */
		"--pid-file", n->pid, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log;

	snprintf(idle, sizeof(idle), "%u", ON_DEMAND_IDLE_S);
	log = open(n->log,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (null < 0 || log < 0 || setsid() < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(log, 2) < 0)
		_exit(CMDLINE_EXIT_FAILED);
	become_node(argv);
}

/* Its first words say what kept it from starting; they are our own. */
static void
print_reason(const char *log)
{
	char text[512] = "";
	cleanup_fd int fd = open(log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fprintf(stderr, "immured: --inetd: no node answers, and a new one "
	    "ends at once: %s (%s)\n",
	    text[0] != '\0' ? text : "it says nothing", log);
}

static int
start(const char *socket, const struct names *n)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0) {
		fprintf(stderr, "immured: --inetd: fork(2): %s\n",
		    strerror(errno));
		return CMDLINE_EXIT_FAILED;
	}
	if (pid == 0)
		run_node(socket, n);
	/* It goes to the background when it serves (detach.c). */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	print_reason(n->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : CMDLINE_EXIT_FAILED;
}

int
on_demand_start(const char *socket, int (*answers)(void *arg), void *arg)
{
	cleanup_fd int turn = -1;
	struct names n;

	snprintf(n.lock, sizeof(n.lock), "%s.start", socket);
	snprintf(n.log, sizeof(n.log), "%s.log", socket);
	snprintf(n.pid, sizeof(n.pid), "%s.pid", socket);
	turn = take_turn(n.lock);
	if (turn < 0) {
		fprintf(stderr, "immured: --inetd: no node answers at %s, and "
		    "none can be started there: %s: %s\n", socket, n.lock,
		    strerror(-turn));
		return CMDLINE_EXIT_FAILED;
	}
	return answers(arg) ? 0 : start(socket, &n);
}
