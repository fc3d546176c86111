/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGHUP and `immure reload`: the settings are read again and, if all of them
 * are right, those that can be are applied, to new connections and new jobs.
 * No role is started again and no job is lost.  Reads the administrator's file, nothing foreign.
 */
#include "allow_names.h"
#include "monitor.h"
#include "../config/settings.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

static void
log_changed(struct monitor *m, const char *const *names, int n)
{
	char text[256] = "";
	size_t at = 0;

	for (int i = 0; i < n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    i > 0 ? ", " : "", names[i]);
	if (n > 0)
		monitor_log(m, LOG_WARNING, NULL, "settings.restart",
		    "changed, but not in force: %s; restart to change", text);
}

/* Fronts and the broker learn what concerns them; a full queue is tried again
 * by settings_due(). */
static void
tell(struct monitor *m)
{
	bool told = true;

	if (m->broker.sock >= 0)
		told = settings_send(m, &m->broker, false) == 0 &&
		    aliases_send(m, &m->broker) == 0;
	for (int i = 0; i < FRONTS; i++)
		if (m->fronts[i].sock >= 0)
			told = settings_send(m, &m->fronts[i], false) == 0 &&
			    told;
	m->settings_due = !told;
}

void
settings_due(struct monitor *m)
{
	if (m->settings_due)
		tell(m);
}

/* Put @next in place of what is in force; how many of @changed, -1 = nothing
 * is changed. */
static int
replace(struct monitor *m, struct cmdline *next,
    const char *changed[CMDLINE_SETTINGS_MAX])
{
	struct cmdline *last = m->cl;
	int n = settings_carry(next, last, changed, CMDLINE_SETTINGS_MAX);

	if (n < 0)
		return n;
	m->cl = next;
	cmdline_free(last);
	children_resize(m);
	groups_bound(m);
	clients_resume(m); /* limit-connections may be more now */
	return n;
}

/* A standard file need not be there; but one that was, and has gone, may be on
 * its way back from an editor: what is built in is more open than most. */
static bool
is_still_there(const struct monitor *m, const struct cmdline *next, char *err,
    size_t room)
{
	if (m->cl->config == NULL || next->config != NULL)
		return true;
	(void)snprintf(err, room, "%.300s: it was there when it was last read, "
	    "and is not now; put it back, or an empty one", m->cl->config);
	return false;
}

static int
read_again(struct monitor *m, char err[CMDLINE_ERROR_MAX])
{
	static struct cmdline other[2];
	struct cmdline *next = m->cl == &other[0] ? &other[1] : &other[0];
	const char *changed[CMDLINE_SETTINGS_MAX];
	int n = -1;

	snprintf(err, CMDLINE_ERROR_MAX, "out of memory");
	if (settings_load(next, m->from, err, CMDLINE_ERROR_MAX) == 0 &&
	    is_still_there(m, next, err, CMDLINE_ERROR_MAX) &&
	    allow_names_known(next, err, CMDLINE_ERROR_MAX) == 0)
		n = replace(m, next, changed);
	/* Also after a bad file: the logs may have been rotated. */
	(void)logs_send(m);
	if (n < 0) {
		monitor_log(m, LOG_ERR, NULL, "settings.bad",
		    "%s; the settings stay as they were", err);
		cmdline_free(next);
		return -EINVAL;
	}
	denied_counts(m); /* until here the limits were those of before */
	log_changed(m, changed, n);
	monitor_log(m, LOG_NOTICE, NULL, "settings.loaded",
	    "settings read again%s%.200s",
	    next->config != NULL ? " from " : "",
	    next->config != NULL ? next->config : "");
	if (m->serving)
		stderr_to_log(m); /* what libc may say, too */
	zeroconf_announce(m); /* --jobs is in it */
	tell(m);
	return 0;
}

int
reload(struct monitor *m, char err[CMDLINE_ERROR_MAX])
{
	const bool told = m->serving && !m->draining && !m->stopping;
	int r;

	if (told)
		notify_reloading();
	r = read_again(m, err);
	if (told)
		notify_serving(m);
	return r;
}
