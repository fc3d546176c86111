/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place where lines go: a file, a pipe or terminal, syslog's socket.  The
 * monitor opened it.  Writing never waits: what cannot be written now is lost
 * and counted, and the count is for the first line that can be written again.
 */
#ifndef IMMURE_SINK_H
#define IMMURE_SINK_H

#include "line.h"
#include <node/common/imsg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sink {
	int fd; /* owned; -1 = nothing is wanted here */
	enum log_sink kind;
	int level;     /* lines above it are not for this sink */
	bool regular;  /* a file: writing does not depend on a reader */
	bool torn;     /* a line was cut in the middle */
	uint64_t lost; /* lines, since the last that was written */
	int error;     /* errno of the last loss */
};

/* Take over @fd in place of what was there; losses stay counted. */
void sink_open(struct sink *s, int fd, enum log_sink kind, int level);

/*
 * Write @l with the prefix that the kind of sink asks for.  0, or -errno with
 * the loss counted.
 */
int sink_write(struct sink *s, const struct line *l, pid_t pid);

#endif
