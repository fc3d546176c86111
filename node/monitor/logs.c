/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log's files: opened here, because the auditor can open nothing, and
 * written there.  The monitor's own events go the same way.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include "../common/role.h"
#include "../common/selftest_mark.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

static int
open_log(const char *path)
{
	return file_open(path, O_WRONLY | O_APPEND | O_NONBLOCK, 0640);
}

static const char *
open_remedy(int error)
{
	return error == ELOOP ? "it is a link; name the file itself" :
	    "give a file that can be made and written";
}

int
logs_try(const struct cmdline *cl)
{
	const char *const files[][2] = { { "--audit-file", cl->audit_file },
		{ "--log-file", cl->log_stderr ? NULL : cl->log_file } };
	int fd;

	for (unsigned i = 0; i < 2; i++) {
		if (files[i][1] == NULL)
			continue;
		fd = open_log(files[i][1]);
		if (fd < 0) {
			fprintf(stderr, "immured: %s: cannot open %s: %s; %s\n",
			    files[i][0], files[i][1], strerror(-fd),
			    open_remedy(-fd));
			return fd;
		}
		(void)close(fd);
	}
	return 0;
}

static int
open_syslog(void)
{
	const struct sockaddr_un a = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		fd = fd_close(fd);
	return fd < 0 ? -errno : fd;
}

static int
send_sink(struct monitor *m, enum log_sink sink, int fd, const char *what)
{
	const struct imsg_log_file lf = { .sink = (uint32_t)sink,
		.level = (uint32_t)m->cl->log_level,
		.json = sink == LOG_SINK_TEXT &&
		    m->cl->log_format == LOG_FORMAT_JSON };
	int r;

	if (fd < 0) {
		monitor_log(m, LOG_ERR, NULL, "log.open",
		    "cannot open %s: %s; what was open stays in use", what,
		    strerror(-fd));
		return fd;
	}
	r = msg_send(m->auditor.sock, IMSG_LOG_FILE, 0, &lf, sizeof(lf), &fd,
	    1);
	(void)close(fd);
	if (r == 0)
		m->sinks |= 1U << sink;
	return r;
}

/* No longer wanted: what still goes there is dropped. */
static void
drop_sink(struct monitor *m, enum log_sink sink)
{
	if ((m->sinks & 1U << sink) == 0)
		return;
	if (send_sink(m, sink, open("/dev/null", O_WRONLY | O_CLOEXEC),
	        "/dev/null") == 0)
		m->sinks &= ~(1U << sink);
}

int
logs_selftest(struct monitor *m, int fd)
{
	if (fd >= 0)
		return send_sink(m, LOG_SINK_SELFTEST, fd, "a pipe");
	drop_sink(m, LOG_SINK_SELFTEST);
	return 0;
}

static int
send_syslog(struct monitor *m)
{
	int fd = open_syslog();

	if (fd >= 0)
		return send_sink(m, LOG_SINK_SYSLOG, fd, "/dev/log");
	/* Like syslog(3): a host without a logger still compiles. */
	if (!m->serving)
		fprintf(stderr, "immured: warning: nothing listens on "
		    "/dev/log (%s): events are not logged; use --log-file or "
		    "--log-stderr\n", strerror(-fd));
	return 0;
}

static bool
goes_to_syslog(const struct cmdline *cl)
{
	return !cl->log_stderr && cl->log_file == NULL;
}

static int
send_log(struct monitor *m)
{
	const struct cmdline *cl = m->cl;

	if (goes_to_syslog(cl)) {
		drop_sink(m, LOG_SINK_TEXT);
		return send_syslog(m);
	}
	drop_sink(m, LOG_SINK_SYSLOG);
	if (cl->log_stderr)
		return send_sink(m, LOG_SINK_TEXT,
		    fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), "stderr");
	return send_sink(m, LOG_SINK_TEXT, open_log(cl->log_file),
	    cl->log_file);
}

int
logs_send(struct monitor *m)
{
	const struct cmdline *cl = m->cl;
	int r = 0, r2;

	if (cl->audit_file != NULL)
		r = send_sink(m, LOG_SINK_JSON, open_log(cl->audit_file),
		    cl->audit_file);
	else
		drop_sink(m, LOG_SINK_JSON);
	/* One that cannot be opened must not keep the other from rotating. */
	if (r < 0 && !m->serving)
		return r;
	r2 = send_log(m);
	return r < 0 ? r : r2;
}

