/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See compiler_says.h. */
#include "compiler_says.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Copy @len bytes that must be printable, not too many and not none. */
static int
take(char *ret, size_t room, const char *s, size_t len)
{
	if (len == 0 || len >= room)
		return -EPROTO;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return -EPROTO;
	memcpy(ret, s, len);
	ret[len] = '\0';
	return 0;
}

/* The line starts with @word: returns what follows, and its length. */
static const char *
after(const char *line, size_t len, const char *word, size_t *ret_len)
{
	size_t n = strlen(word);

	if (len < n || memcmp(line, word, n) != 0)
		return NULL;
	*ret_len = len - n;
	return line + n;
}

static size_t
word_len(const char *s, size_t len)
{
	const char *end = memchr(s, ' ', len);

	return end == NULL ? len : (size_t)(end - s);
}

/* From "12.2.0 (Debian 12.2.0-14)", what `gcc --version` begins with. */
static void
gcc_title(struct compiler_says *s, const char *at, size_t n)
{
	char all[96];
	char *paren;

	while (n > 0 && at[n - 1] == ' ')
		n--;
	if (take(all, sizeof(all), at, n) < 0) {
		snprintf(s->title, sizeof(s->title), "gcc %s", s->version);
		return;
	}
	paren = strstr(all, " (");
	if (paren == NULL || all[n - 1] != ')') {
		snprintf(s->title, sizeof(s->title), "gcc %s", all);
		return;
	}
	*paren = '\0';
	snprintf(s->title, sizeof(s->title), "gcc %s %s", paren + 1, all);
}

/* "gcc version 12.2.0 (Debian …)", "Debian clang version 14.0.6",
 * "Target: x86_64-linux-gnu". */
static int
take_identity(struct compiler_says *s, const char *line, size_t len)
{
	static const char clang[] = "clang version ";
	const char *at;
	size_t n;

	at = after(line, len, "Target: ", &n);
	if (at != NULL)
		return take(s->machine, sizeof(s->machine), at, n);
	if (s->family != 0)
		return 0;
	at = after(line, len, "gcc version ", &n);
	if (at != NULL) {
		s->family = FAMILY_GCC;
		if (take(s->version, sizeof(s->version), at,
		        word_len(at, n)) < 0)
			return -EPROTO;
		gcc_title(s, at, n);
		return 0;
	}
	at = memmem(line, len, clang, sizeof(clang) - 1);
	if (at == NULL || line[0] == ' ' || line[0] == '"')
		return 0;
	if (take(s->title, sizeof(s->title), line, len) < 0)
		s->title[0] = '\0'; /* too long: the version will do */
	at += sizeof(clang) - 1;
	s->family = FAMILY_CLANG;
	return take(s->version, sizeof(s->version), at,
	    word_len(at, (size_t)(line + len - at)));
}

static int
take_dir(struct compiler_says *s, const char *line, size_t len)
{
	if (len < 2 || line[0] != ' ' || line[1] != '/')
		return 0; /* relative: not a directory of the toolchain */
	if (s->ndirs == SAYS_DIRS_MAX)
		return -EPROTO;
	return take(s->dirs[s->ndirs++], sizeof(s->dirs[0]), line + 1,
	    len - 1);
}

int
compiler_says_parse(struct compiler_says *s, const char *text, size_t len)
{
	const char *end = text + len, *nl;
	bool list = false;
	int r = 0;

	memset(s, 0, sizeof(*s));
	for (; text < end && r == 0; text = nl + 1) {
		size_t n, rest;

		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		n = (size_t)(nl - text);
		if (after(text, n, "#include <...> search starts", &rest))
			list = true;
		else if (after(text, n, "End of search list", &rest))
			list = false;
		else if (list)
			r = take_dir(s, text, n);
		else
			r = take_identity(s, text, n);
		if (nl == end)
			break;
	}
	if (r < 0)
		return r;
	return s->family != 0 && s->machine[0] != '\0' ? 0 : -EPROTO;
}

int
compiler_says_line(const char *text, size_t len, char *ret, size_t room)
{
	const char *nl = memchr(text, '\n', len);

	return take(ret, room, text, nl != NULL ? (size_t)(nl - text) : len);
}

/* The line of @text at *at, which goes on to the next. */
static const char *
next_line(const char *text, size_t len, size_t *at, size_t *ret_len)
{
	const char *line = text + *at;
	const char *nl = memchr(line, '\n', len - *at);

	*ret_len = nl != NULL ? (size_t)(nl - line) : len - *at;
	*at += *ret_len + (nl != NULL);
	return line;
}

void
compiler_says_error(const char *text, size_t len, char *ret, size_t room)
{
	const char *line, *found = NULL;
	size_t at = 0, n, found_len = 0, i;

	while (at < len) {
		line = next_line(text, len, &at, &n);
		if (memmem(line, n, "error: ", strlen("error: ")) != NULL ||
		    memmem(line, n, ": error while", strlen(": error while")))
			len = at; /* the last one to be looked at */
		else if (found != NULL)
			continue;
		found = line;
		found_len = n;
	}
	for (i = 0; i < found_len && i < room - 1; i++)
		ret[i] = found[i] >= ' ' && found[i] <= '~' ? found[i] : '?';
	ret[i] = '\0';
}

/* Cut the last component of @path, which is *len long. */
static void
cut_last(char *path, size_t *len)
{
	while (*len > 0 && path[*len - 1] != '/')
		(*len)--;
	if (*len > 0)
		(*len)--;
	path[*len] = '\0';
}

int
path_plain(const char *path, char *ret, size_t room,
    void (*passed)(void *ctx, const char *dir), void *ctx)
{
	size_t len = 0;

	if (path[0] != '/' || room < 2)
		return -EINVAL;
	ret[0] = '\0';
	while (*path != '\0') {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 2 && memcmp(path, "..", 2) == 0) {
			if (passed != NULL && len > 0)
				passed(ctx, ret);
			cut_last(ret, &len);
		} else if (n > 0 && !(n == 1 && *path == '.')) {
			if (len + 1 + n >= room)
				return -EINVAL;
			ret[len++] = '/';
			memcpy(ret + len, path, n);
			len += n;
			ret[len] = '\0';
		}
		path += n;
	}
	if (len == 0)
		(void)snprintf(ret, room, "/");
	return 0;
}
