/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of the scanner's life: while root it starts the runner, opens the
 * directories it needs and makes its Landlock ruleset; then it gives up
 * everything (role_confine) and only then looks at the host's toolchains.  It
 * runs nothing itself: jails are the runner's business.
 *
 * Descriptors after confinement: 3 monitor, 4 runner, 5 Landlock ruleset
 * (closed on entering), 6 the generation's directory, 7 where the stages lie, 8
 * the file of earlier self-checks (checked.h), or /dev/null.
 */
#include "scan.h"
#include "build.h"
#include "owner.h"
#include "run.h"
#include "report.h"
#include "table_build.h"
#include "watch.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <node/common/install_dir.h>
#include <node/common/message.h>
#include <node/common/role.h>
#include <sandbox/landlock.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>

#define FD_RUNNER 4
#define FD_RULES 5
#define FD_IMAGES 6
#define FD_STAGES 7
#define FD_CHECKED 8

extern const struct filter filter_imager;

static void
die(const char *what, int error)
{
	dprintf(STDERR_FILENO, "immure-imager: %s: %s\n", what,
	    strerror(error < 0 ? -error : error));
	_exit(ROLE_EXIT_UNCONFINED);
}

/* Move @fd to number @at. */
static void
put_fd(int fd, int at)
{
	if (fd < 0)
		die("descriptor", fd);
	if (fd == at) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		return;
	}
	if (dup3(fd, at, O_CLOEXEC) < 0)
		die("descriptor", errno);
	(void)close(fd);
}

static void
run_runner(const char *images, const char *libexec, struct wish *w, int sock)
{
	char program[PATH_MAX];
	char *argv[3 + WISH_ROOTS_MAX + 1] = { program, strdup(images),
		strdup(libexec) };
	char *env[] = { NULL };

	for (size_t i = 0; i < w->nroots; i++)
		argv[3 + i] = w->roots[i];

	snprintf(program, sizeof(program), "%s/immure-runner", libexec);
	if (dup2(sock, RUNNER_FD) < 0) /* without close-on-exec */
		_exit(ROLE_EXIT_SYSTEM);
	execve(program, argv, env);
	die(program, errno);
}

static void
start_runner(const struct scan *s, const char *libexec)
{
	int pair[2], r = msg_pair(pair);
	pid_t pid;

	if (r < 0)
		die("socketpair", r);
	pid = fork();
	if (pid < 0)
		die("fork", errno);
	if (pid == 0)
		run_runner(s->images, libexec, s->wish, pair[1]);
	(void)close(pair[1]);
	put_fd(pair[0], FD_RUNNER);
}

/* What the scanner may still open. */
static int
make_rules(const char *images, const struct wish *w)
{
	static const char *const places[] = { "/usr", "/opt", "/lib", "/lib64",
		"/lib32", "/libx32", "/bin", "/etc/ld.so.conf",
		"/etc/ld.so.conf.d" };
	int rules = landlock_new(), r = 0;

	if (rules < 0)
		die("landlock", rules);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		r = landlock_allow(rules, AT_FDCWD, places[i], LANDLOCK_READ);
		if (r < 0 && r != -ENOENT)
			die(places[i], r);
	}
	for (size_t i = 0; i < w->nroots; i++) {
		r = landlock_allow(rules, AT_FDCWD, w->roots[i],
		    LANDLOCK_READ);
		if (r < 0)
			die(w->roots[i], r);
	}
	/* One that is not there is told of later; "/" would be all there is. */
	if (w->sysroot != NULL && w->sysroot[strspn(w->sysroot, "/.")] != '\0')
		(void)landlock_allow(rules, AT_FDCWD, w->sysroot,
		    LANDLOCK_READ);
	r = landlock_allow(rules, AT_FDCWD, images,
	    LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_DIRS | LANDLOCK_LINKS);
	if (r == 0)
		r = landlock_allow(rules, FD_STAGES, ".", LANDLOCK_READ);
	if (r < 0)
		die(images, r);
	return rules;
}

/* A list that cannot be read is not an empty one: nothing is served then. */
static void
read_wish(struct wish *w)
{
	int r = w->cmdlist != NULL ? wish_read_list(w) : 0;

	if (r < 0)
		die(w->cmdlist, r);
	wish_roots(w);
}