void
logs_again(struct monitor *m)
{
	static struct rate asked; /* one that is taken over may ask all day */

	if (goes_to_syslog(m->cl) && rate_take(&asked, 1, now_us()))
		(void)send_syslog(m);
}

void
stderr_to_log(struct monitor *m)
{
	int fd = -1;

	if (!m->cl->detach || m->cl->log_stderr)
		return;
	if (m->cl->log_file != NULL)
		fd = open_log(m->cl->log_file);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)dup2(fd, STDERR_FILENO);
		(void)close(fd);
	}
}

/* What happened while there was no auditor, its own death above all. */
#define WAITING_MAX 16
static struct imsg_audit_event waiting[WAITING_MAX];
static unsigned nwaiting;

/* Never waits: a full queue loses the line (security-rules 13). */
static void
send_event(struct monitor *m, const struct imsg_audit_event *e)
{
	if (m->auditor.sock >= 0)
		(void)msg_send(m->auditor.sock, IMSG_AUDIT_EVENT, 0, e,
		    sizeof(*e), NULL, 0);
	else if (nwaiting < WAITING_MAX)
		waiting[nwaiting++] = *e;
}

void
logs_catch_up(struct monitor *m)
{
	unsigned n = nwaiting;

	nwaiting = 0;
	for (unsigned i = 0; i < n; i++)
		send_event(m, &waiting[i]);
}

/* What a start is for: it may be written nowhere else (no syslog). */
static bool
is_start_line(const struct imsg_audit_event *e)
{
	return strcmp(e->word, "toolchain.ready") == 0 ||
	    strcmp(e->word, "node.hosts") == 0;
}

/* Whoever waits for the start is told what is wrong, and told it once: with
 * --log-stderr the auditor writes to the same place. */
static bool
is_for_starter(const struct monitor *m, const struct imsg_audit_event *e)
{
	return !m->serving && (e->level <= LOG_WARNING || is_start_line(e)) &&
	    !(m->cl->log_stderr && m->auditor.sock >= 0);
}

/* As a terminal may see it: names of files, words of a configuration, and what
 * a role that is taken over makes up (security-rules 27). */
static void
tell_starter(const char *word, const char *text)
{
	char plain[sizeof(((struct imsg_audit_event *)0)->text)];
	size_t i = 0;

	for (; i < sizeof(plain) - 1 && text[i] != '\0'; i++)
		plain[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	plain[i] = '\0';
	fprintf(stderr, "immured: %s%s%s\n", word, word[0] != '\0' ? ": " : "",
	    plain);
}

void
monitor_log(struct monitor *m, int level, const struct peer *peer,
    const char *word, const char *fmt, ...)
{
	struct imsg_audit_event e;
	va_list ap;

	memset(&e, 0, sizeof(e));
	e.level = (uint32_t)level;
	e.role = ROLE_MONITOR;
	if (peer != NULL)
		e.peer = *peer;
	snprintf(e.word, sizeof(e.word), "%s", word);
	va_start(ap, fmt);
	vsnprintf(e.text, sizeof(e.text), fmt, ap);
	va_end(ap);
	if (is_for_starter(m, &e))
		tell_starter(e.word, e.text);
	send_event(m, &e);
}

void
monitor_relay(struct monitor *m, struct child *from,
    struct imsg_audit_event *e)
{
	uint32_t lost;

	/* One that is taken over must not drown what others have to say. */
	if (!rate_take(&from->events, LIMIT_ROLE_EVENTS, now_us()))
		return;
	lost = rate_lost(&from->events);
	if (lost > 0)
		monitor_log(m, LOG_WARNING, NULL, "role.noise",
		    "%u events of %s %u in a second were too many; not "
		    "recorded", lost, role_name(from->role), from->index);
	e->role = (uint32_t)from->role; /* whatever it claims */
	e->word[sizeof(e->word) - 1] = '\0';
	e->text[sizeof(e->text) - 1] = '\0';
	if (selftest_has(m, from))
		selftest_mark(e);
	if (is_for_starter(m, e))
		tell_starter("", e->text);
	send_event(m, e);
}
