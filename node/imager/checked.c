/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See checked.h. */
#include "checked.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <node/common/fd.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static void
make_directories(const char *path)
{
	char dir[PATH_MAX];
	char *last, *above;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir) ||
	    (last = strrchr(dir, '/')) == NULL || last == dir)
		return;
	*last = '\0';
	above = strrchr(dir, '/');
	if (above != NULL && above != dir) {
		*above = '\0';
		(void)mkdir(dir, 0700);
		*above = '/';
	}
	(void)mkdir(dir, 0700);
}

/* Who else could write it could have us leave out a check. */
static bool
is_ours_alone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 022) == 0 &&
	    st.st_nlink == 1;
}

int
checked_open(const char *path)
{
	int fd;

	make_directories(path);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	if (fd >= 0 && is_ours_alone(fd))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

void
checked_load(struct checked *c, int fd)
{
	uint8_t buf[CHECKED_BYTES];
	size_t have = 0;
	ssize_t n = 1;

	while (have < sizeof(buf) && n > 0) {
		n = read(fd, buf + have, sizeof(buf) - have);
		have += n > 0 ? (size_t)n : 0;
	}
	checked_parse(c, buf, have);
	c->fd = fd;
}

void
checked_save(struct checked *c)
{
	uint8_t buf[CHECKED_BYTES];

	if (!c->changed || c->fd < 0 || lseek(c->fd, 0, SEEK_SET) < 0)
		return;
	checked_format(c, buf);
	/* What cannot be kept is checked again at the next start. */
	(void)fd_write_all(c->fd, buf, sizeof(buf));
	c->changed = false;
}

static void
add_text(crypto_generichash_state *h, const char *s)
{
	const uint8_t absent = s == NULL;

	crypto_generichash_update(h, &absent, 1);
	if (s != NULL)
		crypto_generichash_update(h, (const uint8_t *)s, strlen(s) + 1);
}

/* All that what a check finds depends on, and what it found. */
static void
hash_of(const struct toolchain *t, const char *cc, const char *cxx,
    uint32_t was, uint32_t now, uint8_t hash[CHECKED_HASH])
{
	const uint32_t flags[2] = { was, now };
	crypto_generichash_state h;
	struct utsname u;

	if (uname(&u) < 0)
		memset(&u, 0, sizeof(u));
	crypto_generichash_init(&h, NULL, 0, CHECKED_HASH);
	add_text(&h, IMMURE_VERSION);
	add_text(&h, u.release);
	add_text(&h, u.machine);
	crypto_generichash_update(&h, t->digest, sizeof(t->digest));
	crypto_generichash_update(&h, (const uint8_t *)t->env, sizeof(t->env));
	add_text(&h, cc);
	add_text(&h, cxx);
	crypto_generichash_update(&h, (const uint8_t *)flags, sizeof(flags));
	crypto_generichash_final(&h, hash, CHECKED_HASH);
}

static int
place_of(const struct checked *c, const uint8_t hash[CHECKED_HASH])
{
	for (unsigned i = 0; i < c->n; i++)
		if (memcmp(c->hash[i], hash, CHECKED_HASH) == 0)
			return (int)i;
	return -1;
}

/* Number @at, or one that is new, to the front. */
static void
to_front(struct checked *c, unsigned at, const uint8_t hash[CHECKED_HASH])
{
	uint8_t copy[CHECKED_HASH];

	memcpy(copy, hash, CHECKED_HASH);
	memmove(c->hash[1], c->hash[0], at * (size_t)CHECKED_HASH);
	memcpy(c->hash[0], copy, CHECKED_HASH);
}

bool
checked_find(struct checked *c, const struct toolchain *t, const char *cc,
    const char *cxx, uint32_t *ret_flags)
{
	static const uint32_t ends[] = { TOOLCHAIN_HEADERS, 0,
		TOOLCHAIN_USUAL_PLACES };
	uint8_t hash[CHECKED_HASH];
	int at;

	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		hash_of(t, cc, cxx, t->flags, ends[i], hash);
		at = place_of(c, hash);
		if (at < 0)
			continue;
		to_front(c, (unsigned)at, hash);
		*ret_flags = ends[i];
		return true;
	}
	return false;
}

void
checked_add(struct checked *c, const struct toolchain *t, const char *cc,
    const char *cxx, uint32_t was, uint32_t now)
{
	uint8_t hash[CHECKED_HASH];

	hash_of(t, cc, cxx, was, now, hash);
	if (c->n < CHECKED_MAX)
		c->n++;
	to_front(c, c->n - 1, hash);
	c->changed = true;
}
