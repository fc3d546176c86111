/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-runner: makes discovery jails for the imager, and the directories of
 * images; started by immure-imager while that is still root, with fd 3 a
 * socket to the scanner it becomes.  Lives as long as images are being made.
 *
 *   immure-runner IMAGES LIBEXEC [DIRECTORY...]
 *
 * It keeps the capabilities that building a jail takes, reads no byte of a
 * toolchain and no output of a compiler: from the scanner come numbers, checked
 * against their ranges, and words that it passes on unread to stage-try in the
 * jail.  Which directories a jail shows is decided by constants, and by what the
 * administrator named with --compiler (imager/wish.h), which came with argv.
 *
 * The generation's directory, those named by an index and inc/ belong to root,
 * only x/, inc/usr/ and inc/opt/ in them to the scanner: so none of what is
 * bound can be replaced by a symlink to something of the host.  In user mode
 * all belong to one uid: what is bound is opened beneath the generation.
 */
#include "runner.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <node/common/by_hand.h>
#include <node/common/fd.h>
#include <node/common/memfd.h>
#include <node/common/message.h>
#include <node/common/role.h>
#include <node/common/uids.h>
#include <sandbox/caps.h>
#include <sandbox/jail.h>
#include <sandbox/mount.h>
#include <sandbox/user_mode.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct runner {
	const char *images, *libexec; /* borrowed from argv */
	char *const *roots;           /* the same; up to its NULL */
	uint32_t uid, gid;            /* the scanner's */
	int dir;                      /* owned: O_PATH of images */
	bool one_id;                  /* user mode: jails have ours */
	bool closed;                  /* RUNNER_CLOSE was done */
};

static const struct rlimits run_limits = {
	.as_bytes = 8UL << 30, .fsize_bytes = RUNNER_TMP_BYTES,
	.stack_bytes = 64UL << 20, .cpu_s = 120, .nofile = 256, .nproc = 64
};

/* Top-level directories: a symlink stays one (merged /usr), a directory is
 * bound, what is not there is left out. */
static int
show_host(struct jail *j, const struct runner *rn)
{
	static const char *const host[] = { "/usr", "/opt", "/lib", "/lib64",
		"/lib32", "/libx32", "/bin" };
	char to[PATH_MAX];
	struct stat st;
	int r = 0;

	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]) && r == 0; i++) {
		ssize_t n;

		if (lstat(host[i], &st) < 0)
			continue;
		if (!S_ISLNK(st.st_mode)) {
			r = jail_bind(j, host[i], host[i], true);
			continue;
		}
		n = readlink(host[i], to, sizeof(to) - 1);
		if (n < 0)
			return -errno;
		to[n] = '\0';
		r = jail_symlink(j, to, host[i]);
	}
	for (size_t i = 0; rn->roots[i] != NULL && r == 0; i++)
		r = jail_bind(j, rn->roots[i], rn->roots[i], true);
	return r;
}

static const char *const tops[RUNNER_TOPS_N] = RUNNER_TOPS;

/* The include directories at their places, as mounts: compilers ask for the
 * real path of what they include. */
static int
show_includes(struct jail *j, const struct runner *rn, uint32_t image)
{
	char from[64], to[64];
	int r = 0;

	for (size_t i = 0; i < RUNNER_TOPS_N && r == 0; i++) {
		snprintf(from, sizeof(from), "%u/inc/%s", image, tops[i]);
		snprintf(to, sizeof(to), "/%s", tops[i]);
		if (faccessat(rn->dir, from, F_OK, 0) == 0)
			r = jail_bind_beneath(j, rn->images, from, to, false);
	}
	return r;
}

static int
show_image(struct jail *j, const struct runner *rn, uint32_t image,
    enum runner_place place)
{
	/* The ELF interpreter's path is absolute. */
	static const char *const libs[] = { "lib", "lib64", "lib32", "libx32" };
	char from[PATH_MAX], to[64];
	int r;

	snprintf(from, sizeof(from), "%u/x", image);
	r = jail_bind_beneath(j, rn->images, from, "/.immure", true);
	for (size_t i = 0; i < 4 && r == 0; i++) {
		snprintf(from, sizeof(from), "/.immure/%s", libs[i]);
		snprintf(to, sizeof(to), "/%s", libs[i]);
		r = jail_symlink(j, from, to);
	}
	if (r < 0 || place == PLACE_IMAGE)
		return r;
	if (place == PLACE_PUMP)
		return show_includes(j, rn, image);
	for (size_t i = 0; i < RUNNER_TOPS_N && r == 0; i++) {
		snprintf(from, sizeof(from), "/.immure/%s", tops[i]);
		snprintf(to, sizeof(to), "/%s", tops[i]);
		r = jail_symlink(j, from, to);
	}
	return r;
}

