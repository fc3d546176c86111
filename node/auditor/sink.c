/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink.h"

#include <node/common/fd.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

void
sink_open(struct sink *s, int fd, enum log_sink kind, int level)
{
	struct stat st;

	(void)fd_close(s->fd);
	s->fd = fd;
	s->kind = kind;
	s->level = level;
	s->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	s->torn = false;
}

/* RFC 3164, as syslog(3) sends it to /dev/log: local time, no host name. */
static int
syslog_prefix(char *out, size_t room, const struct line *l, pid_t pid)
{
	time_t now = time(NULL);
	char date[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(date, sizeof(date), "%b %e %H:%M:%S", &tm);
	return snprintf(out, room, "<%d>%s %s[%d]: ", LOG_DAEMON | l->level,
	    date, l->tag, (int)pid);
}

/* The whole record in @out; its length. */
static size_t
assemble(const struct sink *s, char *out, size_t room, const struct line *l,
    pid_t pid)
{
	int n = 0;

	switch (s->kind) {
	case LOG_SINK_SYSLOG:
		n = syslog_prefix(out, room, l, pid);
		break;
	case LOG_SINK_TEXT:
		n = snprintf(out, room, "%s%s[%d] ", s->torn ? "\n" : "",
		    l->tag, (int)pid);
		break;
	case LOG_SINK_JSON:
	case LOG_SINK_SELFTEST: /* is opened as JSON */
		n = snprintf(out, room, "%s", s->torn ? "\n" : "");
		break;
	}
	memcpy(out + n, l->text, l->len);
	if (s->kind != LOG_SINK_SYSLOG)
		out[(size_t)n + l->len] = '\n';
	return (size_t)n + l->len + (s->kind != LOG_SINK_SYSLOG);
}

/*
 * A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking
 * (pipe(7)); O_NONBLOCK would change the terminal of whoever started us, as
 * the flag belongs to the open file, not to the descriptor.
 */
static ssize_t
write_piece(const struct sink *s, const char *p, size_t len)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };
	ssize_t n;

	if (!s->regular) {
		if (poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLOUT) == 0)
			return -EAGAIN;
		if (len > PIPE_BUF)
			len = PIPE_BUF;
	}
	n = write(s->fd, p, len);
	return n < 0 ? -errno : n;
}

static int
write_all(struct sink *s, const char *p, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write_piece(s, p + done, len - done);

		if (n == -EINTR)
			continue;
		if (n <= 0) {
			s->torn = s->torn || done > 0;
			return n < 0 ? (int)n : -EIO;
		}
		done += (size_t)n;
	}
	s->torn = false;
	return 0;
}

int
sink_write(struct sink *s, const struct line *l, pid_t pid)
{
	static char record[LINE_MAX_BYTES + 128];
	size_t len =
	    assemble(s, record, sizeof(record) - LINE_MAX_BYTES, l, pid);
	int r = 0;

	if (s->kind != LOG_SINK_SYSLOG)
		r = write_all(s, record, len);
	else if (send(s->fd, record, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r < 0) {
		s->lost++;
		s->error = -r;
	}
	return r;
}
