/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compilers of this machine's PATH that a client could send jobs for, each
 * tried once: which versions are here is read from its object, as it is read
 * from the node's.
 */
#include "probe.h"
#include "run_program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPILE_MS 20000U
#define OBJECT_MAX (4U << 20)

/* The longer ones first: "clang++" begins with "clang". */
static const struct {
	const char *name;
	bool cxx;
} kinds[] = { { "clang++", true }, { "clang", false }, { "g++", true },
	{ "gcc", false }, { "c++", true }, { "cc", false } };

/* "TRIPLE-" and "-VERSION" may be around one of kinds[]: true, and *cxx. */
static bool
is_compiler(const char *name, bool *cxx)
{
	size_t len = strlen(name), n;
	const char *version = strrchr(name, '-');

	if (version != NULL && version[1] != '\0' &&
	    strspn(version + 1, "0123456789.") == strlen(version + 1))
		len = (size_t)(version - name);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		n = strlen(kinds[i].name);
		if (len < n || memcmp(name + len - n, kinds[i].name, n) != 0)
			continue;
		if (len > n && name[len - n - 1] != '-')
			continue;
		*cxx = kinds[i].cxx;
		/* c89-gcc, c99-gcc are wrappers that clients do not send */
		return len == n || memchr(name, '-', len - n - 1) != NULL;
	}
	return false;
}

static bool
add(struct compiler *list, unsigned *n, const char *name, bool cxx)
{
	for (unsigned i = 0; i < *n; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	if (*n == PROBE_COMPILERS_MAX || strlen(name) >= sizeof(list[0].name))
		return false;
	memset(&list[*n], 0, sizeof(list[*n]));
	memcpy(list[*n].name, name, strlen(name) + 1);
	list[(*n)++].cxx = cxx;
	return true;
}

/* The compilers in directory @path. */
static void
find_in(struct compiler *list, unsigned *n, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	bool cxx;

	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL)
		if (is_compiler(e->d_name, &cxx) &&
		    faccessat(dirfd(dir), e->d_name, X_OK, 0) == 0)
			(void)add(list, n, e->d_name, cxx);
	(void)closedir(dir);
}

/* Links of a masquerade directory are distcc, not compilers. */
static bool
is_masquerade(const char *dir, size_t len)
{
	return memmem(dir, len, "distcc", 6) != NULL ||
	    memmem(dir, len, "ccache", 6) != NULL;
}

/* PATH without masquerade directories, so that what runs is a compiler and
 * not a client; false when it is too long. */
static bool
real_path(char *out, size_t room)
{
	const char *path = getenv("PATH");
	size_t used = 0;

	out[0] = '\0';
	for (const char *p = path != NULL ? path : ""; *p != '\0';) {
		size_t len = strcspn(p, ":");

		if (len > 0 && !is_masquerade(p, len)) {
			if (len + 2 > room - used)
				return false;
			if (used > 0)
				out[used++] = ':';
			memcpy(out + used, p, len);
			used += len;
			out[used] = '\0';
		}
		p += len + (p[len] == ':');
	}
	return true;
}

static void
find_all(struct compiler *list, unsigned *n)
{
	char path[8192];
	char *end;

	if (!real_path(path, sizeof(path)))
		return;
	for (char *dir = path; dir != NULL && *dir != '\0'; dir = end) {
		end = strchr(dir, ':');
		if (end != NULL)
			*end++ = '\0';
		find_in(list, n, dir);
	}
}

static void
read_object(struct compiler *c, const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *buf = malloc(OBJECT_MAX);
	ssize_t len;

	if (fd >= 0 && buf != NULL) {
		len = read(fd, buf, OBJECT_MAX);
		c->here =
		    len > 0 && object_facts(&c->object, buf, (size_t)len) == 0;
	}
	free(buf);
}

/* Compile nothing with @c, in directory @dir. */
static void
compile(struct compiler *c, const char *dir)
{
	char object[300];
	const char *argv[] = { c->name, "-c", "-x", c->cxx ? "c++" : "c",
		"/dev/null", "-o", object, NULL };
	const struct run r = { .argv = argv, .err = RUN_STDERR_NONE,
		.timeout_ms = COMPILE_MS, .max = 4096 };
	struct ran ran;

	(void)snprintf(object, sizeof(object), "%s/o", dir);
	if (run_program(&r, &ran) < 0)
		return;
	free(ran.out);
	if (ran.status == 0)
		read_object(c, object);
	(void)unlink(object);
}

static void
try_all(struct compiler *list, unsigned n)
{
	const char *tmp = getenv("TMPDIR");
	char dir[256], path[8192];

	if (!real_path(path, sizeof(path)) ||
	    (size_t)snprintf(dir, sizeof(dir), "%s/immure-probe.XXXXXX",
		tmp != NULL && tmp[0] == '/' ? tmp : "/tmp") >= sizeof(dir) ||
	    mkdtemp(dir) == NULL)
		return;
	(void)setenv("PATH", path, 1);
	for (unsigned i = 0; i < n; i++)
		compile(&list[i], dir);
	(void)rmdir(dir);
}

/* gcc before clang, short names before long ones, then by name. */
static int
by_use(const void *a, const void *b)
{
	const struct compiler *x = a, *y = b;
	static const char *const first[] = { "gcc", "cc", "g++", "c++",
		"clang", "clang++" };
	size_t i = 0, k = 0;

	while (i < 6 && strcmp(x->name, first[i]) != 0)
		i++;
	while (k < 6 && strcmp(y->name, first[k]) != 0)
		k++;
	if (i != k)
		return i < k ? -1 : 1;
	return strcmp(x->name, y->name);
}

unsigned
compilers_find(struct compiler list[PROBE_COMPILERS_MAX], const char *only)
{
	unsigned n = 0;
	bool cxx = false;

	if (only != NULL) {
		(void)is_compiler(only, &cxx);
		(void)add(list, &n, only, cxx);
	} else {
		find_all(list, &n);
	}
	qsort(list, n, sizeof(list[0]), by_use);
	try_all(list, n);
	if (n > 0)
		return n;
	/* No compiler here: a node may have one all the same. */
	(void)add(list, &n, "gcc", false);
	(void)add(list, &n, "cc", false);
	(void)add(list, &n, "clang", false);
	return n;
}
