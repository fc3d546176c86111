/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port_holder.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_STATE 0x0a /* include/net/tcp_states.h */

unsigned long
port_holder_inode(const char *line, uint16_t port)
{
	unsigned local, state;
	unsigned long inode;

	/* proc_pid_net(5): sl local:port remote:port st queues timer retries
	 * uid timeout inode … */
	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x "
	    "%*x:%*x %*x:%*x %*x %*u %*u %lu", &local, &state, &inode) != 3)
		return 0;
	return local == port && state == LISTEN_STATE ? inode : 0;
}

static unsigned long
find_inode(const char *list, uint16_t port)
{
	FILE *f = fopen(list, "re");
	unsigned long inode = 0;
	char line[512];

	while (f != NULL && inode == 0 && fgets(line, sizeof(line), f) != NULL)
		inode = port_holder_inode(line, port);
	if (f != NULL)
		(void)fclose(f);
	return inode;
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

pid_t
port_holder(uint16_t port, char *name, size_t room)
{
	unsigned long inode = find_inode("/proc/net/tcp", port);

	if (inode == 0)
		inode = find_inode("/proc/net/tcp6", port);
	return inode != 0 ? find_process(inode, name, room) : 0;
}
