/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immured: the monitor.  Binds, confines itself to a listed set of
 * capabilities and system calls, starts the roles, and from then on only
 * accepts, passes descriptors, and watches.  It reads no network byte, opens
 * no toolchain file, and takes from roles nothing but the fixed-length
 * messages of the table in requests.c.
 */
#include "monitor.h"
#include "check_config.h"
#include "hosts_line.h"
#include "own_name.h"
#include "wishes.h"
#include "../common/fd.h"
#include "../common/install_dir.h"
#include "../common/role.h"
#include "../relay/inetd.h"
#include "../config/settings.h"
#include <errno.h>
#include <fcntl.h>
#include <sandbox/user_mode.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* A role's queue was full: it is told again after this. */
#define AGAIN_MS 100

static struct monitor monitor;

static int
fail(const char *what, int error)
{
	fprintf(stderr, "immured: %s: %s\n", what, strerror(-error));
	return CMDLINE_EXIT_FAILED;
}

static int
open_signals(void)
{
	sigset_t set;
	int fd;

	signals_wait(&set);
	sigaddset(&set, SIGCHLD);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int
open_loop(struct monitor *m)
{
	struct epoll_event ev = { .events = EPOLLIN };

	m->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (m->epoll_fd < 0)
		return -errno;
	m->signal_fd = open_signals();
	if (m->signal_fd < 0)
		return m->signal_fd;
	ev.data.ptr = &m->signal_fd;
	return epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, m->signal_fd, &ev) < 0 ?
	    -errno : 0;
}

static int
prepare(struct monitor *m)
{
	int r;

	notify_open();
	raise_nofile(m);
	raise_core();
	if (chdir("/") < 0)
		return fail("/", -errno);
	errno = 0;
	if (m->cl->nice != 0 && nice(m->cl->nice) == -1 && errno != 0)
		return fail("nice(2)", -errno);
	if (ordinary_enter() < 0)
		return CMDLINE_EXIT_FAILED;
	set_oom_score(m);
	open_meminfo(m);
	groups_open(m);
	r = groups_require(m);
	if (r != 0)
		return r;
	r = images_init(m);
	if (r < 0)
		return fail("the place for toolchain images, " RUN_DIR, r);
	r = open_loop(m);
	if (r < 0)
		return fail("event loop", r);
	return confine_monitor();
}

static void
serve_signal(struct monitor *m)
{
	struct signalfd_siginfo si;
	char err[CMDLINE_ERROR_MAX];

	while (read(m->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			continue; /* reaped every round */
		if (si.ssi_signo == SIGHUP)
			(void)reload(m, err); /* it is in the log */
		else
			drain_begin(m);
	}
}

/* Also one that was closed earlier in the same round. */
static bool
is_listening(const struct monitor *m, const void *p)
{
	return (const int *)p >= m->listen_fds &&
	    (const int *)p < m->listen_fds + LIMIT_LISTEN + 1;
}

static int
sooner(int a, int b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* Until something is to be done without an event; -1: nothing. */
static int
next_ms(const struct monitor *m)
{
	int ms = sooner(sooner(children_next_ms(m), watch_next_ms(m)),
	    sooner(sooner(clients_next_ms(m), selftest_next_ms(m)),
	    sooner(shed_next_ms(m),
	    sooner(drain_next_ms(m), denied_next_ms()))));

	return m->settings_due ? sooner(ms, AGAIN_MS) : ms;
}

static void
round_of_events(struct monitor *m)
{
	struct epoll_event ev[64];
	int n;

	n = epoll_wait(m->epoll_fd, ev, 64, next_ms(m));
	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &m->signal_fd)
			serve_signal(m);
		else if (is_listening(m, ev[i].data.ptr))
			clients_accept(m, *(int *)ev[i].data.ptr);
		else if (status_is(m, ev[i].data.ptr))
			status_accept(m, *(int *)ev[i].data.ptr);
		else if (control_is(m, ev[i].data.ptr))
			control_event(m, ev[i].data.ptr);
		else
			child_serve(m, ev[i].data.ptr);
	}
	children_reap(m);
	if (!m->stopping)
		children_start_due(m);
	watch_children(m);
	selftest_step(m);
	clients_release(m);
	settings_due(m);
	drain_check(m);
}

