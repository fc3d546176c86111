/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Template roots (template.h).  Each is a small read-only tmpfs with
 *
 *   /.immure        the image, the only mount with exec: ro, nosuid, nodev
 *   /lib64, /lib    symlinks into it, for the path inside every ELF program
 *   /tmp            where a plain cell mounts the job's tmpfs
 *   pump: every top-level directory of tops.h, empty, and the include
 *   directories of the image at their usual places: ro, noexec
 *   usual places: where the self-check differed, the image's directories also
 *   at the paths that the compiler was built for: ro, with exec
 *
 * Runs as root; it trusts the table (checked by table_parse) for the names it
 * mounts at, and makes every directory in tmpfs of its own.  It must never
 * bind a directory of the host: what it binds is opened beneath the image's
 * directory, because in user mode the imager could put a symlink there.
 */
#include "template.h"
#include "cell.h"
#include "loaders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sandbox/kernel_abi.h>
#include <sandbox/mount.h>

#include "node/cell/cell_paths.h"
#include "node/common/imsg.h"
#include "node/common/tops.h"

#define PATH_BYTES 512
/* Directories and symlinks of a template: tops, mountpoints, loaders. */
#define TEMPLATE_INODES 1024
#define TEMPLATE_BYTES	(256UL * 1024)

#define RO_ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

struct build {
	int images; /* O_PATH of <images>/<generation>, before it is covered */
	const char *place;
	const struct toolchain *tc;
	unsigned index;
	int pump;		/* the template has include directories */
	char root[PATH_BYTES];	/* of the template being built */
	char where[PATH_BYTES]; /* for the message */
};

static struct build build;

static int __attribute__((format(printf, 2, 3)))
path_of(char ret[PATH_BYTES], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(ret, PATH_BYTES, fmt, ap);
	va_end(ap);
	return n < 0 || n >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

/* mkdir -p of @path (absolute) below the template. */
static int
make_dirs(const char *root, const char *path)
{
	char full[PATH_BYTES];
	size_t at = strlen(root);
	int r = path_of(full, "%s%s", root, path);

	while (r == 0 && full[at] != '\0') {
		at += 1 + strcspn(full + at + 1, "/");
		char c = full[at];

		full[at] = '\0';
		if (mkdir(full, 0755) < 0 && errno != EEXIST)
			r = -errno;
		full[at] = c;
	}
	return r;
}

/* Bind <image>/@from at @to of the template, which is there. */
static int
bind_at(struct build *b, const char *from, const char *to, unsigned attr)
{
	char src[PATH_BYTES], dst[PATH_BYTES];
	int fd, r;

	(void)path_of(b->where, "image %u: %s at %s", b->index, from, to);
	r = path_of(src, "%u%s", b->index, from);
	if (r == 0)
		r = path_of(dst, "%s%s", b->root, to);
	if (r != 0)
		return r;
	fd = mount_open_beneath(b->images, src);
	if (fd < 0)
		return fd;
	(void)path_of(src, "/proc/self/fd/%d", fd);
	r = mount_bind(src, dst, RO_ATTR | attr);
	(void)close(fd);
	return r;
}

/* The same, of a directory whose mountpoint is made. */
static int
bind_image(struct build *b, const char *from, const char *to, unsigned attr)
{
	int r = make_dirs(b->root, to);

	return r != 0 ? r : bind_at(b, from, to, attr);
}

/* The image's copy of include directory @path, noexec. */
static int
bind_include(struct build *b, const char *path)
{
	char from[PATH_BYTES];
	int r = path_of(from, "/inc%s", path);

	return r != 0 ? r : bind_image(b, from, path, MOUNT_ATTR_NOEXEC);
}

/* Does directory @path lie in one of dirs[] other than itself? */
static int
is_nested(const struct toolchain *tc, const char *path)
{
	for (unsigned i = 0; i < TOOLCHAIN_DIRS_MAX && tc->dirs[i][0] != '\0';
	     i++) {
		size_t n = strlen(tc->dirs[i]);

		if (strncmp(path, tc->dirs[i], n) == 0 && path[n] == '/')
			return 1;
	}
	return 0;
}

/* Will an include directory have to be mounted inside @dir? */
static int
has_include(const struct build *b, const char *dir)
{
	size_t n = strlen(dir);

	for (unsigned i = 0;
	     b->pump && i < TOOLCHAIN_INC_MAX && b->tc->inc[i][0] != '\0'; i++)
		if (strncmp(b->tc->inc[i], dir, n) == 0 &&
		    b->tc->inc[i][n] == '/')
			return 1;
	return 0;
}

/* A symlink of the image, made anew: never followed by us, who are root. */
static int
copy_link(const struct build *b, const char *from, const char *to)
{
	char target[PATH_BYTES], name[PATH_BYTES];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0 || n == sizeof(target) - 1)
		return n < 0 ? -errno : -ENAMETOOLONG;
	target[n] = '\0';
	if (path_of(name, "%s%s", b->root, to) != 0)
		return -ENAMETOOLONG;
	return symlink(target, name) < 0 ? -errno : 0;
}

