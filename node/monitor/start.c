/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each role is started, and who is connected to whom. */
#include "checked_place.h"
#include "job_memory.h"
#include "monitor.h"
#include "wishes.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
introduce(struct child *to, enum role role, struct child *c, int *ret)
{
	static uint64_t starts;
	const struct imsg_peer p = { .role = (uint32_t)role, .index = c->index,
		.generation = role == ROLE_EXECUTOR ? c->generation : 0,
		.serial = ++starts };
	int sv[2], r;

	r = msg_pair(sv);
	if (r < 0)
		return r;
	r = msg_send(to->sock, IMSG_PEER, 0, &p, sizeof(p), &sv[0], 1);
	(void)close(sv[0]);
	if (r < 0) {
		(void)close(sv[1]);
		return r;
	}
	c->serial = p.serial;
	*ret = sv[1];
	return 0;
}

void
settings_fill(const struct monitor *m, struct imsg_settings *s)
{
	*s = (struct imsg_settings){ .drip_ms = m->cl->drip_ms,
		.job_ms = m->cl->job_ms, .slots = m->cl->jobs,
		.wait_ms = m->cl->wait_ms, .slot_jobs = m->cl->slot_jobs,
		.limits = m->cl->limits };

	s->limits.memory = job_memory(m->cl, images_bytes(m));
}

int
settings_send(const struct monitor *m, const struct child *to, bool again)
{
	struct imsg_settings s;

	settings_fill(m, &s);
	s.again = again;
	return msg_send(to->sock, IMSG_SETTINGS, 0, &s, sizeof(s), NULL, 0);
}

int
aliases_send(const struct monitor *m, const struct child *to)
{
	struct alias_message a;
	unsigned i = 0;
	int r;

	do {
		memset(&a, 0, sizeof(a));
		a.index = i;
		a.count = m->cl->naliases;
		if (a.count > 0)
			a.alias = m->cl->aliases[i];
		r = msg_send(to->sock, IMSG_ALIAS, 0, &a, sizeof(a), NULL, 0);
	} while (r == 0 && ++i < m->cl->naliases);
	return r;
}

static int
start_auditor(struct monitor *m, struct child *c)
{
	static const char *const argv[] = { "immure-auditor", NULL };
	int r;

	m->sinks = 0;
	r = child_exec(m, c, "immure-auditor", argv, NULL, 0);
	if (r == 0)
		r = logs_send(m);
	if (r == 0)
		logs_catch_up(m);
	return r;
}

/* Broker and auditor speak to each other; the broker learns the images. */
int
start_broker_of(struct monitor *m, struct child *c,
    const struct imsg_image *im, int table)
{
	const struct imsg_peer auditor = { .role = ROLE_AUDITOR };
	static const char *const argv[] = { "immure-broker", NULL };
	cleanup_fd int end = -1;
	int r;

	r = introduce(&m->auditor, ROLE_BROKER, c, &end);
	if (r == 0)
		r = child_exec(m, c, "immure-broker", argv, NULL, 0);
	if (r == 0)
		r = msg_send(c->sock, IMSG_PEER, 0, &auditor, sizeof(auditor),
		    &end, 1);
	if (r == 0)
		r = msg_send(c->sock, IMSG_IMAGE, 0, im, sizeof(*im), &table,
		    1);
	return r;
}

static int
start_broker(struct monitor *m, struct child *c)
{
	const struct imsg_image im = { .generation = m->generation,
		.table_len = m->table_len };
	int r = start_broker_of(m, c, &im, m->table_fd);

	if (r == 0)
		r = aliases_send(m, c);
	if (r == 0 && m->meminfo_fd >= 0)
		r = msg_send(c->sock, IMSG_MEMINFO, 0, NULL, 0,
		    &m->meminfo_fd, 1);
	return r < 0 ? r : settings_send(m, c, false);
}

static int
start_front(struct monitor *m, struct child *c)
{
	static const char *const argv[] = { "immure-front", NULL };
	cleanup_fd int end = -1;
	int r = introduce(&m->broker, ROLE_FRONT, c, &end);

	if (r == 0)
		r = child_exec(m, c, "immure-front", argv, &end, 1);
	return r < 0 ? r : settings_send(m, c, false);
}

int
start_slot_of(struct monitor *m, struct child *c, struct child *broker,
    uint64_t of, int table)
{
	const char *argv[] = { "immure-spawner", "--slot", NULL,
		"--generation", NULL, "--images", images_dir(), "--limits",
		NULL, m->groups_fd >= 0 ? "--cell-groups" : NULL, NULL };
	char slot[16], generation[32], limits[LIMITS_WORD];
	cleanup_fd int end = -1;
	int fds[3], r;

	snprintf(slot, sizeof(slot), "%u", c->index);
	snprintf(generation, sizeof(generation), "%llu",
	    (unsigned long long)of);
	argv[2] = slot;
	argv[4] = generation;
	limits_print(&m->cl->limits, limits, sizeof(limits));
	argv[8] = limits;
	c->generation = of;
	r = introduce(broker, ROLE_EXECUTOR, c, &end);
	if (r < 0)
		return r;
	fds[0] = end;
	fds[1] = table;
	fds[2] = m->groups_fd;
	return child_exec(m, c, "immure-spawner", argv, fds,
	    m->groups_fd < 0 ? 2 : 3);
}

static int
start_imager(struct monitor *m, struct child *c)
{
	const char *argv[7 + WISHES_WORDS] = { "immure-imager", "--images",
		images_dir(), "--generation", NULL };
	const char *checked = checked_place();
	size_t argc = 5;
	char generation[32];
	int r;

	c->generation = m->next_generation++;
	r = images_mount(m, c->generation);
	if (r < 0)
		return r;
	snprintf(generation, sizeof(generation), "%llu",
	    (unsigned long long)c->generation);
	argv[4] = generation;
	if (checked != NULL) {
		argv[argc++] = "--checked";
		argv[argc++] = checked;
	}
	wishes_words(m->cl, argv, argc);
	return child_exec(m, c, "immure-imager", argv, NULL, 0);
}

static int
start_status(struct monitor *m, struct child *c)
{
	static const char *const argv[] = { "immure-status", NULL };
	cleanup_fd int end = -1;
	int r = introduce(&m->broker, ROLE_STATUS, c, &end);

	return r < 0 ? r : child_exec(m, c, "immure-status", argv, &end, 1);
}

int
start_role(struct monitor *m, struct child *c)
{
	switch (c->role) {
	case ROLE_AUDITOR:
		return start_auditor(m, c);
	case ROLE_BROKER:
		return start_broker(m, c);
	case ROLE_FRONT:
		return start_front(m, c);
	case ROLE_EXECUTOR:
		return start_slot_of(m, c, &m->broker, m->generation,
		    m->table_fd);
	case ROLE_IMAGER:
		return start_imager(m, c);
	case ROLE_STATUS:
		return start_status(m, c);
	case ROLE_MONITOR:
	case ROLE_COUNT:
	default:
		return -EINVAL;
	}
}
