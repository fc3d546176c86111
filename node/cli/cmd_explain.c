/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure explain: the verdict on a command line, option by option.  The very
 * code that decides in the broker is asked, so there is nothing here that could
 * say otherwise; no compiler runs and no node is needed.
 */
#include "cli.h"
#include "explain.h"

#include <stdio.h>
#include <string.h>

const char explain_options[] =
    "  --family gcc|clang   whose options they are, if the name does not say\n"
    "  --json               the answer as one object\n"
    "  --pump               as a job of pump mode (,cpp) is decided\n";

#define USAGE "immure explain [--json] [--pump] [--family gcc|clang] " \
	"-- gcc -O2 -c file.c"

static bool
take_family(const char *word, enum toolchain_family *family)
{
	if (strcmp(word, "gcc") == 0)
		*family = FAMILY_GCC;
	else if (strcmp(word, "clang") == 0)
		*family = FAMILY_CLANG;
	else
		return false;
	return true;
}

/* Our own words; the compiler's follow, behind "--" or as soon as a word is no
 * option.  0, or an exit status. */
static int
parse(int argc, char *argv[], struct explain *e)
{
	struct options_request *req = &e->req;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0 &&
	    argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			e->json = true;
		} else if (strcmp(argv[i], "--pump") == 0) {
			req->proto = 3;
		} else if (strcmp(argv[i], "--family") == 0 && i + 1 < argc &&
		    take_family(argv[i + 1], &req->family)) {
			i++;
		} else {
			cli_complain(argv[i], "unknown option, or its value is "
			    "missing or wrong",
			    USAGE);
			return CLI_EXIT_USAGE;
		}
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc) {
		cli_complain("explain", "no command line", USAGE);
		return CLI_EXIT_USAGE;
	}
	req->argv = (const char *const *)&argv[i];
	req->argc = (unsigned)(argc - i);
	return CLI_EXIT_OK;
}

int
cmd_explain(int argc, char *argv[])
{
	static struct explain e = { .req = { .proto = 1, .extra = "" } };
	int r = parse(argc, argv, &e);

	if (r != CLI_EXIT_OK)
		return r;
	if (e.req.family == 0 &&
	    !explain_family(e.req.argv[0], &e.req.family)) {
		cli_complain(e.req.argv[0], "cannot tell whose options it takes",
		    "is it a compiler? then say --family gcc or --family clang");
		return CLI_EXIT_USAGE;
	}
	e.req.argv0 = e.req.argv[0];
	e.req.step = e.json ? explain_json_step : explain_print_step;
	e.req.step_ctx = &e;
	e.steps = e.json ? json_array() : NULL;
	if (options_decide(&e.d, &e.req) != 0) {
		json_decref(e.steps);
		cli_complain("explain", "out of memory", NULL);
		return CLI_EXIT_FAILED;
	}
	r = e.json ? explain_json(&e) : explain_print(&e);
	if (r == 0)
		r = e.d.reason == NULL ? CLI_EXIT_OK : CLI_EXIT_MISSING;
	else
		r = CLI_EXIT_FAILED;
	json_decref(e.steps);
	options_done(&e.d);
	return r;
}
