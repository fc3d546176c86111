/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A role that is taken over: linked with the objects of the genuine one, whose
 * handshake it therefore does, and whose msg_send(), msg_recv() and
 * filter_install() it stands in front of (ld's --wrap).  What it is to do, and
 * when, taken.py writes into a file beside the program, which is mapped before
 * the role confines itself: either at the genuine message of a type (hook), or
 * at once, by a thread (inject).  No filter of its own is put on, but a cell's:
 * an attacker that has more than he would have.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <sandbox/filter.h>

#include "node/common/imsg.h"
#include "node/common/message.h"

#include "hostile.h"

#define SEALS	 (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define FLOOD_MS 400
/* More than a message may have: a rule of SCM_RIGHTS is 253. */
#define MANY 200
#define OVER (MSG_BODY_MAX + 64)

enum { NOTHING = 0, WANTED, TAKEN, DONE };
enum { HOOK = 0, INJECT };

/* Shared with taken.py. */
struct plan {
	uint32_t state;
	uint32_t mode;
	uint32_t type;
	uint32_t like; /* the last message of this type went the same way */
	uint32_t sock; /* … or there */
	uint32_t pid;  /* whose turn it is; 0: whoever comes first */
	uint32_t who;  /* out: whose it was */
	int32_t error; /* out: errno of the first send */
	uint32_t sent; /* out */
	uint32_t last; /* out: who last sent a message of type `seen` */
	uint32_t seen;
	char role[16];
	char act[16];
};

struct past {
	uint32_t type;
	int sock;
	uint64_t job;
	size_t len;
	uint8_t body[MSG_BODY_MAX];
};

bool hostile_asleep;
static struct plan *plan;
static char role[16]; /* this program's */
static struct past past[32];
static int lingering = -1, path_only = -1, of_root = -1;
static volatile bool silent;

int __real_msg_send(int, uint32_t, uint64_t, const void *, size_t, const int *,
    unsigned);
int __real_msg_recv(int, struct msg *);
int __real_msg_recv_wait(int, struct msg *, int);
int __real_filter_install(const struct filter *);
int __wrap_msg_send(int, uint32_t, uint64_t, const void *, size_t, const int *,
    unsigned);
int __wrap_msg_recv(int, struct msg *);
int __wrap_msg_recv_wait(int, struct msg *, int);
int __wrap_filter_install(const struct filter *);
int __wrap_close_range(unsigned, unsigned, int);
ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);

/* -- descriptors -- */

static int
memfd(uint64_t size, unsigned flags, int seals, bool there)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
	static const uint8_t page[4096];

	if (fd < 0)
		return -1;
	for (uint64_t at = 0; there && at < size; at += sizeof(page))
		(void)!pwrite(fd, page,
		    size - at < sizeof(page) ? size - at : sizeof(page),
		    (off_t)at);
	if (!there)
		(void)!ftruncate(fd, (off_t)size);
	(void)fcntl(fd, F_ADD_SEALS, seals);
	return fd;
}

/* Written to by a mapping that lives on. */
static int
mapped(uint64_t size)
{
	int fd = memfd(size, 0, 0, true);

	(void)mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | 0x10);
	return fd;
}

/* What blocks whoever closes it last: bytes that nobody takes, and a wish to
 * wait for that (security-rules 13). */
static int
linger_new(void)
{
	static const struct linger l = { 1, 5 };
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	static uint8_t bytes[65536];
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int c = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(s, (void *)&a, sizeof(a)) < 0 || listen(s, 1) < 0 ||
	    getsockname(s, (void *)&a, &len) < 0 ||
	    connect(c, (void *)&a, sizeof(a)) < 0)
		return -1;
	for (int i = 0; i < 200; i++)
		(void)!send(c, bytes, sizeof(bytes), MSG_DONTWAIT);
	(void)setsockopt(c, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	return c; /* the other end stays open, unread */
}

