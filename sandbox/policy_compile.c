/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_compile [-a ARCH] IN.policy OUT.c: the build-time tool that turns a
 * policy into `const struct filter filter_<name>`.  "-" as OUT only checks.
 * Reads only what it is given and what that includes.
 */
#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 65536
#define NAME_SIZE 64

/* The whole of @path, NUL-terminated, malloc'd; NULL and errno. */
static char *
slurp(const char *path)
{
	char *text = NULL;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	text = malloc(TEXT_MAX);
	n = text == NULL ? -1 : read(fd, text, TEXT_MAX);
	close(fd);
	if (n < 0 || n == TEXT_MAX) {
		if (n == TEXT_MAX)
			errno = EFBIG;
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/* NAME.policy beside @from. */
static char *
fetch(const char *name, const char *from, char *path, size_t path_size)
{
	const char *slash = strrchr(from, '/');
	int dir = slash == NULL ? 0 : (int)(slash - from) + 1;
	int n = snprintf(path, path_size, "%.*s%s.policy", dir, from, name);

	if (n < 0 || (size_t)n >= path_size)
		return NULL;
	return slurp(path);
}

/* "a/b/stage-pack.policy" -> "stage_pack". */
static int
identifier(const char *path, char *name)
{
	const char *base = strrchr(path, '/');
	size_t len;

	base = base == NULL ? path : base + 1;
	len = strcspn(base, ".");
	if (len == 0 || len >= NAME_SIZE)
		return -1;
	for (size_t i = 0; i < len; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[len] = '\0';
	return 0;
}

static int
write_code(const char *out, const char *in, const struct sock_filter *code,
    unsigned short len)
{
	char name[NAME_SIZE];
	FILE *f;

	if (identifier(in, name) != 0) {
		fprintf(stderr, "policy_compile: %s: not a name for a "
		    "filter\n", in);
		return -1;
	}
	f = fopen(out, "we");
	if (f == NULL)
		goto fail;
	fprintf(f, "/* Made from %s by policy_compile; do not edit. */\n"
	    "#include <sandbox/filter.h>\n\n"
	    "extern const struct filter filter_%s;\n\n"
	    "static const struct sock_filter code[] = {\n", in, name);
	for (unsigned i = 0; i < len; i++)
		fprintf(f, "\t{ 0x%02x, %u, %u, 0x%08x },\n", code[i].code,
		    code[i].jt, code[i].jf, code[i].k);
	fprintf(f, "};\n\nconst struct filter filter_%s = { \"%s\", code, %u "
	    "};\n", name, name, len);
	if (ferror(f) != 0) {
		fclose(f);
		goto fail;
	}
	if (fclose(f) == 0)
		return 0;
fail:
	fprintf(stderr, "policy_compile: %s: %s\n", out, strerror(errno));
	return -1;
}

static int
compile(const char *arch, const char *in, const char *out)
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct policy p = { .rules = NULL };
	unsigned short len = 0;
	char *text = slurp(in);
	int r = -1;

	if (text == NULL) {
		fprintf(stderr, "policy_compile: %s: %s\n", in,
		    strerror(errno));
		return -1;
	}
	if (policy_init(&p, arch) == 0) {
		p.fetch = fetch;
		if (policy_read(&p, text, in) == 0)
			len = policy_emit(&p, code);
	}
	if (len == 0)
		fprintf(stderr, "policy_compile: %s\n", p.error);
	else if (strcmp(out, "-") == 0)
		r = printf("%s: %u instructions\n", in, len) < 0 ? -1 : 0;
	else
		r = write_code(out, in, code, len);
	policy_done(&p);
	free(text);
	return r;
}

int
main(int argc, char **argv)
{
	const char *arch = NULL;
	int c;

	while ((c = getopt(argc, argv, "a:")) != -1) {
		if (c != 'a')
			goto usage;
		arch = optarg;
	}
	if (argc - optind != 2)
		goto usage;
	return compile(arch, argv[optind], argv[optind + 1]) == 0 ? 0 : 1;
usage:
	fprintf(stderr, "usage: policy_compile [-a arch] in.policy out.c|-\n");
	return 2;
}
