/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `immure selftest` runs in (security-rules 20): a program that comes as a
 * descriptor over the control socket gets an image, a broker, a front and a
 * slot of its own.  They are the node's own programs, confined as ever, but
 * none of the node's other processes has a socket to any of them: what comes
 * over the network meets fronts and a broker whose table of toolchains does not
 * have that program.  The monitor passes descriptors on and reads none of them.
 * All ends with the connection that asked for it, or when time is up.
 */
#include "monitor.h"
#include "../common/control.h"
#include "../common/fd.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

/* Each forbidden call costs the slot: so often it is built anew. */
#define SLOTS_AT_MOST 200U

static struct selftest {
	bool on, ready;
	int program; /* owned; -1 once the imager has it */
	int table;   /* owned; -1 = there is no image yet */
	uint64_t table_len, generation;
	uint64_t end_us;
	unsigned slots; /* started so far */
	uint64_t conns;
} st = { .program = -1, .table = -1 };

bool
selftest_has(const struct monitor *m, const struct child *c)
{
	return c >= m->selftest && c < m->selftest + ST_COUNT;
}

bool
selftest_uses(uint64_t generation)
{
	return st.on && st.generation == generation;
}

void
selftest_init(struct monitor *m)
{
	child_init(&m->selftest[ST_IMAGER], ROLE_IMAGER, 0);
	child_init(&m->selftest[ST_BROKER], ROLE_BROKER, 1); /* for PEER */
	child_init(&m->selftest[ST_FRONT], ROLE_FRONT, 0);
	child_init(&m->selftest[ST_SLOT], ROLE_EXECUTOR, SELFTEST_SLOT);
}

void
selftest_end(struct monitor *m)
{
	if (!st.on)
		return;
	st.on = st.ready = false;
	control_selftest_over();
	for (int i = 0; i < ST_COUNT; i++)
		child_kill(&m->selftest[i]);
	st.program = fd_close(st.program);
	st.table = fd_close(st.table);
	images_unmount(st.generation);
	(void)logs_selftest(m, -1);
	monitor_log(m, LOG_NOTICE, NULL, "selftest.end",
	    "the selftest is over, its image and its slot are gone");
}

/* Its start did not work out; whoever asked is told. */
static void
fail(struct monitor *m, int error, const char *what)
{
	if (!st.ready)
		control_selftest_told(m, error, what);
	selftest_end(m);
}

/* -- start -- */

static bool
any_is_left(const struct monitor *m)
{
	for (int i = 0; i < ST_COUNT; i++)
		if (m->selftest[i].pid > 0)
			return true;
	return false;
}

static int
check(struct monitor *m, int program, uint64_t len, int records)
{
	struct stat s;

	if (len == 0 || len > CONTROL_PROGRAM_MAX ||
	    memfd_check(program, len, geteuid()) != MEMFD_OK ||
	    fstat(records, &s) < 0 || !S_ISFIFO(s.st_mode))
		return -EPROTO;
	if (st.on || any_is_left(m))
		return -EBUSY;
	return m->serving && !m->draining && !m->collapsing ? 0 : -EAGAIN;
}

static int
start_imager(struct monitor *m)
{
	const char *argv[] = { "immure-imager", "--images", images_dir(),
		"--generation", NULL, "--program", NULL };
	struct child *c = &m->selftest[ST_IMAGER];
	char generation[32];
	int r = images_mount(m, st.generation);

	if (r < 0)
		return r;
	snprintf(generation, sizeof(generation), "%llu",
	    (unsigned long long)st.generation);
	argv[4] = generation;
	c->generation = st.generation;
	r = child_exec(m, c, "immure-imager", argv, &st.program, 1);
	st.program = fd_close(st.program);
	return r;
}

int
selftest_begin(struct monitor *m, int program, uint64_t program_len,
    int records)
{
	int r = check(m, program, program_len, records);

	if (r < 0) {
		fd_discard(program);
		fd_discard(records);
		return r;
	}
	st = (struct selftest){ .on = true, .program = program, .table = -1,
		.generation = m->next_generation++,
		.end_us = now_us() + CONTROL_SELFTEST_MS * 1000ULL };
	monitor_log(m, LOG_NOTICE, NULL, "selftest.start",
	    "a selftest: its jobs break the rules on purpose, in slot %u",
	    SELFTEST_SLOT);
	r = logs_selftest(m, records);
	if (r == 0)
		r = start_imager(m);
	if (r < 0)
		selftest_end(m);
	return r;
}

