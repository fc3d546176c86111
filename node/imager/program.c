/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See program.h.  The directories are made while this is root; then it gives up
 * everything (role_confine), and only then are the program's bytes read, to be
 * copied: nothing looks at what they say, and nothing of the host is read but
 * the stages.  Descriptors after confinement: 3 monitor, 4 program, 5 Landlock
 * ruleset, 6 the generation's directory, 7 where the stages lie.
 */
#include "program.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/control.h>
#include <node/common/fd.h>
#include <node/common/install_dir.h>
#include <node/common/memfd.h>
#include <node/common/message.h>
#include <node/common/role.h>
#include <node/toolchain/table.h>
#include <sandbox/landlock.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FD_RULES 5
#define FD_IMAGES 6
#define FD_STAGES 7

#define NAME "selftest"
#define PLACE "0/x/bin/" NAME
#define INSIDE "/.immure/bin/" NAME

extern const struct filter filter_imager;

static void
die(const char *what, int error)
{
	dprintf(STDERR_FILENO, "immure-imager: %s: %s\n", what,
	    strerror(error));
	_exit(ROLE_EXIT_UNCONFINED);
}

static void
put_fd(int fd, int at)
{
	if (fd < 0 || (fd != at && dup3(fd, at, O_CLOEXEC) < 0))
		die("descriptor", errno);
	if (fd != at)
		(void)close(fd);
}

static void
make_dirs(void)
{
	static const char *const dirs[] = { "0", "0/x", "0/x/bin",
		"0/x/.stage", "0/inc" };
	uint32_t uid, gid;

	role_ids(ROLE_IMAGER, &uid, &gid);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(FD_IMAGES, dirs[i], 0755) < 0 ||
		    fchownat(FD_IMAGES, dirs[i], uid, gid, 0) < 0)
			die(dirs[i], errno);
}

static int
make_rules(const char *images)
{
	int rules = landlock_new(), r = rules;

	if (r >= 0)
		r = landlock_allow(rules, AT_FDCWD, images,
		    LANDLOCK_READ | LANDLOCK_WRITE);
	if (r >= 0)
		r = landlock_allow(rules, FD_STAGES, ".", LANDLOCK_READ);
	if (r < 0)
		die("landlock", -r);
	return rules;
}

static void
prepare(const char *images)
{
	const char *libexec = install_libexec();
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	umask(022);
	if (libexec == NULL)
		die("/proc/self/exe", errno);
	if (sodium_init() < 0)
		die("libsodium", EIO);
	/* Keep the numbers below from being taken by something else. */
	for (int fd = FD_RULES; fd <= FD_STAGES; fd++)
		put_fd(open("/", O_PATH | O_CLOEXEC), fd);
	put_fd(open(images, flags), FD_IMAGES);
	put_fd(open(libexec, flags), FD_STAGES);
	make_dirs();
	put_fd(make_rules(images), FD_RULES);
}

static void
confine(void)
{
	const struct role_confinement c = { .role = ROLE_IMAGER,
		.filter = &filter_imager, .last_fd = FD_STAGES, .nofile = 32,
		.as_bytes = 1UL << 30, .keep_root = true,
		.landlock = FD_RULES };

	role_confine(&c);
	umask(022); /* images are for everybody to read */
	role_ready();
}

/* All of @from to a new file @path of the image; digested unless NULL. */
static int
copy(int from, const char *path, crypto_generichash_state *hash)
{
	static uint8_t buf[1 << 16];
	cleanup_fd int to = openat(FD_IMAGES, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
	off_t at = 0;
	ssize_t n;
	int r = to < 0 ? -errno : 0;

	while (r == 0 && (n = pread(from, buf, sizeof(buf), at)) != 0) {
		if (n < 0)
			return -errno;
		if (hash != NULL)
			crypto_generichash_update(hash, buf, (size_t)n);
		r = fd_write_all(to, buf, (size_t)n);
		at += n;
	}
	return r;
}

static int
copy_stages(void)
{
	static const char *const stages[] = { "unpack", "launch", "pack",
		"probe" };
	char from[32], path[48];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(stages) / sizeof(stages[0]);
	     i++) {
		cleanup_fd int fd = -1;

		snprintf(from, sizeof(from), "stage-%s", stages[i]);
		snprintf(path, sizeof(path), "0/x/.stage/%s", stages[i]);
		fd = openat(FD_STAGES, from, O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? -errno : copy(fd, path, NULL);
	}
	return r;
}

static int
copy_program(uint8_t digest[32])
{
	crypto_generichash_state h;
	struct stat s;
	int r;

	/* Whose it is the monitor has seen to. */
	if (fstat(PROGRAM_FD, &s) < 0 || memfd_check(PROGRAM_FD,
	        (uint64_t)s.st_size, s.st_uid) != MEMFD_OK)
		return -EPROTO;
	crypto_generichash_init(&h, NULL, 0, 32);
	r = copy(PROGRAM_FD, PLACE, &h);
	crypto_generichash_final(&h, digest, 32);
	return r;
}

/* One toolchain of one program, with one name. */
static int
make_table(const uint8_t digest[32], uint64_t *ret_len)
{
	static struct {
		struct table_hdr hdr;
		struct toolchain tc;
		struct toolchain_name name;
	} t = {
		.hdr = { .version = TABLE_VERSION, .ntoolchains = 1,
			.nnames = 1 },
		.tc = { .family = FAMILY_GCC, .files = 1,
			.machine = NAME, .version = "0", .title = NAME,
			.env = { "PATH=/.immure/bin" }, .exec = { INSIDE },
			.dirs = { "/bin" } },
		.name = { .name = CONTROL_PROGRAM, .state = NAME_READY,
			.program = INSIDE, .argv0 = INSIDE },
	};
	int fd = memfd_new("toolchains"), r = fd;

	memcpy(t.hdr.magic, TABLE_MAGIC, sizeof(t.hdr.magic));
	memcpy(t.tc.digest, digest, sizeof(t.tc.digest));
	_Static_assert(sizeof(t) == sizeof(t.hdr) + sizeof(t.tc) +
	    sizeof(t.name), "no padding");
	if (fd >= 0)
		r = fd_write_all(fd, &t, sizeof(t));
	if (r >= 0)
		r = memfd_seal(fd);
	*ret_len = sizeof(t);
	return r < 0 ? r : fd;
}

void
program_main(const char *images, uint64_t generation)
{
	struct imsg_image im = { .generation = generation };
	uint8_t digest[32];
	int fd = -1, r;

	prepare(images);
	confine();
	r = copy_stages();
	if (r == 0)
		r = copy_program(digest);
	if (r == 0)
		r = fd = make_table(digest, &im.table_len);
	if (r >= 0)
		r = msg_send(ROLE_FD_MONITOR, IMSG_IMAGE_READY, 0, &im,
		    sizeof(im), &fd, 1);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "image.build", "%s", strerror(-r));
	_exit(ROLE_EXIT_OK);
}
