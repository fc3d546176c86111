/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port_holder.h"

#include <dirent.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_STATE 0x0a /* include/net/tcp_states.h */

struct place { /* IPv4 as ::ffff:a.b.c.d */
	struct in6_addr addr;
	unsigned port;
};

static void
map_v4(struct in6_addr *to, uint32_t v4)
{
	memset(to, 0, sizeof(*to));
	to->s6_addr[10] = to->s6_addr[11] = 0xff;
	memcpy(&to->s6_addr[12], &v4, sizeof(v4));
}

static void
place_of(const struct sockaddr *a, struct place *p)
{
	const struct sockaddr_in *four = (const void *)a;
	const struct sockaddr_in6 *six = (const void *)a;

	if (a->sa_family == AF_INET6) {
		p->addr = six->sin6_addr;
		p->port = ntohs(six->sin6_port);
	} else {
		map_v4(&p->addr, four->sin_addr.s_addr);
		p->port = ntohs(four->sin_port);
	}
}

/* "0100007F", or four such: the bytes as they lie, 32 bits at a time. */
static bool
read_address(const char *hex, struct in6_addr *ret)
{
	uint32_t w[4];

	if (strlen(hex) == 8 && sscanf(hex, "%8x", &w[0]) == 1)
		map_v4(ret, w[0]);
	else if (strlen(hex) == 32 && sscanf(hex, "%8x%8x%8x%8x", &w[0], &w[1],
	        &w[2], &w[3]) == 4)
		memcpy(ret, w, sizeof(*ret));
	else
		return false;
	return true;
}

static bool
is_wildcard(const struct in6_addr *a)
{
	static const uint8_t any4[16] = { [10] = 0xff, [11] = 0xff };

	return IN6_IS_ADDR_UNSPECIFIED(a) || memcmp(a, any4, 16) == 0;
}

/* Can not both be listened on? */
static bool
collide(const struct in6_addr *there, const struct in6_addr *wanted)
{
	bool four = IN6_IS_ADDR_V4MAPPED(there);

	if (memcmp(there, wanted, sizeof(*there)) == 0 ||
	    IN6_IS_ADDR_UNSPECIFIED(there))
		return true;
	return four == (bool)IN6_IS_ADDR_V4MAPPED(wanted) &&
	    (is_wildcard(there) || is_wildcard(wanted));
}

bool
port_holder_line(const char *line, const struct sockaddr *a,
    unsigned long *inode, uid_t *uid)
{
	struct place there, wanted;
	unsigned state;
	char hex[33];

	/* proc_pid_net(5): sl local:port remote:port st queues timer retries
	 * uid timeout inode … */
	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x "
	    "%*x:%*x %*x:%*x %*x %u %*u %lu", hex, &there.port, &state, uid,
	    inode) != 5 || !read_address(hex, &there.addr))
		return false;
	place_of(a, &wanted);
	return there.port == wanted.port && state == LISTEN_STATE &&
	    collide(&there.addr, &wanted.addr);
}

static bool
find_socket(const char *list, const struct sockaddr *a, unsigned long *inode,
    uid_t *uid)
{
	FILE *f = fopen(list, "re");
	bool found = false;
	char line[512];

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = port_holder_line(line, a, inode, uid);
	if (f != NULL)
		(void)fclose(f);
	return found;
}

/* Has process @pid a descriptor of that socket? */
static bool
has_socket(const char *pid, unsigned long inode)
{
	char dir[64], path[96], want[40], link[40];
	const struct dirent *e;
	bool found = false;
	ssize_t n;
	DIR *d;

	(void)snprintf(want, sizeof(want), "socket:[%lu]", inode);
	(void)snprintf(dir, sizeof(dir), "/proc/%.20s/fd", pid);
	d = opendir(dir);
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%.20s", dir, e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, want) == 0;
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

static void
read_name(const char *pid, char *name, size_t room)
{
	char path[64];
	FILE *f;

	(void)snprintf(name, room, "?");
	(void)snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(name, (int)room, f) == NULL)
		(void)snprintf(name, room, "?");
	(void)fclose(f);
	name[strcspn(name, "\n")] = '\0';
	/* It is the process's own choice (prctl(2), PR_SET_NAME). */
	for (char *c = name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static pid_t
find_process(unsigned long inode, char *name, size_t room)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	pid_t pid = 0;

	while (d != NULL && pid == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    !has_socket(e->d_name, inode))
			continue;
		read_name(e->d_name, name, room);
		pid = (pid_t)strtol(e->d_name, NULL, 10);
	}
	if (d != NULL)
		(void)closedir(d);
	return pid;
}

bool
port_holder(const struct sockaddr *a, struct port_holder *ret)
{
	unsigned long inode;

	if (!find_socket("/proc/net/tcp", a, &inode, &ret->uid) &&
	    !find_socket("/proc/net/tcp6", a, &inode, &ret->uid))
		return false;
	ret->pid = find_process(inode, ret->name, sizeof(ret->name));
	return true;
}
