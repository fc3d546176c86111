/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pack: the last process of a cell.  Exec'd ahead, it drains the compiler's
 * stderr and stdout into memory from the start, so that the compiler never
 * waits for a reader; when pid 1 says that every process of the job is dead
 * it opens what they left, and writes stderr, stdout, object and dependencies
 * in wire form into the memfd that the executor gave it.
 *
 * What the job left is hostile: the object may be a link, a directory, a FIFO,
 * sparse or huge.  Nothing is opened before its makers are dead, nothing
 * through a link, and nothing longer than the order allows.  A result that
 * lies is found out by the executor, which seals and measures it.
 */
#include "cell_paths.h"
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <lzo/lzo1x.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/common/imsg.h"
#include "node/common/message.h"
#include "sandbox/filter.h"

extern const struct filter filter_pack;

struct text {
	struct stage_buf buf;
	size_t len;
	int fd; /* -1 after its end */
};

struct pack {
	struct imsg_pack order;
	int result;  /* owned: the memfd */
	int out_dir; /* owned: O_PATH of CELL_OUT */
	struct text err, out;
	struct stage_buf file, block;
	uint64_t off; /* in the result */
	struct imsg_packed report;
	_Alignas(16) uint8_t work[LZO1X_1_MEM_COMPRESS];
};

static struct pack pack;
static struct msg msg;

/* Tell the executor, and end: 0 when it could be told. */
static _Noreturn void
report(struct pack *p, enum job_end end)
{
	p->report.end = end;
	if (end != END_EXIT)
		memset(p->report.len, 0, sizeof(p->report.len));
	_exit(msg_send(STAGE_FD_EXECUTOR, IMSG_PACKED, 0, &p->report,
		  sizeof(p->report), NULL, 0) != 0);
}

/* Read what is there; at its end fd is -1. */
static void
text_read(struct pack *p, struct text *t)
{
	ssize_t n;

	n = read(t->fd, t->buf.mem + t->len, t->buf.cap - t->len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		(void)close(t->fd);
		t->fd = -1;
		return;
	}
	t->len += (size_t)n;
	if (t->len > p->order.text_max)
		report(p, END_TOO_BIG);
}

static void
text_begin(struct pack *p, struct text *t, int fd)
{
	t->fd = fd;
	/* One byte more than is allowed, to tell "full" from "too much". */
	if (stage_buf_room(&t->buf, (size_t)p->order.text_max + 1) != 0)
		report(p, END_CRASH);
}

/* Serve both pipes for @timeout ms; true when the socket to pid 1 speaks. */
static int
drain(struct pack *p, int timeout)
{
	struct pollfd fds[3] = {
		{ .fd = PACK_FD_INIT, .events = POLLIN },
		{ .fd = p->err.fd, .events = POLLIN },
		{ .fd = p->out.fd, .events = POLLIN },
	};
	int n;

	n = poll(fds, 3, timeout);
	if (n < 0 && errno != EINTR)
		report(p, END_CRASH);
	if (n <= 0)
		return -1;
	if (fds[1].revents != 0)
		text_read(p, &p->err);
	if (fds[2].revents != 0)
		text_read(p, &p->out);
	return fds[0].revents != 0;
}

/* Until pid 1 says that the job's processes are dead, and then until both
 * pipes are dry: nobody is left who could write more. */
static struct imsg_cell_status
wait_for_end(struct pack *p)
{
	struct imsg_cell_status st;

	while (drain(p, -1) != 1)
		continue;
	if (msg_recv(PACK_FD_INIT, &msg) != 1 ||
	    msg.hdr.type != IMSG_PACK_NOW || msg.hdr.len != sizeof(st) ||
	    msg.nfds != 0)
		_exit(1);
	memcpy(&st, msg.body, sizeof(st));
	(void)close(PACK_FD_INIT);
	while (p->err.fd >= 0)
		text_read(p, &p->err);
	while (p->out.fd >= 0)
		text_read(p, &p->out);
	return st;
}

/* Append @n bytes to the result in wire form. */
static void
put(struct pack *p, enum result_part part, const uint8_t *mem, size_t n)
{
	lzo_uint len = n;

	if (p->order.lzo && n > 0) {
		/* wire-protocol §1.7: the worst case of the compressor */
		if (stage_buf_room(&p->block, n + n / 16 + 64 + 3) != 0 ||
		    lzo1x_1_compress(mem, n, p->block.mem, &len, p->work) !=
			LZO_E_OK)
			report(p, END_CRASH);
		mem = p->block.mem;
	}
	if (stage_pwrite(p->result, mem, len, p->off) != 0)
		report(p, END_CRASH);
	p->report.len[part] = len;
	p->off += len;
}

/*
 * Open @name in CELL_OUT if it is an ordinary file of the job's making.
 * -ENOENT: there is none; other -errno: it is something else.
 */
static int
open_output(const struct pack *p, const char *name, struct stat *st)
{
	struct open_how how = { .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					 O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };
	int fd;

	fd = (int)syscall(SYS_openat2, p->out_dir, name, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || st->st_nlink != 1 ||
	    st->st_size < 0) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

/* read(2) and not a map: a hole in a file of a full tmpfs would be SIGBUS. */
static int
read_file(struct pack *p, int fd, size_t n)
{
	size_t have = 0;
	ssize_t r;

	if (stage_buf_room(&p->file, n) != 0)
		return -ENOMEM;
	while (have < n) {
		r = read(fd, p->file.mem + have, n - have);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -EIO;
		have += (size_t)r;
	}
	return 0;
}

/* Pack one output file.  0, or -ENOENT when there is none. */
static int
put_file(struct pack *p, enum result_part part, const char *name)
{
	struct stat st;
	int fd;

	fd = open_output(p, name, &st);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		report(p, END_BAD_RESULT);
	if ((uint64_t)st.st_size > p->order.object_max)
		report(p, END_TOO_BIG);
	if (read_file(p, fd, (size_t)st.st_size) != 0)
		report(p, END_BAD_RESULT);
	(void)close(fd);
	put(p, part, p->file.mem, (size_t)st.st_size);
	return 0;
}

static void
take_order(struct pack *p)
{
	if (msg_recv_wait(STAGE_FD_EXECUTOR, &msg, -1) != 1)
		_exit(1); /* no job: the executor let go of us */
	if (msg.hdr.type != IMSG_PACK || msg.hdr.len != sizeof(p->order) ||
	    msg.nfds != 1)
		_exit(1);
	memcpy(&p->order, msg.body, sizeof(p->order));
	p->result = msg_take_fd(&msg, 0);
}

int
main(int argc, char *argv[])
{
	struct imsg_cell_status st;
	struct pack *p = &pack;

	stage_by_hand(argc, argv, stage_has_parent());
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* the exec has reset it */
	p->out_dir =
	    open(CELL_OUT, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->out_dir < 0 || lzo_init() != LZO_E_OK ||
	    filter_install(&filter_pack) != 0)
		return 1;
	take_order(p);
	text_begin(p, &p->err, PACK_FD_STDERR);
	text_begin(p, &p->out, PACK_FD_STDOUT);
	st = wait_for_end(p);
	put(p, PART_SERR, p->err.buf.mem, p->err.len);
	put(p, PART_SOUT, p->out.buf.mem, p->out.len);
	if (st.compiler == 0) {
		if (put_file(p, PART_DOTO, strrchr(CELL_OBJECT, '/') + 1) != 0)
			report(p, END_NO_OBJECT);
		if (p->order.want_deps)
			(void)put_file(
			    p, PART_DOTD, strrchr(CELL_DEPS, '/') + 1);
	}
	report(p, END_EXIT);
}
