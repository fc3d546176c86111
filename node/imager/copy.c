/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the sorted list.  A file of the host is opened once, without
 * following a symlink, and its bytes go through one buffer into both the
 * digest and the copy; afterwards it must still be what it was.  The digest's
 * definition is in toolchain/table.c.
 */
#include "node/common/fd.h"
#include "copy.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER (256U * 1024)

struct copy {
	crypto_generichash_state hash;
	struct manifest *m;
	int gen;
	const char *image;
	struct copied *out;
	uint8_t *buf; /* owned, BUFFER bytes */
};

static void
put_le(uint8_t *to, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static void
hash_head(struct copy *k, const struct content *e, unsigned mode, uint64_t len)
{
	uint8_t head[13];

	head[0] = (uint8_t)e->type;
	put_le(head + 1, mode, 4);
	put_le(head + 5, len, 8);
	crypto_generichash_update(&k->hash, (const uint8_t *)e->path,
	    strlen(e->path) + 1);
	crypto_generichash_update(&k->hash, head, sizeof(head));
}

/* Exactly @len bytes of @from into the digest, and into @to unless -1. */
static int
pump(struct copy *k, int from, int to, uint64_t len)
{
	while (len > 0) {
		size_t want = len < BUFFER ? (size_t)len : BUFFER;
		ssize_t n = read(from, k->buf, want);
		int r;

		if (n < 0)
			return -errno;
		if (n == 0)
			return -ESTALE;
		crypto_generichash_update(&k->hash, k->buf, (size_t)n);
		r = to >= 0 ? fd_write_all(to, k->buf, (size_t)n) : 0;
		if (r < 0)
			return r;
		len -= (uint64_t)n;
	}
	return 0;
}

/* A program or library for everybody, a header for everybody. */
static unsigned
image_mode(const struct stat *st)
{
	return st->st_mode & 0111 ? 0755 : 0644;
}

static int
copy_new(struct copy *k, int from, const struct stat *st, const char *path)
{
	const struct origin was = { .dev = st->st_dev, .ino = st->st_ino,
		.mode = st->st_mode, .size = st->st_size,
		.mtime = st->st_mtim, .ctime = st->st_ctim };
	struct stat now;
	cleanup_fd int to = -1;
	int r;

	to = openat(k->gen, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    image_mode(st));
	if (to < 0)
		return -errno;
	r = pump(k, from, to, (uint64_t)st->st_size);
	if (r == 0 && fchmod(to, image_mode(st)) < 0)
		r = -errno;
	if (r < 0)
		return r;
	if (fstat(from, &now) < 0 || !origin_same(&was, &now))
		return -ESTALE;
	k->out->bytes += (uint64_t)st->st_size;
	return 0;
}

static int
copy_known(struct copy *k, const char *known, const char *path, uint64_t size)
{
	cleanup_fd int from = -1;

	if (linkat(k->gen, known, k->gen, path, 0) < 0)
		return -errno;
	from = openat(k->gen, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return -errno;
	k->out->bytes += size;
	return pump(k, from, -1, size);
}

static int
copy_file(struct copy *k, const struct content *e)
{
	char path[PATH_MAX + 32];
	cleanup_fd int from = -1;
	const char *known;
	struct stat st;
	int r;

	from = openat(e->from_dir, e->from,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (from < 0 || fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return -EINVAL;
	if (k->out->bytes + (uint64_t)st.st_size > COPY_BYTES_MAX)
		return -EFBIG;
	snprintf(path, sizeof(path), "%s/%s", k->image, e->path);
	hash_head(k, e, image_mode(&st), (uint64_t)st.st_size);
	k->out->files++;
	known = manifest_copy(k->m, &st);
	if (known != NULL)
		return copy_known(k, known, path, (uint64_t)st.st_size);
	r = copy_new(k, from, &st, path);
	/* Stages are found anew with every start of the daemon. */
	if (r < 0 || e->from_dir != AT_FDCWD)
		return r;
	return manifest_add(k->m, e->from, &st, path);
}

/* "x", "inc", "inc/usr": the runner's (runner.h). */
static bool
made_before(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash == NULL || (strncmp(path, "inc/", 4) == 0 &&
	    strchr(slash + 1, '/') == NULL);
}

static int
copy_entry(struct copy *k, const struct content *e)
{
	char path[PATH_MAX + 32];
	size_t len;

	if (e->type == CONTENT_FILE)
		return copy_file(k, e);
	snprintf(path, sizeof(path), "%s/%s", k->image, e->path);
	if (e->type == CONTENT_DIR) {
		hash_head(k, e, 0755, 0);
		if (mkdirat(k->gen, path, 0755) < 0 &&
		    (errno != EEXIST || !made_before(e->path)))
			return -errno;
		return 0;
	}
	len = strlen(e->from);
	hash_head(k, e, 0, len);
	crypto_generichash_update(&k->hash, (const uint8_t *)e->from, len);
	return symlinkat(e->from, k->gen, path) < 0 ? -errno : 0;
}

int
copy_contents(const struct contents *c, struct manifest *m, int gen,
    const char *image, struct copied *ret, char *reason, size_t room)
{
	struct copy k = { .m = m, .gen = gen, .image = image, .out = ret,
		.buf = malloc(BUFFER) };
	int r = k.buf == NULL ? -ENOMEM : 0;

	memset(ret, 0, sizeof(*ret));
	crypto_generichash_init(&k.hash, NULL, 0, sizeof(ret->digest));
	for (size_t i = 0; i < c->n && r == 0; i++) {
		r = copy_entry(&k, &c->v[i]);
		if (r < 0)
			snprintf(reason, room, "%s: %s",
			    c->v[i].from ? c->v[i].from : c->v[i].path,
			    strerror(-r));
	}
	crypto_generichash_final(&k.hash, ret->digest, sizeof(ret->digest));
	free(k.buf);
	return r;
}
