/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack: the first process of a cell that meets a client's bytes.  Exec'd
 * ahead, it takes the plan and the bodies from the executor, lays out the
 * job's tree, and as its last act hands the command line to the launcher.
 *
 * It trusts nothing of plan and bodies but their length and seals, which the
 * executor has checked.  It runs as the cell's uid 0 without a capability,
 * under a filter without PROT_EXEC, and Landlock lets it write on the job's
 * own mounts and read nothing (security-rules 1).  It must never follow a
 * link and never unpack more than it was told.
 */
#include "plan.h"
#include "stage.h"
#include "unpack_place.h"

#include <errno.h>
#include <lzo/lzo1x.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/common/imsg.h"
#include "node/common/message.h"
#include "sandbox/filter.h"

extern const struct filter filter_unpack;

struct unpack {
	struct imsg_unpack order;
	const uint8_t *plan;
	const uint8_t *bodies; /* NULL when bodies_len is 0 */
	uint64_t left;	       /* bytes that may still be unpacked */
	struct stage_buf buf;
};

/* wire-protocol §1.7: a length byte adds 255 bytes and no match is cheaper. */
static uint64_t
lzo_bound(uint64_t len)
{
	return len * 255 + 64;
}

static enum unpack_exit
inflate(struct unpack *u, const uint8_t *body, uint64_t len, int fd)
{
	uint64_t bound = lzo_bound(len);
	lzo_uint out;
	int r;

	if (bound > u->left)
		bound = u->left;
	if (stage_buf_room(&u->buf, (size_t)bound) != 0)
		return UNPACK_SYSTEM;
	out = (lzo_uint)bound;
	r = lzo1x_decompress_safe(body, (lzo_uint)len, u->buf.mem, &out, NULL);
	if (r == LZO_E_OUTPUT_OVERRUN && bound == u->left)
		return UNPACK_BOMB;
	if (r != LZO_E_OK)
		return UNPACK_LZO;
	u->left -= out;
	r = stage_buf_move(&u->buf, fd, (size_t)out);
	return r == 0 ? UNPACK_OK : place_verdict(-r);
}

static enum unpack_exit
copy(struct unpack *u, const uint8_t *body, uint64_t len, int fd)
{
	int r;

	if (len > u->left)
		return UNPACK_BOMB;
	u->left -= len;
	r = stage_write(fd, body, (size_t)len);
	return r == 0 ? UNPACK_OK : place_verdict(-r);
}

static enum unpack_exit
unpack_file(struct unpack *u, const struct plan_entry *e)
{
	const uint8_t *body;
	enum unpack_exit r;
	int fd;

	/* plan_next() has made sure that the sum does not wrap. */
	if (e->body_off + e->body_len > u->order.bodies_len)
		return UNPACK_PLAN;
	r = place_file(e->name, &fd);
	if (r != UNPACK_OK)
		return r;
	if (e->body_len > 0) {
		body = u->bodies + e->body_off;
		r = u->order.lzo ? inflate(u, body, e->body_len, fd)
				 : copy(u, body, e->body_len, fd);
	}
	(void)close(fd);
	return r;
}

static enum unpack_exit
unpack_item(struct unpack *u, const struct plan_entry *e)
{
	switch (e->kind) {
	case PLAN_DIR:
		return place_dir(e->name);
	case PLAN_FILE:
		return unpack_file(u, e);
	case PLAN_LINK:
		return place_link(e->name, e->target);
	}
	return UNPACK_PLAN;
}

static enum unpack_exit
unpack_plan(struct unpack *u)
{
	struct plan p;
	struct plan_entry e;
	enum unpack_exit x;
	size_t off = 0;
	int r;

	if (plan_parse(&p, u->plan, (size_t)u->order.plan_len) != 0)
		return UNPACK_PLAN;
	while ((r = plan_next(&p, &off, &e)) == 1) {
		x = unpack_item(u, &e);
		if (x != UNPACK_OK)
			return x;
	}
	if (r != 0)
		return UNPACK_PLAN;
	if (stage_write(UNPACK_FD_PLAN, p.exec, p.exec_len) != 0)
		return UNPACK_SYSTEM;
	return UNPACK_OK;
}

/* Map what the executor has sent.  The descriptors are closed: maps suffice. */
static enum unpack_exit
take_order(struct unpack *u, struct msg *m)
{
	if (m->hdr.type != IMSG_UNPACK || m->hdr.len != sizeof(u->order) ||
	    m->nfds != 2)
		return UNPACK_SYSTEM;
	__builtin_memcpy(&u->order, m->body, sizeof(u->order));
	if (u->order.plan_len == 0 || u->order.plan_len > PLAN_MAX)
		return UNPACK_SYSTEM;
	u->plan = stage_map(m->fds[0], u->order.plan_len);
	if (u->order.bodies_len > 0)
		u->bodies = stage_map(m->fds[1], u->order.bodies_len);
	if (u->plan == NULL || (u->order.bodies_len > 0 && u->bodies == NULL))
		return UNPACK_SYSTEM;
	u->left = u->order.unpacked_max;
	return UNPACK_OK;
}

static struct msg order;

int
main(int argc, char *argv[])
{
	static struct unpack u;
	enum unpack_exit x;

	stage_by_hand(argc, argv, stage_has_parent());
	(void)umask(022);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* the exec has reset it */
	if (lzo_init() != LZO_E_OK || filter_install(&filter_unpack) != 0)
		return UNPACK_SYSTEM;
	if (msg_recv_wait(STAGE_FD_EXECUTOR, &order, -1) != 1)
		return UNPACK_SYSTEM; /* no job: the executor let go of us */
	x = take_order(&u, &order);
	msg_done(&order);
	if (x == UNPACK_OK)
		x = unpack_plan(&u);
	return x;
}
