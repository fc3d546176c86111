/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of listen.c, socket.c and files.c of the monitor, in words. */
#include "config_default.h"

#include <grp.h>
#include <node/config/settings.h>
#include <node/relay/socket_path.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

static void
socket_place(char *out, size_t room)
{
	char own[SOCKET_PATH_MAX];

	if (geteuid() == 0)
		(void)snprintf(out, room, "%s", SOCKET_SYSTEM);
	else if (socket_own(own) == 0)
		(void)snprintf(out, room, "%s", own);
}

/* Root's socket is for a group, if there is that one. */
static void
socket_group(const struct cmdline *c, char *out, size_t room)
{
	if (geteuid() == 0 && !c->no_tcp && getgrnam(SOCKET_GROUP) != NULL)
		(void)snprintf(out, room, "%s", SOCKET_GROUP);
}

static void
file_owner(char *out, size_t room)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw != NULL)
		(void)snprintf(out, room, "%s", pw->pw_name);
}

void
config_default(const struct cmdline *c, const struct setting *s, char *out,
    size_t room)
{
	out[0] = '\0';
	if (strcmp(s->name, "listen") == 0 && !c->no_tcp)
		(void)snprintf(out, room, "0.0.0.0 ::");
	else if (strcmp(s->name, "socket") == 0)
		socket_place(out, room);
	else if (strcmp(s->name, "socket-group") == 0)
		socket_group(c, out, room);
	else if (strcmp(s->name, "user") == 0)
		file_owner(out, room);
}

void
config_service(const struct cmdline *c, char *out, size_t room)
{
	static const char *const files[] = { "/etc/default/distcc",
		"/etc/conf.d/distccd" };

	out[0] = '\0';
	if (geteuid() != 0 || c->config != NULL ||
	    access(SETTINGS_FILE, F_OK) == 0)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t at = strlen(out);

		if (access(files[i], R_OK) == 0)
			(void)snprintf(out + at, room - at, "%s%s",
			    at > 0 ? ", " : "", files[i]);
	}
}