static int
make_jail(struct jail *j, const struct runner *rn, const struct runner_run *q)
{
	const unsigned id = rn->one_id ? 0 : RUNNER_JAIL_UID;
	int r = jail_ids(j, id, id);

	if (r == 0)
		r = jail_rlimits(j, &run_limits);
	if (r == 0)
		r = jail_wall_ms(j, RUNNER_WALL_MS);
	if (r == 0)
		r = jail_while(j, RUNNER_FD);
	if (r == 0)
		r = jail_tmpfs(j, "/tmp", RUNNER_TMP_BYTES);
	if (r == 0)
		r = jail_chdir(j, "/tmp");
	if (r == 0)
		r = jail_bind(j, rn->libexec, "/.libexec", true);
	if (r < 0)
		return r;
	return q->place == PLACE_HOST ? show_host(j, rn) :
	    show_image(j, rn, q->image, (enum runner_place)q->place);
}

/* The words of a request, split at their NULs. */
struct words {
	char *text;                              /* owned */
	const char *word[RUNNER_ARGC_MAX + 1];   /* into text */
};

static int
read_words(struct words *w, int fd, const struct runner_run *q, uid_t owner)
{
	size_t len = (size_t)q->words_len, n = (size_t)q->argc + q->envc;
	char *s;

	if (len == 0 || len > RUNNER_WORDS_MAX || q->argc == 0 ||
	    q->argc > RUNNER_ARGC_MAX || q->envc > RUNNER_ARGC_MAX ||
	    n > RUNNER_ARGC_MAX)
		return -EPROTO;
	if (memfd_check(fd, q->words_len, owner) != MEMFD_OK)
		return -EPROTO;
	w->text = malloc(len);
	if (w->text == NULL)
		return -ENOMEM;
	if (pread(fd, w->text, len, 0) != (ssize_t)len ||
	    w->text[len - 1] != '\0')
		return -EPROTO;
	s = w->text;
	for (size_t i = 0; i < n; i++) {
		if (s == w->text + len)
			return -EPROTO;
		w->word[i] = s;
		s += strlen(s) + 1;
	}
	w->word[n] = NULL;
	return s == w->text + len ? 0 : -EPROTO;
}

static int
run_jail(struct jail *j, const struct words *w, const struct runner_run *q,
    const int fds[3], struct runner_ran *a)
{
	const char *argv[RUNNER_ARGC_MAX + 2] = { RUNNER_TRY };
	const char *where = "jail";
	struct jail_result res;
	int r = 0;

	for (uint32_t i = 0; i < q->argc; i++)
		argv[i + 1] = w->word[i];
	for (uint32_t i = 0; i < q->envc && r == 0; i++)
		r = jail_setenv(j, w->word[q->argc + i]);
	if (r == 0)
		r = jail_spawn(j, argv, fds[0], fds[1], fds[2], &where);
	if (r < 0) {
		snprintf(a->where, sizeof(a->where), "%s", where);
		return r;
	}
	r = jail_wait(j, &res);
	a->status = res.status;
	a->killed = res.killed;
	return r;
}