static void
prepare(const struct scan *s)
{
	const char *libexec = install_libexec();
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	if (libexec == NULL)
		die("/proc/self/exe", errno);
	(void)owner_host(); /* while there is a /proc to ask */
	if (sodium_init() < 0)
		die("libsodium", EIO);
	/* Keep the numbers below from being taken by something else. */
	for (int fd = FD_RUNNER; fd <= FD_CHECKED; fd++)
		put_fd(open("/", O_PATH | O_CLOEXEC), fd);
	read_wish(s->wish);
	start_runner(s, libexec);
	put_fd(open(s->images, flags), FD_IMAGES);
	put_fd(open(libexec, flags), FD_STAGES);
	put_fd(checked_open(s->checked != NULL ? s->checked : "/dev/null"),
	    FD_CHECKED);
	put_fd(make_rules(s->images, s->wish), FD_RULES);
}

static void
confine(void)
{
	const struct role_confinement c = { .role = ROLE_IMAGER,
		.filter = &filter_imager, .last_fd = FD_CHECKED, .nofile = 256,
		.as_bytes = 4UL << 30, .keep_root = true,
		.landlock = FD_RULES };

	role_confine(&c);
	umask(022); /* images are for everybody to read */
	role_ready();
}

static void
send_table(const struct scan *s, const struct build *b)
{
	struct imsg_image i = { .generation = s->generation };
	cleanup_fd int fd = -1;
	size_t len;
	int r;

	fd = table_build(b, &len);
	if (fd < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.table", "%s", strerror(-fd));
	i.table_len = len;
	memcpy(i.cc_version, b->found.cc_version, sizeof(i.cc_version));
	memcpy(i.cc_machine, b->found.cc_machine, sizeof(i.cc_machine));
	r = msg_send(ROLE_FD_MONITOR, IMSG_IMAGE_READY, 0, &i, sizeof(i), &fd,
	    1);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.ready", "%s", strerror(-r));
}

/* Nobody writes there any more, and nobody is left who could. */
static void
dismiss_runner(void)
{
	int r;

	(void)close(FD_IMAGES);
	r = run_close_images(FD_RUNNER);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.close", "%s", strerror(-r));
	(void)close(FD_RUNNER);
	(void)waitpid(-1, NULL, 0);
	(void)close(FD_STAGES);
}

static bool
any_usable(const struct build *b)
{
	for (uint32_t i = 0; i < b->nt; i++)
		if (b->t[i].reason[0] == '\0')
			return true;
	return false;
}

/* The second start is the quick one, and says so. */
static void
save_checked(struct build *b)
{
	checked_save(b->checked);
	(void)close(FD_CHECKED);
	if (b->remembered > 0)
		role_log(LOG_INFO, NULL, "toolchain.known",
		    "%u of %u toolchains are, byte for byte, what passed its "
		    "self-check at an earlier start", b->remembered, b->nt);
}

static int
build_all(struct build *b, uint8_t digest[32])
{
	int r;

	ld_path_load(&b->ld, "/etc/ld.so.conf");
	if (b->wish->sysroot != NULL)
		specs_list(&b->specs, b->wish->sysroot);
	r = find_compilers(&b->found, b->wish);
	if (r < 0)
		return r;
	find_digest(&b->found, digest);
	find_identify(&b->found, FD_RUNNER);
	r = build_group(b);
	checked_load(b->checked, FD_CHECKED);
	if (r == 0)
		build_images(b);
	save_checked(b);
	return r;
}

static void
stay(const struct build *b, const uint8_t digest[32])
{
	int r = watch(b, digest, ROLE_FD_MONITOR);

	if (r == 0)
		_exit(ROLE_EXIT_OK);
	if (r == -EPROTO)
		_exit(ROLE_EXIT_PROTOCOL);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.watch", "%s", strerror(-r));
	(void)msg_send(ROLE_FD_MONITOR, IMSG_IMAGE_STALE, 0, NULL, 0, NULL, 0);
	_exit(ROLE_EXIT_OK);
}

void
scan_main(const struct scan *s)
{
	static struct build b = { .runner = FD_RUNNER, .gen = FD_IMAGES,
		.stages = FD_STAGES };
	static struct checked checked;
	uint8_t digest[32];
	int r;

	b.checked = &checked;
	prepare(s);
	confine();
	b.no_image = s->no_image;
	b.wish = s->wish;
	r = build_all(&b, digest);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.build", "%s", strerror(-r));
	dismiss_runner();
	report(&b);
	/* The first time it is the end of the node (status 110); later it
	 * waits for compilers to come back. */
	if (s->watch && s->generation == 1 && !any_usable(&b))
		role_die(ROLE_EXIT_SYSTEM, "image.none",
		    "no compiler that can be used");
	send_table(s, &b);
	if (s->watch)
		stay(&b, digest);
	_exit(ROLE_EXIT_OK);
}
