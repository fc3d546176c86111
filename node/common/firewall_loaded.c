/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two questions of nfnetlink (linux/netfilter/nf_tables.h), one record each
 * way: the table's flags, then the chain's hook and policy.  By hand and not
 * with libnftnl, since who asks is the monitor as well, into which no library
 * is mapped for two integers.
 *
 * What answers is the kernel (the sender's port 0, which no process has); its
 * lengths are looked at all the same.
 */
#include "firewall_loaded.h"

#include "fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ANSWER_MAX 8192 /* a table or chain is some hundred bytes */
#define WAIT_S	   2
#define HEADER	   sizeof(struct nlattr) /* a multiple of NLA_ALIGNTO */
#define OTHERS_MAX 8 /* records that are not the answer: none is expected */

/* One record: two headers, then attributes. */
struct record {
	struct nlmsghdr h;
	struct nfgenmsg g;
	uint8_t attrs[ANSWER_MAX - sizeof(struct nlmsghdr) -
		      sizeof(struct nfgenmsg)];
} __attribute__((aligned(NLMSG_ALIGNTO)));

/* Attributes of a record, or of one of them that is nested. */
struct attrs {
	const uint8_t *at;
	size_t len;
};

/* An attribute's length, or its header's, up to where the next one lies. */
static size_t
aligned(size_t n)
{
	return (n + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO;
}

/* Append string attribute @type; there is room for the two of ours. */
static void
put_text(struct record *q, uint16_t type, const char *text)
{
	size_t len = strlen(text) + 1;
	struct nlattr a = { .nla_type = type,
		.nla_len = (uint16_t)(HEADER + len) };
	uint8_t *to = (uint8_t *)q + q->h.nlmsg_len;

	memcpy(to, &a, sizeof(a));
	memcpy(to + HEADER, text, len);
	q->h.nlmsg_len += (uint32_t)aligned(a.nla_len);
}

/* Attribute @type of @in; false where there is none, or lengths lie. */
static bool
find(struct attrs in, uint16_t type, struct attrs *ret)
{
	struct nlattr a;

	while (in.len >= sizeof(a)) {
		memcpy(&a, in.at, sizeof(a));
		if (a.nla_len < HEADER || a.nla_len > in.len)
			return false;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			ret->at = in.at + HEADER;
			ret->len = a.nla_len - HEADER;
			return true;
		}
		if (aligned(a.nla_len) >= in.len)
			return false;
		in.at += aligned(a.nla_len);
		in.len -= aligned(a.nla_len);
	}
	return false;
}

/* nf_tables' integers are in network order. */
static bool
is_number(struct attrs in, uint16_t type, uint32_t mask, uint32_t wanted)
{
	struct attrs a;
	uint32_t v;

	if (!find(in, type, &a) || a.len != sizeof(v))
		return false;
	memcpy(&v, a.at, sizeof(v));
	return (ntohl(v) & mask) == wanted;
}

/* A whole record from the kernel in *r; its length, or negative errno. */
static ssize_t
receive(int fd, struct record *r)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(from);
	ssize_t n;

	do
		n = recvfrom(
		    fd, r, sizeof(*r), 0, (struct sockaddr *)&from, &len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (from.nl_pid != 0)
		return 0; /* not the kernel */
	if ((size_t)n < sizeof(r->h) || r->h.nlmsg_len < sizeof(r->h) ||
	    r->h.nlmsg_len > (size_t)n)
		return -EPROTO;
	return n;
}

/* What the kernel says of an error, in its negative errno. */
static int
error_of(const struct record *r)
{
	int err;

	if (r->h.nlmsg_len < NLMSG_HDRLEN + sizeof(err))
		return -EPROTO;
	memcpy(&err, &r->g, sizeof(err));
	return err < 0 ? err : -EPROTO;
}

/* Until the answer to @seq has come, of type @type: its attributes. */
static int
await(int fd, uint32_t seq, uint16_t type, struct record *r, struct attrs *ret)
{
	for (int i = 0; i < OTHERS_MAX; i++) {
		ssize_t n = receive(fd, r);

		if (n < 0)
			return (int)n;
		if (n == 0 || r->h.nlmsg_seq != seq)
			continue;
		if (r->h.nlmsg_type == NLMSG_ERROR)
			return error_of(r);
		if (r->h.nlmsg_type != type ||
		    r->h.nlmsg_len < sizeof(r->h) + sizeof(r->g))
			return -EPROTO;
		ret->at = r->attrs;
		ret->len = r->h.nlmsg_len - sizeof(r->h) - sizeof(r->g);
		return 0;
	}
	return -EPROTO;
}

static uint16_t
message(enum nf_tables_msg_types m)
{
	return (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | (unsigned)m);
}

/* Ask @what of the table, or of @chain in it; the answer lies in *r. */
static int
ask(int fd, enum nf_tables_msg_types what, const char *chain, struct record *r,
    struct attrs *ret)
{
	/* The question's number: an answer to another one is not ours. */
	const uint32_t seq = 1U + (uint32_t)what;

	memset(r, 0, sizeof(*r));
	r->h.nlmsg_len = sizeof(r->h) + sizeof(r->g);
	r->h.nlmsg_type = message(what);
	r->h.nlmsg_flags = NLM_F_REQUEST;
	r->h.nlmsg_seq = seq;
	r->g.nfgen_family = NFPROTO_INET;
	r->g.version = NFNETLINK_V0;
	if (chain == NULL) {
		put_text(r, NFTA_TABLE_NAME, FIREWALL_TABLE);
	} else {
		put_text(r, NFTA_CHAIN_TABLE, FIREWALL_TABLE);
		put_text(r, NFTA_CHAIN_NAME, chain);
	}
	if (send(fd, r, r->h.nlmsg_len, 0) < 0)
		return -errno;
	/* NEWTABLE is GETTABLE less one, and so for chains */
	return await(fd, seq, message(what - 1), r, ret);
}

static bool
drops_what_comes_in(struct attrs chain)
{
	struct attrs hook;

	return find(chain, NFTA_CHAIN_HOOK, &hook) &&
	       is_number(
		   hook, NFTA_HOOK_HOOKNUM, UINT32_MAX, NF_INET_LOCAL_IN) &&
	       is_number(chain, NFTA_CHAIN_POLICY, UINT32_MAX, NF_DROP);
}

static int
look(int fd)
{
	static struct record r;
	struct attrs a;
	int e = ask(fd, NFT_MSG_GETTABLE, NULL, &r, &a);

	if (e != 0)
		return e;
	if (!is_number(a, NFTA_TABLE_FLAGS, NFT_TABLE_F_DORMANT, 0))
		return 0;
	e = ask(fd, NFT_MSG_GETCHAIN, FIREWALL_CHAIN, &r, &a);
	return e != 0 ? e : drops_what_comes_in(a);
}

/* Errors that say that there is no such table: its name is not there, or
 * nothing answers to NFNL_SUBSYS_NFTABLES. */
static bool
means_absent(int e)
{
	return e == -ENOENT || e == -EINVAL || e == -EPROTONOSUPPORT ||
	       e == -EAFNOSUPPORT;
}

int
firewall_loaded(void)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	cleanup_fd int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int r;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0)
		r = -errno;
	else
		r = look(fd);
	return means_absent(r) ? 0 : r;
}
