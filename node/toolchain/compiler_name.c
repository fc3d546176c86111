/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See compiler_name.h. */
#include "compiler_name.h"
#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	enum compiler_base base;
} words[] = { /* the longer first: "g++" is no "gcc", "clang++" no "clang" */
	{ "clang++", BASE_CLANGXX },
	{ "clang", BASE_CLANG },
	{ "gcc", BASE_GCC },
	{ "g++", BASE_GXX },
};

static bool
all_of(const char *s, size_t len, const char *set)
{
	return len > 0 && strspn(s, set) >= len;
}

/* "", or "-12", "-4.9" at the end of a name. */
static bool
take_version(struct compiler_name *n, const char *s)
{
	if (*s == '\0')
		return true;
	if (*s != '-' || strlen(s + 1) >= sizeof(n->version) ||
	    s[1] < '0' || s[1] > '9' ||
	    !all_of(s + 1, strlen(s + 1), "0123456789."))
		return false;
	snprintf(n->version, sizeof(n->version), "%s", s + 1);
	return true;
}

/* What stands before "gcc": nothing, or a triple and a hyphen. */
static bool
take_triple(struct compiler_name *n, const char *s, size_t len)
{
	if (len == 0)
		return true;
	if (len < 2 || len > sizeof(n->triple) || s[len - 1] != '-' ||
	    !all_of(s, len,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789_.-"))
		return false;
	memcpy(n->triple, s, len - 1);
	n->triple[len - 1] = '\0';
	return true;
}

bool
compiler_name_parse(struct compiler_name *n, const char *name)
{
	static const char *const plain[] = { "cc", "c++", "c89", "c99",
		"c89-gcc", "c99-gcc" };

	memset(n, 0, sizeof(*n));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(name, plain[i]) == 0) {
			n->base = BASE_CC;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strstr(name, words[i].word);

		if (at == NULL)
			continue;
		memset(n, 0, sizeof(*n));
		if (take_triple(n, name, (size_t)(at - name)) &&
		    take_version(n, at + strlen(words[i].word))) {
			n->base = words[i].base;
			return true;
		}
	}
	memset(n, 0, sizeof(*n));
	return false;
}

bool
compiler_name_is_wrapper(const char *name)
{
	static const char *const wrappers[] = { "distcc", "ccache", "sccache",
		"icecc", "icerun", "gomacc", "buildcache", "colorgcc",
		"distcc-pump" };

	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (strcmp(name, wrappers[i]) == 0)
			return true;
	return false;
}

/* Debian's scripts (package gcc), without comments and layout. */
static const char c89_text[] =
    "extra_flag=-std=c89\n"
    "for i; do\n"
    "case \"$i\" in\n"
    "-ansi|-std=c89|-std=iso9899:1990)\n"
    "extra_flag=\n"
    ";;\n"
    "-std=*)\n"
    "echo >&2 \"`basename $0` called with non ANSI/ISO C option $i\"\n"
    "exit 1\n"
    ";;\n"
    "esac\n"
    "done\n"
    "exec gcc $extra_flag ${1+\"$@\"}\n";
static const char c99_text[] =
    "extra_flag=-std=c99\n"
    "for i; do\n"
    "case \"$i\" in\n"
    "-std=c9[9x]|-std=iso9899:199[9x])\n"
    "extra_flag=\n"
    ";;\n"
    "-std=*|-ansi)\n"
    "echo >&2 \"`basename $0` called with non ISO C99 option $i\"\n"
    "exit 1\n"
    ";;\n"
    "esac\n"
    "done\n"
    "exec gcc $extra_flag ${1+\"$@\"}\n";

/* One line at @*text without its margins; false at the end. */
static bool
next_line(const char **text, const char *end, const char **line, size_t *len)
{
	const char *s = *text, *nl;

	if (s >= end)
		return false;
	nl = memchr(s, '\n', (size_t)(end - s));
	if (nl == NULL)
		nl = end;
	*text = nl < end ? nl + 1 : end;
	while (s < nl && (*s == ' ' || *s == '\t'))
		s++;
	while (nl > s && (nl[-1] == ' ' || nl[-1] == '\t'))
		nl--;
	*line = s;
	*len = (size_t)(nl - s);
	return true;
}

/* @text says the same as @want, comments, empty lines and margins apart. */
static bool
same_script(const char *text, size_t len, const char *want)
{
	const char *end = text + len, *line;
	size_t n;

	while (next_line(&text, end, &line, &n)) {
		if (n == 0 || line[0] == '#')
			continue;
		if (strncmp(want, line, n) != 0 || want[n] != '\n')
			return false;
		want += n + 1;
	}
	return *want == '\0';
}

const char *
compiler_script_option(const char *text, size_t len)
{
	if (len < 2 || text[0] != '#' || text[1] != '!' ||
	    memchr(text, '\0', len) != NULL)
		return NULL;
	if (same_script(text, len, c89_text))
		return "-std=c89";
	if (same_script(text, len, c99_text))
		return "-std=c99";
	return NULL;
}
