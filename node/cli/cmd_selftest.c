/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure selftest: tries, against the node that runs, what it promises, with
 * cases that are safe while it serves.  The order: its processes as they are,
 * then a slot for a test program that breaks the rules, then what is left.
 */
#include "check_outside.h"
#include "cli.h"
#include "selftest.h"

#include <getopt.h>
#include <node/common/clock.h>
#include <node/common/fd.h>
#include <sandbox/probe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char selftest_options[] =
    "  --json               for programs\n"
    "  --socket FILE        the node whose job socket that is\n";

/* -- verdicts -- */

void
st_kept(struct selftest *s, unsigned row)
{
	s->rows[row].tried++;
}

static void
tell(struct st_row *r, const char *fmt, va_list ap)
{
	if (r->nhow < BROKEN_MAX)
		(void)vsnprintf(r->how[r->nhow++], BROKEN_TEXT, fmt, ap);
}

void
st_broken(struct selftest *s, unsigned row, const char *fmt, ...)
{
	va_list ap;

	s->rows[row].tried++;
	s->rows[row].broken++;
	va_start(ap, fmt);
	tell(&s->rows[row], fmt, ap);
	va_end(ap);
}

void
st_unknown(struct selftest *s, unsigned row, const char *fmt, ...)
{
	va_list ap;

	s->rows[row].unknown++;
	va_start(ap, fmt);
	tell(&s->rows[row], fmt, ap);
	va_end(ap);
}

static int
exit_status(const struct selftest *s)
{
	int status = CLI_EXIT_OK;

	for (unsigned i = 0; i < ROWS; i++) {
		if (s->rows[i].broken > 0)
			return CLI_EXIT_MISSING;
		if (s->rows[i].unknown > 0)
			status = CLI_EXIT_FAILED;
	}
	return status;
}

/* -- the node -- */

/* What every supported kernel has must be in force, and so must what this one
 * has: the node says what its jobs go without. */
static void
look_at_layers(struct selftest *s)
{
	uint64_t here = probe_expected();

	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if ((here & bit) == 0)
			continue;
		if ((s->node.layers & bit) != 0)
			st_kept(s, PROMISE_RUN);
		else if (i != LAYER_NO_GROUPS)
			st_broken(s, PROMISE_RUN, "layer %s is not in force",
			    layer_texts[i].name);
	}
}

/* A policy that has the monitor has all of them.  Where it has none of them it
 * is not in force, which is no promise broken. */
static void
look_at_walls(struct selftest *s)
{
	static struct check_outside o;
	char reason[BROKEN_TEXT - 40];

	check_outside(&o, s->node.pid);
	for (int lsm = 0; lsm < LSM_COUNT; lsm++) {
		if (o.there[lsm].verdict != LSM_IN_FORCE ||
		    o.outsiders[lsm] == o.seen)
			continue;
		if (o.outsiders[lsm] == 0) {
			st_kept(s, PROMISE_OUTSIDE);
			continue;
		}
		(void)lsm_say((enum lsm)lsm, &o.worst[lsm], reason,
		    sizeof(reason));
		st_broken(s, PROMISE_OUTSIDE, "%s (of %u such processes)",
		    reason, o.outsiders[lsm]);
	}
}

static int
meet_node(struct selftest *s, const char *socket)
{
	if (control_open(&s->control, "selftest", socket) < 0)
		return -1;
	if (control_ask(&s->control, CONTROL_CHECK, &s->node, sizeof(s->node),
	        CONTROL_WAIT_MS) < 0)
		return -1;
	s->node.version[sizeof(s->node.version) - 1] = '\0';
	if (s->node.state == CONTROL_SERVING)
		return 0;
	cli_complain("selftest: the node is", control_state_word(s->node.state),
	    "try again when it serves");
	return -1;
}

static void
run_all(struct selftest *s)
{
	st_try_compile(s);
	st_try_acts(s);
	st_try_limits(s);
	st_try_refusals(s);
	st_look_at_roles(s);
	look_at_walls(s);
	st_try_records(s);
}

static void
explain_rest(struct selftest *s)
{
	if (s->rows[PROMISE_OUTSIDE].tried == 0 &&
	    s->rows[PROMISE_OUTSIDE].broken == 0)
		(void)snprintf(s->rows[PROMISE_OUTSIDE].note, BROKEN_TEXT,
		    "neither SELinux nor AppArmor confines this node: see "
		    "immure check");
	(void)snprintf(s->rows[PROMISE_COST].note, BROKEN_TEXT,
	    "measured by make bench");
}

static int
test(struct selftest *s, const char *socket)
{
	int r;

	if (meet_node(s, socket) < 0)
		return CLI_EXIT_FAILED;
	look_at_layers(s);
	st_remember(s);
	st_progress(s, "an image and a slot for the test program");
	if (st_begin(s) < 0)
		return CLI_EXIT_FAILED;
	run_all(s);
	st_end(s);
	st_look_at_rest(s);
	explain_rest(s);
	if (!s->json)
		st_print(s);
	r = s->json && st_print_json(s) != 0;
	return r != 0 ? CLI_EXIT_FAILED : exit_status(s);
}

int
cmd_selftest(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	static struct selftest s = { .control = { .fd = -1 }, .records = -1 };
	const char *socket = NULL;
	int o, r;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (o == 'j') {
			s.json = true;
		} else if (o == 's') {
			socket = optarg;
		} else {
			cli_complain_option(o, argv[optind - 1],
			    "it takes a file", "try immure help selftest");
			return CLI_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		cli_complain(argv[optind], "unknown argument",
		    "try immure help selftest");
		return CLI_EXIT_USAGE;
	}
	s.progress = isatty(STDERR_FILENO) == 1;
	s.begin_us = now_us();
	r = test(&s, socket);
	control_close(&s.control);
	s.records = fd_close(s.records);
	free(s.recorded);
	return r;
}