static int
make_fd(const char *kind, uint64_t size)
{
	int p[2];

	if (strcmp(kind, "linger") == 0)
		return lingering;
	if (strcmp(kind, "opath") == 0)
		return path_only;
	if (strcmp(kind, "owner") == 0)
		return of_root;
	if (strcmp(kind, "epoll") == 0)
		return epoll_create1(EPOLL_CLOEXEC);
	if (strcmp(kind, "hugetlb") == 0)
		return memfd(2UL << 20, MFD_HUGETLB, SEALS, false);
	if (strcmp(kind, "sparse") == 0)
		return memfd(size, 0, SEALS, false);
	if (strcmp(kind, "mapped") == 0)
		return mapped(size);
	if (strcmp(kind, "unsealed") == 0)
		return memfd(size, 0, F_SEAL_SHRINK, true);
	if (strcmp(kind, "size") == 0)
		return memfd(size + 1, 0, SEALS, true);
	if (strcmp(kind, "zeros") == 0) /* well made, but nonsense */
		return memfd(size, 0, SEALS, true);
	return pipe2(p, O_CLOEXEC) < 0 ? -1 : p[0];
}

static bool
is_fd_kind(const char *act)
{
	static const char *const kinds[] = { "linger", "opath", "owner",
		"epoll", "hugetlb", "sparse", "mapped", "unsealed", "size",
		"pipe", "zeros" };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(act, kinds[i]) == 0)
			return true;
	return false;
}

/* -- messages -- */

struct shot {
	int sock;
	struct msg_hdr hdr;
	uint8_t body[OVER];
	size_t len; /* of what follows the header; may differ from hdr.len */
	int fds[MANY];
	unsigned nfds;
};

