/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --list: this process plays the monitor for one scanner.  It gives up root as
 * soon as the scanner exists, and takes the table only after the checks that
 * the broker makes too.  An ordinary user is root of its own ids meanwhile
 * (sandbox/user_mode.h).
 */
#include "list.h"
#include "scan.h"
#include <errno.h>
#include <linux/mount.h>
#include <node/common/fd.h>
#include <node/common/memfd.h>
#include <node/common/message.h>
#include <node/common/role.h>
#include <sandbox/caps.h>
#include <sandbox/mount.h>
#include <sandbox/user_mode.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>

#define LIST_NOBODY 65534U
#define LIST_BYTES (8ULL << 30)
#define LIST_INODES 1000000ULL
#define LIST_WAIT_MS 600000

static int
fail(const char *what, int error)
{
	fprintf(stderr, "immure-imager: %s: %s\n", what,
	    strerror(error < 0 ? -error : error));
	return ROLE_EXIT_UNCONFINED;
}

/* A tmpfs that only this process and its children see, on a directory that
 * every system has and no toolchain lies in. */
static const char *
private_tmpfs(int *ret_error)
{
	static const char *const places[] = { "/mnt", "/media", "/srv",
		"/run" };

	if (unshare(CLONE_NEWNS) < 0) {
		*ret_error = errno;
		return NULL;
	}
	*ret_error = mount_private();
	for (size_t i = 0; i < 4 && *ret_error == 0; i++) {
		if (access(places[i], F_OK) < 0)
			continue;
		*ret_error = mount_tmpfs(places[i], LIST_BYTES, LIST_INODES,
		    0755, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
		return *ret_error == 0 ? places[i] : NULL;
	}
	return NULL;
}

static void
print_event(const struct msg *m)
{
	struct imsg_audit_event e;

	if (m->hdr.len != sizeof(e))
		return;
	memcpy(&e, m->body, sizeof(e));
	/* What is well is in the table. */
	if (e.level > LOG_WARNING)
		return;
	e.word[sizeof(e.word) - 1] = '\0';
	e.text[sizeof(e.text) - 1] = '\0';
	for (char *s = e.text; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
	fprintf(stderr, "immure-imager: %.47s: %s\n", e.word, e.text);
}

/* The table out of IMSG_IMAGE_READY: a buffer the caller owns. */
static void *
take_table(struct msg *m, uid_t owner, size_t *ret_len)
{
	struct imsg_image i;
	void *buf;

	if (m->hdr.len != sizeof(i) || m->nfds != 1)
		return NULL;
	memcpy(&i, m->body, sizeof(i));
	if (i.table_len > (16U << 20) ||
	    memfd_check(m->fds[0], i.table_len, owner) != MEMFD_OK)
		return NULL;
	buf = malloc((size_t)i.table_len);
	if (buf != NULL && pread(m->fds[0], buf, (size_t)i.table_len, 0) !=
	    (ssize_t)i.table_len) {
		free(buf);
		buf = NULL;
	}
	*ret_len = (size_t)i.table_len;
	return buf;
}

static void *
wait_table(int sock, uid_t owner, size_t *ret_len)
{
	static struct msg m;
	void *buf = NULL;

	while (buf == NULL && msg_recv_wait(sock, &m, LIST_WAIT_MS) == 1) {
		if (m.hdr.type == IMSG_AUDIT_EVENT)
			print_event(&m);
		else if (m.hdr.type == IMSG_IMAGE_READY)
			buf = take_table(&m, owner, ret_len);
		msg_done(&m);
	}
	return buf;
}

static int
print_table(const void *buf, size_t len, bool json, bool no_image)
{
	struct table t;
	int usable = 0;

	if (table_parse(&t, buf, len) < 0)
		return fail("the table of toolchains", EPROTO);
	for (uint32_t i = 0; i < t.nnames; i++)
		usable |= t.names[i].state == NAME_READY;
	if (!json)
		list_print_text(stdout, &t, no_image);
	else if (list_print_json(stdout, &t, no_image) < 0)
		return fail("JSON", ENOMEM);
	if (fflush(stdout) != 0)
		return fail("stdout", errno);
	return usable ? 0 : 1;
}

static void
become_scanner(const char *images, bool no_image, struct wish *wish, int sock)
{
	const struct scan s = { .images = images, .generation = 1,
		.no_image = no_image, .wish = wish };

	if (dup2(sock, ROLE_FD_MONITOR) < 0)
		_exit(ROLE_EXIT_SYSTEM);
	scan_main(&s);
}

/* Nobody in particular, without a right; in user mode there is one id. */
static int
give_up_root(void)
{
	const unsigned id = user_mode() ? 0 : LIST_NOBODY;
	int r = caps_become(id, id, 1, user_mode_groups_stay());

	return r < 0 ? r : caps_drop_all();
}

static int
enter_user_mode(void)
{
	const char *where;
	int r = user_mode_enter(&where);

	if (r < 0)
		fprintf(stderr, "immure-imager: cannot %s: %s: %s\n", where,
		    strerror(-r), user_mode_remedy("/proc"));
	return r;
}

int
list_main(bool json, bool no_image, struct wish *wish)
{
	uint32_t uid, gid;
	const char *images;
	void *buf;
	size_t len = 0;
	pid_t pid;
	int pair[2], r = 0;

	if (geteuid() != 0 && enter_user_mode() < 0)
		return ROLE_EXIT_UNCONFINED;
	role_ids(ROLE_IMAGER, &uid, &gid);
	images = private_tmpfs(&r);
	if (images == NULL)
		return fail("a private file system", r);
	r = msg_pair(pair);
	pid = r < 0 ? -1 : fork();
	if (pid < 0)
		return fail("fork", r < 0 ? r : errno);
	if (pid == 0)
		become_scanner(images, no_image, wish, pair[1]);
	(void)close(pair[1]);
	r = give_up_root();
	if (r < 0)
		return fail("giving up root", r);
	buf = wait_table(pair[0], uid, &len);
	(void)close(pair[0]);
	(void)waitpid(pid, NULL, 0);
	r = buf == NULL ? fail("the scan", EIO) :
	    print_table(buf, len, json, no_image);
	free(buf);
	return r;
}
