/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket carries, as commands: ping, reload, drain.  Signals
 * do the last two as well (SIGHUP, SIGTERM); these say how it went.
 */
#include "cli.h"
#include "control_ask.h"

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char control_options[] =
    "  --socket FILE        the node whose job socket that is\n";

/* --socket alone.  -1, told on stderr, for anything else. */
static int
parse(int argc, char *argv[], const char **ret_socket)
{
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	int o;

	opterr = 0;
	*ret_socket = NULL;
	while ((o = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (o != 's') {
			cli_complain_option(o, argv[optind - 1],
			    "it takes a file", "try immure help");
			return -1;
		}
		*ret_socket = optarg;
	}
	if (optind == argc)
		return 0;
	cli_complain(argv[optind], "unknown argument", "try immure help");
	return -1;
}

/* 0, or an exit status. */
static int
open_node(struct control *c, int argc, char *argv[])
{
	const char *socket;

	if (parse(argc, argv, &socket) < 0)
		return CLI_EXIT_USAGE;
	return control_open(c, argv[0], socket) < 0 ? CLI_EXIT_FAILED : 0;
}

int
cmd_ping(int argc, char *argv[])
{
	struct control_pong p;
	struct control c;
	int r = open_node(&c, argc, argv);

	if (r != 0)
		return r;
	r = control_ask(&c, CONTROL_PING, &p, sizeof(p), CONTROL_WAIT_MS);
	if (r == 0)
		(void)printf("%s: pid %d, %s\n", c.path, (int)p.pid,
		    control_state_word(p.state));
	control_close(&c);
	if (r < 0)
		return CLI_EXIT_FAILED;
	return p.state == CONTROL_SERVING ? CLI_EXIT_OK : CLI_EXIT_MISSING;
}

int
cmd_reload(int argc, char *argv[])
{
	struct control_result a;
	struct control c;
	int r = open_node(&c, argc, argv);

	if (r != 0)
		return r;
	r = control_ask(&c, CONTROL_RELOAD, &a, sizeof(a), CONTROL_WAIT_MS);
	control_close(&c);
	if (r < 0)
		return CLI_EXIT_FAILED;
	a.text[sizeof(a.text) - 1] = '\0';
	if (a.error == 0) {
		(void)printf("%s: the settings were read again\n", c.path);
		return CLI_EXIT_OK;
	}
	cli_complain("reload", a.text, "the settings stay as they were");
	return CLI_EXIT_MISSING;
}

/* Until the node has closed the connection: its last act. */
static void
wait_for_end(const struct control *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	while (poll(&p, 1, -1) < 0 || (p.revents & (POLLHUP | POLLRDHUP)) == 0)
		continue;
}

int
cmd_drain(int argc, char *argv[])
{
	struct control_result a;
	struct control c;
	int r = open_node(&c, argc, argv);

	if (r != 0)
		return r;
	r = control_ask(&c, CONTROL_DRAIN, &a, sizeof(a), CONTROL_WAIT_MS);
	if (r == 0) {
		(void)printf("%s: takes nothing new; %u connections are open\n",
		    c.path, a.conns);
		(void)fflush(stdout);
		wait_for_end(&c);
		(void)printf("%s: has ended\n", c.path);
	}
	control_close(&c);
	return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}