static int
fire(const struct shot *s)
{
	static union {
		char buf[CMSG_SPACE(MANY * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov[2] = { { (void *)(uintptr_t)&s->hdr, sizeof(s->hdr) },
		{ (void *)(uintptr_t)s->body, s->len } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };

	if (s->nfds > 0) {
		struct cmsghdr *c;

		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(s->nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(s->nfds * sizeof(int));
		memcpy(CMSG_DATA(c), s->fds, s->nfds * sizeof(int));
	}
	if (sendmsg(s->sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno;
	plan->sent++;
	return 0;
}

/* A record of @n bytes, shorter than any header. */
static int
fire_short(const struct shot *s, size_t n)
{
	if (send(s->sock, &s->hdr, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno;
	plan->sent++;
	return 0;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int
flood(const struct shot *s)
{
	uint64_t end = now_ms() + FLOOD_MS;
	int r = 0;

	while (now_ms() < end) {
		r = fire(s);
		if (r == EAGAIN)
			(void)sched_yield();
		else if (r != 0)
			break;
	}
	return r == EAGAIN ? 0 : r;
}

/* What a terminal would obey, and lines of its own, in every text there is. */
static void
escapes(struct shot *s)
{
	static const char text[] = "\033]0;x\007\033[2J\nimmured[1] (monitor) "
	    "node.serving: forged\r\302\233\x7f";
	struct imsg_audit_event *e = (void *)s->body;
	struct imsg_audit_job *j = (void *)s->body;

	if (s->hdr.type == IMSG_AUDIT_EVENT) {
		e->level = 3;
		memcpy(e->text, text, sizeof(text));
	} else if (s->hdr.type == IMSG_AUDIT_JOB) {
		memcpy(j->source, text, sizeof(text));
		memcpy(j->compiler, text, sizeof(text));
	} else {
		memset(s->body, 0x1b, s->len);
	}
}

static void
lengths(struct shot *s, const char *act)
{
	size_t len = s->len;

	if (strcmp(act, "len0") == 0)
		len = 0;
	else if (strcmp(act, "short") == 0)
		len = len > 0 ? len - 1 : 0;
	else if (strcmp(act, "long") == 0)
		len = len + 1;
	else if (strcmp(act, "max") == 0)
		len = MSG_BODY_MAX;
	else if (strcmp(act, "over") == 0)
		len = MSG_BODY_MAX + 1;
	s->len = len;
	s->hdr.len = (uint32_t)len + (strcmp(act, "lie") == 0 ? 8 : 0);
}

static void
contents(struct shot *s, const char *act)
{
	if (strcmp(act, "ff") == 0)
		memset(s->body, 0xff, s->len);
	else if (strcmp(act, "zero") == 0)
		memset(s->body, 0, s->len);
	else if (strcmp(act, "escapes") == 0)
		escapes(s);
	else if (strcmp(act, "type") == 0)
		s->hdr.type = 0xdead;
	else if (strcmp(act, "job0") == 0)
		s->hdr.job = 0;
	else if (strcmp(act, "job+1") == 0)
		s->hdr.job++;
	else if (strcmp(act, "jobmax") == 0)
		s->hdr.job = UINT64_MAX;
}

static void
descriptors(struct shot *s, const char *act)
{
	struct stat st = { .st_size = 4096 };
	unsigned n = s->nfds > 0 ? s->nfds : 1;

	if (strcmp(act, "nofd") == 0) {
		s->nfds = 0;
	} else if (strcmp(act, "onemore") == 0) {
		s->fds[s->nfds++] = make_fd("pipe", 0);
	} else if (strcmp(act, "many") == 0) {
		for (s->nfds = 1, s->fds[0] = make_fd("pipe", 0);
		     s->nfds < MANY; s->nfds++)
			s->fds[s->nfds] = s->fds[0];
	} else if (is_fd_kind(act)) {
		for (unsigned i = 0; i < n; i++) {
			if (i < s->nfds)
				(void)fstat(s->fds[i], &st);
			s->fds[i] = make_fd(act, (uint64_t)st.st_size);
		}
		s->nfds = n;
	}
}

/* The whole process.  True: it was one of those. */
static bool
process_act(const char *act)
{
	if (strcmp(act, "exit") == 0)
		_exit(0);
	if (strcmp(act, "exit3") == 0)
		_exit(3);
	if (strcmp(act, "crash") == 0) /* a pid 1 has no signal of its own */
		__builtin_trap();
	if (strcmp(act, "stop") == 0)
		(void)kill(getpid(), SIGSTOP);
	if (strcmp(act, "silent") == 0) {
		silent = hostile_asleep = true;
		return true;
	}
	return strcmp(act, "stop") == 0;
}

/* No genuine role does this in any state. */
static bool
is_wrong(const char *act)
{
	static const char *const acts[] = { "len0", "short", "long", "max",
		"over", "lie", "tiny", "empty", "type", "onemore", "nofd",
		"many", "hangup" };

	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(act, acts[i]) == 0)
			return true;
	return is_fd_kind(act) && strcmp(act, "zeros") != 0;
}

static int
shoot(struct shot *s, const char *act)
{
	const bool within_slot = s->hdr.type >= IMSG_CELL_MAKE &&
	    s->hdr.type < IMSG_LOG_FILE;
	int r;

	lengths(s, act);
	contents(s, act);
	descriptors(s, act);
	if (strcmp(act, "drop") == 0)
		return 0;
	/* From now on it does nothing: the genuine part would end by itself
	 * once its peer has hung up. */
	silent = is_wrong(act) && !within_slot;
	if (strcmp(act, "hangup") == 0)
		return shutdown(s->sock, SHUT_RDWR) < 0 ? errno : 0;
	if (strcmp(act, "empty") == 0)
		return fire_short(s, 0);
	if (strcmp(act, "tiny") == 0)
		return fire_short(s, 3);
	if (strcmp(act, "flood") == 0)
		return flood(s);
	r = fire(s);
	if (r != 0)
		silent = false; /* nothing has happened */
	if (strcmp(act, "twice") == 0)
		r = fire(s);
	if (r == 0 && strcmp(act, "linger") == 0) {
		(void)close(lingering); /* the receiver's is the last */
		lingering = -1;
	}
	return r;
}

static bool
take(uint32_t mode, uint32_t type)
{
	uint32_t want = WANTED;

	if (plan == NULL || hostile_asleep || plan->mode != mode ||
	    strncmp(plan->role, role, sizeof(role)) != 0 ||
	    (mode == HOOK && plan->type != type) ||
	    (plan->pid != 0 && plan->pid != (uint32_t)getpid()))
		return false;
	if (!__atomic_compare_exchange_n(&plan->state, &want, TAKEN, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	plan->who = (uint32_t)getpid();
	return true;
}

static void
done(int error)
{
	plan->error = error;
	__atomic_store_n(&plan->state, DONE, __ATOMIC_SEQ_CST);
}

static void
keep_silence(void)
{
	while (silent)
		(void)poll(NULL, 0, 1000);
}

/* -- what stands in front of the genuine calls -- */

static struct past *
past_of(uint32_t type)
{
	unsigned i;

	for (i = 0; i < sizeof(past) / sizeof(past[0]) - 1; i++)
		if (past[i].type == type || past[i].type == 0)
			break;
	return &past[i];
}

static void
remember(int sock, uint32_t type, uint64_t job, const void *body, size_t len)
{
	struct past *p = past_of(type);

	p->type = type;
	p->sock = sock;
	p->job = job;
	p->len = len;
	if (len > 0)
		memcpy(p->body, body, len);
	if (plan != NULL && plan->seen == type)
		plan->last = (uint32_t)getpid();
}

int
__wrap_msg_send(int sock, uint32_t type, uint64_t job, const void *body,
    size_t len, const int *fds, unsigned nfds)
{
	static struct shot s;

	keep_silence();
	remember(sock, type, job, body, len);
	if (!take(HOOK, type))
		return __real_msg_send(sock, type, job, body, len, fds, nfds);
	if (process_act(plan->act)) {
		done(0);
		keep_silence();
		return 0;
	}
	memset(&s, 0, sizeof(s));
	s.sock = sock;
	s.hdr = (struct msg_hdr){ type, (uint32_t)len, job };
	s.len = len;
	s.nfds = nfds;
	if (len > 0)
		memcpy(s.body, body, len);
	if (nfds > 0)
		memcpy(s.fds, fds, nfds * sizeof(int));
	done(shoot(&s, plan->act));
	return 0;
}

int
__wrap_msg_recv(int sock, struct msg *m)
{
	keep_silence();
	return __real_msg_recv(sock, m);
}

int
__wrap_msg_recv_wait(int sock, struct msg *m, int ms)
{
	keep_silence();
	return __real_msg_recv_wait(sock, m, ms);
}

/* What a cell's killer says: four bytes on a pipe. */
ssize_t
__wrap_write(int fd, const void *buf, size_t n)
{
	int status = -1;

	if (fd != 0 || n != sizeof(status) || !take(HOOK, 0xf001))
		return __real_write(fd, buf, n);
	done(0);
	(void)process_act(plan->act);
	keep_silence();
	if (strcmp(plan->act, "ff") != 0)
		memcpy(&status, buf, sizeof(status));
	if (strcmp(plan->act, "drop") != 0)
		(void)!__real_write(fd, &status,
		    strcmp(plan->act, "short") == 0 ? 2 : 4);
	if (strcmp(plan->act, "twice") == 0)
		(void)!__real_write(fd, &status, 4);
	return (ssize_t)n;
}

/* Of a message that has not been seen yet. */
static size_t
length_of(uint32_t type)
{
	static const struct {
		uint32_t type;
		size_t len;
	} rows[] = {
		{ IMSG_AUDIT_EVENT, sizeof(struct imsg_audit_event) },
		{ IMSG_AUDIT_JOB, sizeof(struct imsg_audit_job) },
		{ IMSG_PEER_BAD, sizeof(struct imsg_peer) },
		{ IMSG_IMAGE_READY, sizeof(struct imsg_image) },
		{ IMSG_RESERVE, sizeof(struct imsg_reserve) },
		{ IMSG_RESERVED, sizeof(struct imsg_reserve) },
		{ IMSG_JOB_REQUEST, sizeof(struct imsg_job_request) },
		{ IMSG_JOB_REPLY, sizeof(struct imsg_job_reply) },
		{ IMSG_CONN_OVER, sizeof(struct imsg_conn_over) },
		{ IMSG_STATS, sizeof(struct imsg_stats) },
		{ IMSG_JOB_START, sizeof(struct imsg_job_start) },
		{ IMSG_JOB_DONE, sizeof(struct imsg_job_done) },
		{ IMSG_SLOT_READY, sizeof(struct imsg_slot) },
		{ IMSG_CELL_MAKE, sizeof(struct imsg_cell) },
		{ IMSG_CELL_MADE, sizeof(struct imsg_cell_pid) },
		{ IMSG_CELL_READY, sizeof(struct imsg_cell_check) },
		{ IMSG_CELL_STATUS, sizeof(struct imsg_cell_status) },
		{ IMSG_PACK_NOW, sizeof(struct imsg_cell_status) },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return rows[i].len;
	return 0;
}

static void
inject(void)
{
	static struct shot s;
	struct past *p = past_of(plan->type);
	const struct past *like = past_of(plan->like);

	if (process_act(plan->act)) {
		done(0);
		return;
	}
	memset(&s, 0, sizeof(s));
	s.sock = p->type != 0 ? p->sock
	    : like->type != 0 ? like->sock
			      : (int)plan->sock;
	s.len = length_of(plan->type);
	s.hdr = (struct msg_hdr){ plan->type, (uint32_t)s.len,
		p->type != 0 ? p->job : like->job };
	if (p->type != 0)
		memcpy(s.body, p->body, p->len);
	done(shoot(&s, plan->act));
}

static void *
injector(void *arg)
{
	const struct timespec t = { .tv_nsec = 2000000 };

	(void)arg;
	for (;;) {
		(void)nanosleep(&t, NULL);
		if (take(INJECT, 0))
			inject();
	}
	return NULL;
}

/* The last step of every confinement: from here on the attacker acts. */
int
__wrap_filter_install(const struct filter *f)
{
	sigset_t all, was;
	pthread_t t;
	int r;

	if (strcmp(f->name, "job") == 0)
		return __real_filter_install(f);
	if (strncmp(f->name, "cell_", 5) == 0)
		return 0;
	/* Signals are the role's own: SIGCHLD comes by a signalfd. */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	r = pthread_create(&t, NULL, injector, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	return -r;
}

/* Its descriptors stay. */
int
__wrap_close_range(unsigned first, unsigned last, int flags)
{
	(void)first;
	(void)last;
	(void)flags;
	return 0;
}

static void __attribute__((constructor))
prepare(void)
{
	char path[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	int fd;

	if (n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	(void)snprintf(role, sizeof(role), "%s",
	    slash + 1 + strlen("immure-"));
	memcpy(slash, "/taken.plan", sizeof("/taken.plan"));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	(void)close(fd);
	if (plan == MAP_FAILED) {
		plan = NULL;
		return;
	}
	lingering = linger_new();
	of_root = memfd(4096, 0, SEALS, true);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", of_root);
	path_only = open(path, O_PATH | O_CLOEXEC);
	/* Out of the way of the role's own numbers. */
	lingering = fcntl(lingering, F_DUPFD_CLOEXEC, 40);
	of_root = fcntl(of_root, F_DUPFD_CLOEXEC, 41);
	path_only = fcntl(path_only, F_DUPFD_CLOEXEC, 42);
}
