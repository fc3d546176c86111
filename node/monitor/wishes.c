/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See wishes.h. */
#include "wishes.h"
#include <errno.h>
#include <fcntl.h>
#include <node/toolchain/table.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fail(const char *what, const char *name, const char *why, const char *remedy)
{
	fprintf(stderr, "immured: %s: %s: %s; %s\n", what, name, why, remedy);
	return CMDLINE_EXIT_USAGE;
}

/* It is the imager that reads it, again with every generation of images. */
static int
check_list(const struct cmdline *cl)
{
	struct stat st;
	int fd;

	if (cl->cmdlist == NULL)
		return 0;
	if (cl->cmdlist_words > TABLE_WORDS_MAX)
		return fail("DISTCC_CMDLIST_NUMWORDS", "too large",
		    "paths are compared by 8 words at most", "give 1 to 8");
	fd = open(cl->cmdlist, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail("DISTCC_CMDLIST", cl->cmdlist, strerror(errno),
		    "without its list nothing may be served: give a file of "
		    "paths of compilers, a line each, or unset it");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return fail("DISTCC_CMDLIST", cl->cmdlist, "not a file",
		    "give a file of paths of compilers, a line each, or unset "
		    "it");
	}
	(void)close(fd);
	return 0;
}

static int
check_sysroot(const struct cmdline *cl)
{
	struct stat st;

	if (cl->sysroot == NULL)
		return 0;
	if (stat(cl->sysroot, &st) < 0)
		return fail("--sysroot", cl->sysroot, strerror(errno),
		    "give the directory of the specs files that clients may "
		    "name");
	if (!S_ISDIR(st.st_mode))
		return fail("--sysroot", cl->sysroot, "not a directory",
		    "give the directory of the specs files that clients may "
		    "name");
	return 0;
}

int
wishes_check(const struct cmdline *cl)
{
	int r = check_list(cl);

	return r == 0 ? check_sysroot(cl) : r;
}

void
wishes_words(const struct cmdline *cl, const char *argv[], size_t argc)
{
	static const char *const words[TABLE_WORDS_MAX] = { "1", "2", "3",
		"4", "5", "6", "7", "8" };

	for (unsigned i = 0; i < cl->ncompilers; i++) {
		argv[argc++] = "--compiler";
		argv[argc++] = cl->compilers[i];
	}
	if (cl->cmdlist != NULL && cl->cmdlist_words >= 1 &&
	    cl->cmdlist_words <= TABLE_WORDS_MAX) {
		argv[argc++] = "--cmdlist";
		argv[argc++] = cl->cmdlist;
		argv[argc++] = "--cmdlist-words";
		argv[argc++] = words[cl->cmdlist_words - 1];
	}
	if (cl->sysroot != NULL) {
		argv[argc++] = "--sysroot";
		argv[argc++] = cl->sysroot;
	}
	if (cl->insecure)
		argv[argc++] = "--insecure";
	argv[argc] = NULL;
}
