/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies to a client (wire-protocol §1.4-1.6): never a status that reads as
 * success without output, never a close where a reason can be given.
 */
#include "broker.h"
#include "../common/fd.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "../wire/lzo_text.h"
#include "../wire/reply.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
reply(struct broker *b, struct job *j, uint32_t status,
    const uint64_t len[PART_COUNT], int *fd)
{
	struct imsg_job_reply r = { .proto = j->proto, .status = status };

	if (j->front == NULL)
		return;
	memcpy(r.len, len, sizeof(r.len));
	/* What fails here fails for a front that is gone or soon will be. */
	(void)front_tell(b, j->front, IMSG_JOB_REPLY, j->conn, &r, sizeof(r),
	    fd);
}

/* @text in wire form, as the whole of a sealed memfd; its length or -errno. */
static int64_t
text_memfd(uint32_t proto, const char *text, int *ret_fd)
{
	size_t n = strlen(text), len = n;
	uint8_t *wire = malloc(lzo_text_bound(n) + 1);
	cleanup_fd int fd = memfd_new("refusal");
	int64_t r = -1;

	if (wire != NULL && fd >= 0) {
		if (proto > 1)
			len = lzo_text(wire, text, n);
		else
			memcpy(wire, text, n);
		if (fd_write_all(fd, wire, len) == 0 &&
		    memfd_seal(fd) == 0) {
			*ret_fd = fd_take(&fd);
			r = (int64_t)len;
		}
	}
	free(wire);
	return r;
}

/*
 * Exit codes tell a plain client the reason where its user can see it; in pump
 * mode one such answer would turn pump off for the whole build
 * (wire-protocol §1.6), so there the answer is a signal, but for a compiler
 * that is missing, which clients know as exit 110.
 */
static uint32_t
refusal_status(const struct job *j, uint32_t exit_code)
{
	if (j->proto == 3 && exit_code != 110)
		return 9;
	return exit_code << 8;
}

/* @text as part @part of a reply without any other. */
static void
reply_text(struct broker *b, struct job *j, uint32_t status,
    enum result_part part, const char *text)
{
	uint64_t len[PART_COUNT] = { 0 };
	int64_t n;
	int fd = -1;

	if (j->front == NULL)
		return;
	n = text_memfd(j->proto, text, &fd);
	if (n < 0) {
		answer_close(b, j);
		return;
	}
	len[part] = (uint64_t)n;
	reply(b, j, status, len, &fd);
	(void)fd_close(fd);
}

void
answer_text(struct broker *b, struct job *j, uint32_t exit_code,
    const char *text)
{
	reply_text(b, j, refusal_status(j, exit_code), PART_SERR, text);
}

void
answer_said(struct broker *b, struct job *j, const char *text)
{
	reply_text(b, j, 0, PART_SOUT, text);
}

void
answer_close(struct broker *b, struct job *j)
{
	if (j->front != NULL)
		(void)front_tell(b, j->front, IMSG_JOB_CLOSE, j->conn, NULL, 0,
		    NULL);
}

void
answer_result(struct broker *b, struct job *j,
    const struct imsg_job_done *done, int *result)
{
	/* Exit code or signal; the core flag (0x80) is nobody's business. */
	uint32_t status = done->status & 0xff7fU;

	if (reply_status_is_trap(status) ||
	    (status != 0 && done->len[PART_DOTO] != 0)) {
		answer_text(b, j, 1,
		    "immured: cell.result: the compiler's status makes no "
		    "sense; compile this file locally\n");
		return;
	}
	reply(b, j, status, done->len, result);
}
