/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_list.h"

#include "host_spec.h"

#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_FILE_MAX (256U * 1024U)

static int
add(struct host_list *l, const char *word, size_t len)
{
	if (host_word_is_option(word, len))
		return 0;
	if (l->n == HOST_LIST_MAX)
		return -E2BIG;
	l->words[l->n] = strndup(word, len);
	if (l->words[l->n] == NULL)
		return -ENOMEM;
	l->n++;
	return 0;
}

static int
add_text(struct host_list *l, const char *text)
{
	const char *word;
	size_t len;
	int r = 0;

	while (r == 0 && host_list_word(&text, &word, &len))
		r = add(l, word, len);
	return r;
}

/* -ENOENT where the stock client looks further: not there, or not ours to
 * read. */
static int
add_file(struct host_list *l, const char *path)
{
	cleanup_fd int fd = -1;
	char *text;
	size_t len = 0;
	ssize_t n = 1;
	int r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == EACCES ? -ENOENT : -errno;
	(void)snprintf(l->source, sizeof(l->source), "%s", path);
	text = malloc(HOSTS_FILE_MAX + 1);
	if (text == NULL)
		return -ENOMEM;
	while (n > 0 && len < HOSTS_FILE_MAX) {
		n = read(fd, text + len, HOSTS_FILE_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	r = n < 0 ? -errno : len == HOSTS_FILE_MAX ? -EFBIG : add_text(l, text);
	free(text);
	return r;
}

const char *
distcc_dir(char *room, size_t len)
{
	const char *dir = getenv("DISTCC_DIR");

	if (dir != NULL)
		return dir;
	dir = getenv("HOME");
	if (dir == NULL || (size_t)snprintf(room, len, "%s/.distcc", dir) >= len)
		return NULL;
	return room;
}

static int
look_for(struct host_list *l)
{
	const char *set = getenv("DISTCC_HOSTS");
	char room[400], path[480];
	const char *dir;
	int r = -ENOENT;

	if (set != NULL) {
		(void)snprintf(l->source, sizeof(l->source), "$DISTCC_HOSTS");
		return add_text(l, set);
	}
	dir = distcc_dir(room, sizeof(room));
	if (dir != NULL &&
	    (size_t)snprintf(path, sizeof(path), "%s/hosts", dir) <
		sizeof(path))
		r = add_file(l, path);
	return r == -ENOENT ? add_file(l, "/etc/distcc/hosts") : r;
}

int
host_list_get(struct host_list *l, int n, char *const words[])
{
	int r = 0;

	memset(l, 0, sizeof(*l));
	if (n == 0)
		return look_for(l);
	(void)snprintf(l->source, sizeof(l->source), "the command line");
	/* An argument may be a whole list: "$DISTCC_HOSTS". */
	for (int i = 0; i < n && r == 0; i++)
		r = add_text(l, words[i]);
	return r;
}

void
host_list_done(struct host_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->words[i]);
	l->n = 0;
}