/* One run; -EPROTO is the scanner's fault, any other error is the answer. */
static int
run(const struct runner *rn, struct msg *m, struct runner_ran *a)
{
	struct runner_run q;
	struct words w = { NULL, { NULL } };
	struct jail *j = NULL;
	cleanup_fd int empty = -1;
	int pipefd[2], r;

	memcpy(&q, m->body, sizeof(q));
	if (q.place >= PLACE_COUNT || q.image >= RUNNER_IMAGES_MAX)
		return -EPROTO;
	r = read_words(&w, m->fds[0], &q, rn->uid);
	if (r == 0 && pipe2(pipefd, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0) {
		empty = pipefd[0]; /* stdin: at its end from the start */
		(void)close(pipefd[1]);
		j = jail_new();
		r = j == NULL ? -ENOMEM : make_jail(j, rn, &q);
	}
	if (r == 0) {
		const int fds[3] = { empty, m->fds[1], m->fds[2] };

		r = run_jail(j, &w, &q, fds, a);
	}
	(void)jail_free(j);
	free(w.text);
	a->error = r;
	return r == -EPROTO ? r : 0;
}

static int
make_dir(const struct runner *rn, uint32_t image, const char *part,
    bool scanners)
{
	char path[64], *name;
	int at, r = 0;

	snprintf(path, sizeof(path), "./%u%s", image, part);
	name = strrchr(path, '/');
	*name++ = '\0';
	at = mount_open_beneath(rn->dir, path);
	if (at < 0)
		return at;
	if (mkdirat(at, name, 0755) < 0 ||
	    (scanners && fchownat(at, name, rn->uid, rn->gid,
	        AT_SYMLINK_NOFOLLOW) < 0))
		r = -errno;
	(void)close(at);
	return r;
}

static int
make_image(const struct runner *rn, const struct msg *m, struct runner_ran *a)
{
	struct runner_image q;
	char part[16];
	int r;

	memcpy(&q, m->body, sizeof(q));
	if (q.image >= RUNNER_IMAGES_MAX || q.tops >= 1U << RUNNER_TOPS_N ||
	    rn->closed)
		return -EPROTO;
	r = make_dir(rn, q.image, "", false);
	if (r == 0)
		r = make_dir(rn, q.image, "/x", true);
	if (r == 0)
		r = make_dir(rn, q.image, "/inc", false);
	for (size_t i = 0; i < RUNNER_TOPS_N && r == 0; i++) {
		snprintf(part, sizeof(part), "/inc/%s", tops[i]);
		if (q.tops & 1U << i)
			r = make_dir(rn, q.image, part, true);
	}
	a->error = r;
	return 0;
}

/* Read-only for the whole file system, not this mount alone (mount(2),
 * MS_REMOUNT without MS_BIND): EBUSY if a file were still open for writing. */
static int
close_images(struct runner *rn, struct runner_ran *a)
{
	if (mount(NULL, rn->images, NULL,
	        MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		a->error = -errno;
	rn->closed = true;
	return 0;
}

static int
serve_one(struct runner *rn, struct msg *m)
{
	struct runner_ran a;
	uint32_t len = m->hdr.len;
	int r = -EPROTO;

	memset(&a, 0, sizeof(a));
	if (m->hdr.type == RUNNER_RUN && len == sizeof(struct runner_run) &&
	    m->nfds == 3)
		r = run(rn, m, &a);
	else if (m->hdr.type == RUNNER_IMAGE && m->nfds == 0 &&
	    len == sizeof(struct runner_image))
		r = make_image(rn, m, &a);
	else if (m->hdr.type == RUNNER_CLOSE && m->nfds == 0 && len == 0)
		r = close_images(rn, &a);
	msg_done(m); /* the pipes' ends: the scanner waits for their end */
	if (r < 0)
		return r;
	return msg_send(RUNNER_FD, RUNNER_RAN, 0, &a, sizeof(a), NULL, 0);
}

static int
confine(const struct runner *rn)
{
	/* namespaces and mounts; ids of jails; the scanner's directories; in
	 * user mode, where a jail's id is root's of this namespace, the right
	 * to map that one (user_namespaces(7)) */
	static const int keep[] = { CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID,
		CAP_CHOWN, CAP_SETFCAP };
	const size_t n = sizeof(keep) / sizeof(keep[0]);

	/* That signal needs its sender's right to send it, which the scanner
	 * has only until it is one: later its socket tells of its end. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return caps_keep(keep, rn->one_id ? n : n - 1);
}

int
main(int argc, char *argv[])
{
	struct runner rn = { .closed = false };
	static struct msg m;
	int r;

	by_hand(argc, argv, "makes the jails that compilers are tried in");
	if (argc < 3)
		return 64;
	rn.images = argv[1];
	rn.libexec = argv[2];
	rn.roots = argv + 3;
	role_ids(ROLE_IMAGER, &rn.uid, &rn.gid);
	rn.one_id = user_mode();
	if (close_range(RUNNER_FD + 1, ~0U, 0) < 0 || confine(&rn) < 0)
		return ROLE_EXIT_UNCONFINED;
	rn.dir = open(rn.images, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (rn.dir < 0)
		return ROLE_EXIT_SYSTEM;
	umask(022);
	(void)signal(SIGPIPE, SIG_IGN);
	while ((r = msg_recv_wait(RUNNER_FD, &m, -1)) == 1) {
		r = serve_one(&rn, &m);
		if (r < 0)
			return ROLE_EXIT_PROTOCOL;
	}
	return r == 0 ? ROLE_EXIT_OK : ROLE_EXIT_PROTOCOL;
}
