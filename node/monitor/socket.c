/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unix socket on which a node takes jobs of this machine's users, above
 * all those that come in by ssh (immured --inetd).  Who may connect is the
 * file's mode and group; who did is the kernel's word (SO_PEERCRED).  A lock
 * file beside it, which nobody else can open, says whether the node that made
 * the socket still lives.  Beside them lies the control socket (control.c),
 * which nobody but the user who started the node can open.
 */
#include "monitor.h"
#include "../common/control.h"
#include "../common/fd.h"
#include "../common/message.h"
#include "../relay/socket_path.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define BACKLOG	     1024
#define IDLE_LOOK_MS 5000

static struct job_socket {
	char path[SOCKET_PATH_MAX]; /* "" = none */
	const char *name;	    /* in path, behind the last slash */
	char lock_name[SOCKET_PATH_MAX + 8];
	char dir[SOCKET_PATH_MAX];
	bool own_dir;		    /* dir is an ordinary user's default */
	int dir_fd, lock_fd;	    /* owned */
	ino_t ino;		    /* of what we made */
	char control[SOCKET_PATH_MAX]; /* "" = none */
	uid_t owner;		    /* as whom we were started */
	bool group;		    /* its group may connect */
	uint64_t idle_us;	    /* since when there is no client; 0 */
} sock = { .dir_fd = -1, .lock_fd = -1 };

static int
complain(const char *what, int error, const char *remedy)
{
	fprintf(stderr, "immured: cannot take jobs at %s: %s: %s; %s\n",
	    sock.path, what, strerror(-error), remedy);
	return error;
}