/* An empty file for another to be bound over. */
static int
make_file(const struct build *b, const char *path)
{
	char name[PATH_BYTES];
	int fd;

	if (path_of(name, "%s%s", b->root, path) != 0)
		return -ENAMETOOLONG;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

/* One entry of image directory @dir at its usual place. */
static int
bind_entry(struct build *b, const char *dir, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES], full[PATH_BYTES];
	struct stat st;
	int r;

	r = path_of(to, "%s/%s", dir, name);
	if (r == 0)
		r = path_of(from, "/x%s", to);
	if (r == 0)
		r = path_of(
		    full, "/proc/self/fd/%d/%u%s", b->images, b->index, from);
	if (r != 0)
		return r;
	if (lstat(full, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return copy_link(b, full, to);
	if (S_ISDIR(st.st_mode))
		return bind_image(b, from, to, 0);
	r = make_file(b, to);
	return r != 0 ? r : bind_at(b, from, to, 0);
}

/*
 * The image is read-only and has no place inside @dir where an include
 * directory could be mounted: bind what is in it, one by one.
 */
static int
bind_apart(struct build *b, const char *dir)
{
	char path[PATH_BYTES];
	struct dirent *e;
	DIR *d;
	int r;

	r = path_of(path, "/proc/self/fd/%d/%u/x%s", b->images, b->index, dir);
	if (r == 0)
		r = make_dirs(b->root, dir);
	d = r == 0 ? opendir(path) : NULL;
	if (d == NULL)
		return r != 0 ? r : -errno;
	while (r == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = bind_entry(b, dir, e->d_name);
	(void)closedir(d);
	return r;
}

static int
bind_usual_place(struct build *b, const char *dir)
{
	char from[PATH_BYTES];
	int r;

	if (has_include(b, dir))
		return bind_apart(b, dir);
	r = path_of(from, "/x%s", dir);
	return r != 0 ? r : bind_image(b, from, dir, 0);
}

static int
bind_usual_places(struct build *b)
{
	int r = 0;

	if ((b->tc->flags & TOOLCHAIN_USUAL_PLACES) == 0)
		return 0;
	for (unsigned i = 0;
	     r == 0 && i < TOOLCHAIN_DIRS_MAX && b->tc->dirs[i][0] != '\0'; i++)
		if (!is_nested(b->tc, b->tc->dirs[i]))
			r = bind_usual_place(b, b->tc->dirs[i]);
	return r;
}

/* "/lib64" -> "/.immure/lib64", where the image has one and no usual place
 * has taken the name. */
static int
link_loaders(const struct build *b)
{
	char target[PATH_BYTES], name[PATH_BYTES], image[PATH_BYTES];
	int r = 0;

	for (unsigned i = 0; r == 0 && loader_dirs[i] != NULL; i++) {
		r = path_of(
		    image, "%s%s/%s", b->root, CELL_IMAGE, loader_dirs[i]);
		if (r == 0)
			r = path_of(
			    target, "%s/%s", CELL_IMAGE, loader_dirs[i]);
		if (r == 0)
			r = path_of(name, "%s/%s", b->root, loader_dirs[i]);
		if (r != 0 || access(image, F_OK) < 0)
			continue;
		if (symlink(target, name) < 0 && errno != EEXIST)
			r = -errno;
	}
	return r;
}

static int
add_pump(struct build *b)
{
	char top[PATH_BYTES];
	int r = 0;

	for (unsigned i = 0; r == 0 && tops_names[i] != NULL; i++) {
		r = path_of(top, "/%s", tops_names[i]);
		if (r == 0)
			r = make_dirs(b->root, top);
	}
	for (unsigned i = 0;
	     r == 0 && i < TOOLCHAIN_INC_MAX && b->tc->inc[i][0] != '\0'; i++)
		r = bind_include(b, b->tc->inc[i]);
	return r;
}

static int
build_one(struct build *b, enum profile profile)
{
	int r;

	b->pump = profile == PROFILE_PUMP;
	r = path_of(
	    b->root, "%s/t/%u.%u", b->place, b->index, (unsigned)profile);
	(void)path_of(b->where, "tmpfs of a template");
	if (r == 0 && mkdir(b->root, 0755) < 0)
		r = -errno;
	if (r == 0)
		r = mount_tmpfs(b->root, TEMPLATE_BYTES, TEMPLATE_INODES, 0755,
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r == 0)
		r = make_dirs(b->root, CELL_WORK);
	if (r == 0)
		r = bind_image(b, "/x", CELL_IMAGE, 0);
	if (r == 0)
		r = bind_usual_places(b);
	if (r == 0)
		r = link_loaders(b);
	if (r == 0 && b->pump)
		r = add_pump(b);
	return r != 0 ? r : mount_attr(b->root, MOUNT_ATTR_RDONLY);
}

static int
prepare_place(const char *place)
{
	char path[PATH_BYTES];
	int r;

	r = mount_tmpfs(place, TEMPLATE_BYTES, TEMPLATE_INODES, 0755,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r == 0)
		r = path_of(path, "%s/t", place);
	if (r == 0 && mkdir(path, 0755) < 0)
		r = -errno;
	if (r == 0)
		r = path_of(path, "%s/z", place);
	if (r == 0 && mkdir(path, 0755) < 0)
		r = -errno;
	return r;
}

int
template_build(const char *images, uint64_t generation, const struct table *t,
    const char *place, const char **ret_where)
{
	struct build *b = &build;
	char dir[PATH_BYTES];
	int r;

	*ret_where = b->where;
	b->place = place;
	r = path_of(dir, "%s/%llu", images, (unsigned long long)generation);
	(void)path_of(b->where, "images in %.400s", dir);
	if (r != 0)
		return r;
	b->images = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (b->images < 0)
		return -errno;
	r = prepare_place(place);
	for (unsigned i = 0; r == 0 && i < t->ntoolchains; i++) {
		if (!table_is_usable(t, i))
			continue;
		b->index = i;
		b->tc = &t->toolchains[i];
		r = build_one(b, PROFILE_PLAIN);
		if (r == 0 && template_has_pump(b->tc))
			r = build_one(b, PROFILE_PUMP);
	}
	(void)close(b->images);
	return r;
}