/* The addresses that are listened on; the unix socket is among the sockets. */
static unsigned
listened(const struct monitor *m, struct sockaddr_storage at[LIMIT_LISTEN + 1])
{
	socklen_t len;
	unsigned n = 0;

	for (unsigned i = 0; i < m->nlisten; i++) {
		len = sizeof(at[n]);
		if (getsockname(m->listen_fds[i], (void *)&at[n], &len) == 0 &&
		    at[n].ss_family != AF_UNIX)
			n++;
	}
	return n;
}

/* While it may still ask; only "every address" is called by a name. */
static void
name_host(struct monitor *m)
{
	struct sockaddr_storage at[LIMIT_LISTEN + 1];
	unsigned n = listened(m, at);

	for (unsigned i = 0; i < n; i++)
		if (hosts_is_any(&at[i])) {
			own_name(at, n, m->host, sizeof(m->host));
			return;
		}
}

/* What a client needs, ready to be copied. */
static void
log_hosts(struct monitor *m)
{
	struct sockaddr_storage at[LIMIT_LISTEN + 1];
	char line[sizeof(m->host) + 64];

	if (m->cl->no_tcp)
		return;
	hosts_line(at, listened(m, at), m->host, m->cl->port, m->cl->jobs,
	    line, sizeof(line));
	monitor_log(m, LOG_NOTICE, NULL, "node.hosts",
	    "DISTCC_HOSTS=\"%s,lzo\", in pump mode DISTCC_HOSTS=\"%s,cpp,lzo\"",
	    line, line);
}

static void
now_serving(struct monitor *m)
{
	layers_log(m);
	socket_log(m);
	if (m->cl->no_tcp)
		monitor_log(m, LOG_NOTICE, NULL, "node.serving",
		    "immured " IMMURE_VERSION " serves this machine's users "
		    "with %u slots", m->cl->jobs);
	else
		monitor_log(m, LOG_NOTICE, NULL, "node.serving",
		    "immured " IMMURE_VERSION " serves on port %u with %u "
		    "slots%s", m->cl->port, m->cl->jobs,
		    m->cl->allow_default ?
		    ", private networks only (no --allow)" : "");
	log_hosts(m);
	m->serving = true;
	clients_listen(m, true);
	status_serve(m);
	zeroconf_announce(m);
	notify_serving(m);
	if (detach_ready(m) < 0) {
		monitor_log(m, LOG_ERR, NULL, "node.abandoned",
		    "whoever started it did not wait until it was ready");
		m->stopping = true;
	}
	stderr_to_log(m);
}

/* Until SIGTERM, or until it is clear that it cannot start. */
static int
serve(struct monitor *m)
{
	control_serve(m);
	while (!m->stopping) {
		round_of_events(m);
		if (!m->serving && children_all_ready(m))
			now_serving(m);
		if (m->serving)
			continue;
		if (m->outsider)
			return CMDLINE_EXIT_FAILED; /* told */
		if (!m->imager.wanted) {
			fprintf(stderr,
			    "immured: no usable compiler was found; see "
			    "`immure toolchains`\n");
			return CMDLINE_EXIT_NO_COMPILER;
		}
		if (m->broker.delay_ms >= 1000 || m->auditor.delay_ms >= 1000 ||
		    m->fronts[0].delay_ms >= 1000 ||
		    m->slots[0].delay_ms >= 1000) {
			fprintf(stderr,
			    "immured: a role keeps dying at its start; the "
			    "reason stands above\n");
			return CMDLINE_EXIT_FAILED;
		}
	}
	return 0;
}

/* Close the socket of @c, which ends by itself then, and give it @ms. */
static void
leave(struct monitor *m, struct child *c, int ms)
{
	c->sock = fd_close(c->sock);
	for (; ms > 0 && c->pid > 0; ms -= 5) {
		(void)usleep(5000);
		children_reap(m);
	}
}

static void
finish(struct monitor *m)
{
	m->stopping = true;
	notify_stopping(m);
	zeroconf_withdraw();
	clients_listen(m, false);
	monitor_log(m, LOG_NOTICE, NULL, "node.stop", "immured stops");
	/* What still runs is put on record by the broker, and written by the
	 * auditor, each when its peer is gone; neither is waited for long. */
	leave(m, &m->broker, 200);
	child_kill(&m->broker);
	leave(m, &m->auditor, 500);
	children_kill(m);
	groups_close(m);
	pid_file_remove(m->cl->pid_file);
}