int
selftest_image(struct monitor *m, const struct imsg_image *im, int table)
{
	int r = st.on && st.table < 0 ?
	    images_close(st.generation, im, table) : -EPROTO;

	if (r < 0) {
		fd_discard(table);
		fail(m, r, "its image could not be made");
		return r;
	}
	st.table = table;
	st.table_len = im->table_len;
	return 0;
}

static int
send_settings(const struct monitor *m, const struct child *to)
{
	struct imsg_settings s;

	settings_fill(m, &s);
	s.drip_ms = 0;
	s.job_ms = CONTROL_JOB_MS;
	s.slots = SELFTEST_SLOT + 1;
	s.selftest = 1;
	return msg_send(to->sock, IMSG_SETTINGS, 0, &s, sizeof(s), NULL, 0);
}

static int
start_broker(struct monitor *m, struct child *c)
{
	const struct imsg_image im = { .generation = st.generation,
		.table_len = st.table_len };
	int r = start_broker_of(m, c, &im, st.table);

	return r < 0 ? r : send_settings(m, c);
}

static int
start_front(struct monitor *m, struct child *c)
{
	static const char *const argv[] = { "immure-front", NULL };
	cleanup_fd int end = -1;
	int r = introduce(&m->selftest[ST_BROKER], ROLE_FRONT, c, &end);

	if (r == 0)
		r = child_exec(m, c, "immure-front", argv, &end, 1);
	return r < 0 ? r : send_settings(m, c);
}

static int
start_slot(struct monitor *m, struct child *c)
{
	if (st.slots++ >= SLOTS_AT_MOST)
		return -ELOOP;
	return start_slot_of(m, c, &m->selftest[ST_BROKER], st.generation,
	    st.table);
}

/* What can be started now: the imager has ended when nobody writes to its
 * image any more.  0 or -errno. */
static int
start_next(struct monitor *m)
{
	struct child *broker = &m->selftest[ST_BROKER];
	struct child *front = &m->selftest[ST_FRONT];
	struct child *slot = &m->selftest[ST_SLOT];
	int r = 0;

	if (st.table < 0 || m->selftest[ST_IMAGER].pid > 0)
		return 0;
	if (broker->pid <= 0)
		return start_broker(m, broker);
	if (broker->state != CHILD_READY)
		return 0;
	if (front->pid <= 0)
		r = start_front(m, front);
	if (r == 0 && slot->pid <= 0)
		r = start_slot(m, slot);
	return r;
}

void
selftest_step(struct monitor *m)
{
	int r;

	if (!st.on || m->stopping)
		return;
	if (now_us() >= st.end_us) {
		fail(m, -ETIMEDOUT, "time is up");
		return;
	}
	r = start_next(m);
	if (r < 0) {
		fail(m, r, "one of its processes could not be started");
		return;
	}
	if (!st.ready && m->selftest[ST_FRONT].state == CHILD_READY &&
	    m->selftest[ST_SLOT].state == CHILD_READY) {
		st.ready = true;
		control_selftest_told(m, 0, "");
	}
}

int
selftest_next_ms(const struct monitor *m)
{
	uint64_t now = now_us();

	(void)m;
	if (!st.on)
		return -1;
	return st.end_us <= now ? 0 : (int)((st.end_us - now) / 1000 + 1);
}

/* Its slot is built anew after each job that spoilt it, and its imager has
 * nothing more to do; the end of any other is the selftest's. */
void
selftest_child_ended(struct monitor *m, struct child *c)
{
	if (!st.on || (c == &m->selftest[ST_SLOT] && st.ready) ||
	    (c == &m->selftest[ST_IMAGER] && st.table >= 0))
		return;
	fail(m, -EPIPE, "one of its processes has ended; the log says why");
}

/* -- connections -- */

int
selftest_connect(struct monitor *m)
{
	struct imsg_conn ic;
	cleanup_fd int ours = -1;
	int sv[2], r;

	memset(&ic, 0, sizeof(ic));
	if (!st.ready)
		return -EAGAIN;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	        sv) < 0)
		return -errno;
	ours = sv[0];
	msg_refuse_fds(ours);
	peer_from_uid(&ic.peer, socket_owner());
	r = msg_send(m->selftest[ST_FRONT].sock, IMSG_CONN, ++st.conns, &ic,
	    sizeof(ic), &ours, 1);
	if (r == 0)
		return sv[1];
	(void)close(sv[1]);
	return r;
}