/* sock.path and sock.dir_fd. */
static int
find_place(const struct monitor *m)
{
	const char *path = m->cl->socket;
	int n;

	if (path == NULL && geteuid() == 0) {
		path = SOCKET_SYSTEM;
		(void)mkdir(RUN_DIR, 0755);
	}
	if (path != NULL)
		n = snprintf(sock.path, sizeof(sock.path), "%s", path);
	else
		n = socket_own(sock.path) < 0 ? (int)sizeof(sock.path) : 0;
	sock.name = strrchr(sock.path, '/');
	if (n >= (int)sizeof(sock.path) || sock.name == NULL)
		return -ENAMETOOLONG;
	snprintf(sock.dir, sizeof(sock.dir), "%.*s",
	    (int)(sock.name - sock.path), sock.path);
	sock.name++;
	if (path == NULL) {
		sock.dir_fd = socket_own_dir_open(sock.dir);
		sock.own_dir = sock.dir_fd >= 0;
		return sock.own_dir ? 0 : sock.dir_fd;
	}
	sock.dir_fd = open(sock.dir[0] != '\0' ? sock.dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return sock.dir_fd < 0 ? -errno : 0;
}

/* The descriptor; -EAGAIN when its node removed the file just now, and
 * -EADDRINUSE when another node lives that has it. */
static int
lock_once(const char *name)
{
	struct stat ours, there;
	int fd, r = 0;

	fd = openat(sock.dir_fd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	else if (fstat(fd, &ours) < 0 ||
	    fstatat(sock.dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
	    ours.st_ino != there.st_ino)
		r = -EAGAIN;
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

static int
lock(void)
{
	int r = -EAGAIN;

	snprintf(sock.lock_name, sizeof(sock.lock_name), "%s.lock", sock.name);
	for (int i = 0; i < 10 && r == -EAGAIN; i++)
		r = lock_once(sock.lock_name);
	if (r < 0)
		return r;
	sock.lock_fd = r;
	return 0;
}

static bool
is_there(void)
{
	struct stat st;

	return fstatat(sock.dir_fd, sock.name, &st, AT_SYMLINK_NOFOLLOW) ==
	    0 && st.st_ino == sock.ino;
}

/* Also at exit, whatever the reason. */
static void
remove_socket(void)
{
	if (sock.lock_fd >= 0 && sock.ino != 0 && is_there())
		(void)unlinkat(sock.dir_fd, sock.name, 0);
	if (sock.lock_fd >= 0 && sock.control[0] != '\0')
		(void)unlinkat(sock.dir_fd, strrchr(sock.control, '/') + 1, 0);
	/* While it is still ours: lock_once() sees that it has gone. */
	if (sock.lock_fd >= 0)
		(void)unlinkat(sock.dir_fd, sock.lock_name, 0);
	sock.lock_fd = fd_close(sock.lock_fd);
	if (sock.own_dir)
		(void)rmdir(sock.dir); /* if nothing else is in it */
	sock.own_dir = false;
}

/* Does whoever made the socket at sock.path still have it? */
static bool
is_served(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	cleanup_fd int fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, sock.path, sizeof(a.sun_path));
	return fd < 0 ||
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 ||
	    errno != ECONNREFUSED;
}

/* What lies there is left over from a node that was killed, since we have the
 * lock; but only a socket can be that, and one that nobody has open. */
static int
clear_place(void)
{
	struct stat st;

	if (fstatat(sock.dir_fd, sock.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (is_served())
		return -EADDRINUSE;
	return unlinkat(sock.dir_fd, sock.name, 0) < 0 ? -errno : 0;
}

/* A socket of @type at @path that its owner alone may connect to, or -errno. */
static int
listen_at(const char path[SOCKET_PATH_MAX], int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t mask = umask(0177);
	int fd, r = 0;

	_Static_assert(sizeof(a.sun_path) == SOCKET_PATH_MAX, "");
	memcpy(a.sun_path, path, sizeof(a.sun_path));
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		/* Accepted ones inherit it: a descriptor that a client sent
		 * would have to be closed by a front (fd_discard, fd.h). */
		msg_refuse_fds(fd);
		if (bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
		    listen(fd, BACKLOG) < 0)
			r = -errno;
	} else {
		r = -errno;
	}
	(void)umask(mask);
	if (r < 0)
		(void)fd_close(fd);
	return r < 0 ? r : fd;
}

static int
make_socket(void)
{
	int fd = listen_at(sock.path, SOCK_STREAM);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstatat(sock.dir_fd, sock.name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	sock.ino = st.st_ino;
	return fd;
}

/* Only a socket is removed: of a node that was killed, since we have the lock.
 * A path that is too long, or something else there, leaves the node without. */
static int
make_control(void)
{
	const size_t room = sizeof(sock.control);
	const char *name;
	struct stat st;

	if ((size_t)snprintf(sock.control, room, "%s" CONTROL_SUFFIX,
	    sock.path) >= room) {
		sock.control[0] = '\0';
		return -ENAMETOOLONG;
	}
	name = strrchr(sock.control, '/') + 1;
	if (fstatat(sock.dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(st.st_mode))
		(void)unlinkat(sock.dir_fd, name, 0);
	return listen_at(sock.control, SOCK_SEQPACKET);
}

/* By descriptor: where --socket is in a directory of somebody else's, a link to
 * a file of root's could have come in its place. */
static int
give_to(gid_t group)
{
	cleanup_fd int fd = openat(sock.dir_fd, sock.name,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode) || st.st_ino != sock.ino)
		return -ESTALE;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chown(path, (uid_t)-1, group) < 0 || chmod(path, 0660) < 0 ?
	    -errno : 0;
}

/* Who may connect beside root; NULL where nobody else may. */
static const struct group *
find_group(const struct cmdline *cl)
{
	const char *name = cl->socket_group;

	if (geteuid() != 0 || (name == NULL && cl->no_tcp))
		return NULL;
	return getgrnam(name != NULL ? name : SOCKET_GROUP);
}

int
socket_group_check(const struct cmdline *cl)
{
	if (cl->socket_group == NULL || geteuid() != 0 ||
	    find_group(cl) != NULL)
		return 0;
	fprintf(stderr, "immured: --socket-group: there is no group %.80s; "
	    "make it or leave the option out\n", cl->socket_group);
	return CMDLINE_EXIT_BIND;
}

/* Root's: its group may connect as well.  An ordinary user's is his alone. */
static int
let_group_in(const struct monitor *m)
{
	const struct group *g;
	int r = socket_group_check(m->cl);

	if (r != 0)
		return r;
	g = find_group(m->cl);
	if (g == NULL)
		return 0; /* said when the node serves */
	r = give_to(g->gr_gid);
	if (r < 0) {
		(void)complain("its group", r,
		    "name another place with --socket");
		return CMDLINE_EXIT_BIND;
	}
	sock.group = true;
	return 0;
}

static int
open_socket(struct monitor *m)
{
	int r = find_place(m), fd;

	if (r == 0)
		r = lock();
	if (r == 0)
		r = clear_place();
	fd = r < 0 ? r : make_socket();
	if (fd < 0)
		return fd;
	m->listen_fds[m->nlisten++] = fd;
	m->control_fd = make_control();
	if (m->control_fd < 0)
		sock.control[0] = '\0'; /* not ours to remove */
	return 0;
}

static const char *
remedy(int error)
{
	switch (-error) {
	case EADDRINUSE:
		return "another node serves there, or another program: stop "
		       "it, or name another place with --socket";
	case EPERM:
		return "its directory is not this user's alone: remove it, or "
		       "set XDG_RUNTIME_DIR";
	case EEXIST:
		return "that is not a socket: remove it, or name another "
		       "place with --socket";
	default:
		return "name another place with --socket";
	}
}

int
socket_listen(struct monitor *m)
{
	int r;

	sock.owner = geteuid();
	(void)atexit(remove_socket);
	r = open_socket(m);
	if (r == 0)
		return let_group_in(m);
	/* A second node on a machine goes without, unless it was told. */
	if (m->cl->socket == NULL && !m->cl->no_tcp) {
		sock.path[0] = '\0';
		return 0;
	}
	(void)complain("it cannot be made", r, remedy(r));
	return CMDLINE_EXIT_BIND;
}

void
socket_log(struct monitor *m)
{
	if (sock.path[0] == '\0')
		monitor_log(m, LOG_INFO, NULL, "socket.none",
		    "no socket for --inetd: another node of this user has it, "
		    "or its directory cannot be used");
	else
		monitor_log(m, LOG_NOTICE, NULL, "socket.open",
		    "jobs of this machine's users are taken at %s%s",
		    sock.path, sock.group ? ", from its group" :
		    sock.owner == 0 ? ", from root (no group)" : "");
	if (sock.path[0] != '\0' && m->control_fd < 0)
		monitor_log(m, LOG_WARNING, NULL, "control.none",
		    "no control socket (%s): `immure reload`, `drain` and "
		    "`selftest` do not find this node",
		    strerror(-m->control_fd));
}

uint32_t
socket_owner(void)
{
	return sock.owner;
}

int
socket_peer(struct peer *p, int fd)
{
	struct ucred c;
	socklen_t len = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		return -errno;
	/* In an ordinary user's namespace that user is 0. */
	peer_from_uid(p, c.uid == geteuid() ? sock.owner : c.uid);
	return 0;
}

/*
 * A node that was started for a job ends some time after the last one, or when
 * its socket is gone (a runtime directory goes with its user's last login).
 * Its socket goes first, and only the round after, in which whoever had
 * connected by then is there, may be the last.
 */
void
socket_idle(struct monitor *m)
{
	if (m->cl->idle_s == 0 || !m->serving || m->stopping)
		return;
	if (m->nconns > 0 || sock.idle_us == 0)
		sock.idle_us = now_us();
	if (m->nconns > 0)
		return;
	if (sock.lock_fd < 0) {
		monitor_log(m, LOG_NOTICE, NULL, "node.idle",
		    "there was no job for %u s, or the socket is gone",
		    m->cl->idle_s);
		m->stopping = true;
	} else if (!is_there() ||
	    now_us() - sock.idle_us > m->cl->idle_s * 1000000ULL) {
		remove_socket();
	}
}

int
socket_next_ms(const struct monitor *m)
{
	uint64_t left, end = sock.idle_us + m->cl->idle_s * 1000000ULL;

	if (m->cl->idle_s == 0 || !m->serving || m->nconns > 0)
		return -1;
	if (sock.lock_fd < 0)
		return 0;
	left = end > now_us() ? (end - now_us()) / 1000 + 1 : 0;
	return left < IDLE_LOOK_MS ? (int)left : IDLE_LOOK_MS;
}