static int
run(struct monitor *m)
{
	sigset_t waiting;
	int r;

	if (m->cl->lifetime_s > 0)
		m->end_us = now_us() + m->cl->lifetime_s * 1000000ULL;
	/* Not the starter's: modes of files and sockets are given below. */
	umask(022);
	m->libexec = install_libexec();
	if (m->libexec == NULL)
		return fail("cannot tell where my programs lie", -errno);
	r = check_ports(m->cl);
	if (r == 0)
		r = layers_require(m->cl);
	if (r == 0)
		r = files_owner(m->cl);
	if (r == 0)
		r = wishes_check(m->cl);
	if (r == 0)
		r = check_names(m->cl);
	if (r == 0)
		r = bind_all(m);
	if (r != 0)
		return r;
	name_host(m);
	if (logs_try(m->cl) < 0)
		return CMDLINE_EXIT_FAILED;
	signals_wait(&waiting);
	r = detach(m);
	if (r < 0)
		return fail("fork(2)", r);
	r = pid_file_write(m->cl->pid_file);
	if (r < 0) {
		fprintf(stderr, "immured: --pid-file: cannot write %s: %s; "
		    "give a file that can be made and written\n",
		    m->cl->pid_file, strerror(-r));
		return CMDLINE_EXIT_FAILED;
	}
	children_init(m);
	r = prepare(m);
	if (r == 0) {
		monitor_log(m, LOG_NOTICE, NULL, "node.start",
		    "immured " IMMURE_VERSION " starts; it finds, copies and "
		    "tries the toolchains first");
		notify_starting();
		children_start_due(m);
		r = serve(m);
	}
	finish(m);
	return r;
}

/* The settings, or what is to be said instead of starting. */
static int
settle(struct cmdline *cl, struct settings_sources *from)
{
	char err[CMDLINE_ERROR_MAX];
	int r;

	from->cwd = getcwd(NULL, 0); /* kept: SIGHUP reads them again */
	if (from->cwd == NULL)
		from->cwd = "/";
	r = settings_load(cl, from, err, sizeof(err));
	if (r != 0)
		fprintf(stderr, "immured: %s\n", err);
	else if (cl->warning[0] != '\0')
		fprintf(stderr, "immured: warning: %s\n", cl->warning);
	if (r == 0 && cl->path != NULL && cl->action != CMDLINE_HELP &&
	    cl->action != CMDLINE_VERSION)
		fprintf(stderr, "immured: warning: DISTCCD_PATH has no effect "
		    "here; give a compiler of an unusual place with "
		    "--compiler=FILE\n");
	return r;
}

static int
print_check(struct cmdline *cl, const char *file)
{
	if (check_config(cl) != 0)
		return CMDLINE_EXIT_USAGE;
	if (cl->config != NULL)
		printf("immured: %s is OK\n", cl->config);
	else
		printf("immured: there is no %s; the command line is OK\n",
		    file[0] != '\0' ? file : "configuration file");
	return 0;
}

/* What whoever starts us had open, closed or ignored is none of ours.  0, or
 * -1: there is no /dev/null. */
static int
forget_caller(void)
{
	int fd;

	(void)close_range(3, ~0U, 0);
	/* A listening socket or a lock in the place of 0, 1 or 2 would be
	 * everybody's that is started; hence, too, no O_CLOEXEC. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -1;
	(void)close(fd);
	/* Ignored, it stays so through exec(2), and nobody's end is told
	 * (waitpid(2)). */
	(void)signal(SIGCHLD, SIG_DFL);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct settings_sources from;
	static struct cmdline cl;
	static char standard[LIMIT_PATH + 1];
	int r;

	if (forget_caller() < 0)
		return fail("/dev/null", -errno);
	if (inetd_wanted(argc, argv))
		return inetd_main(argc, argv);
	from.argc = argc;
	from.argv = argv;
	from.standard = standard;
	settings_default_file(standard, sizeof(standard));
	r = settle(&cl, &from);
	if (r != 0)
		return r;
	switch (cl.action) {
	case CMDLINE_HELP:
		cmdline_print_help(stdout);
		return 0;
	case CMDLINE_VERSION:
		cmdline_print_version(stdout, argc > 0 ? argv[0] : NULL);
		return 0;
	case CMDLINE_CHECK:
		return print_check(&cl, standard);
	case CMDLINE_RUN:
	default:
		monitor.cl = &cl;
		monitor.from = &from;
		monitor.ready_fd = -1;
		monitor.control_fd = -ENOENT;
		monitor.groups_fd = -1;
		return run(&monitor);
	}
}
