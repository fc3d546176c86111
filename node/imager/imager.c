/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-imager: finds the host's compilers and makes the images that cells
 * run them from.
 *
 *   immure-imager --images DIR --generation G     started by the monitor
 *   immure-imager --list [--json] [--no-image]    for `immure toolchains`
 *   immure-imager --images DIR --generation G --program   … for a selftest
 *
 * The first two take what the administrator wants beyond the usual search (wish.h):
 * --compiler FILE…, --cmdlist FILE with --cmdlist-words N, --sysroot DIR,
 * --insecure.
 *
 * In the last, fd 4 is a program, and the image is of it (program.h).  In the
 * first form --checked FILE is where self-checks are remembered
 * (checked.h), fd 3 is the monitor's socket and DIR/G an empty tmpfs.
 */
#include "list.h"
#include "program.h"
#include "scan.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <node/common/by_hand.h>
#include <node/common/role.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 64

struct options {
	const char *images, *generation, *checked;
	bool list, json, no_image, program;
	struct wish *wish;
};

static int
usage(void)
{
	fprintf(stderr, "usage: immure-imager --list [--json] [--no-image]\n"
	    "       immure-imager --images DIR --generation G "
	    "(by immured only)\n");
	return EXIT_USAGE;
}

/* 1 to TABLE_WORDS_MAX; 0 for anything else. */
static unsigned
words(const char *s)
{
	return s[0] >= '1' && s[0] <= '0' + TABLE_WORDS_MAX && s[1] == '\0' ?
	    (unsigned)(s[0] - '0') : 0;
}

static bool
parse(struct options *o, int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "images", required_argument, NULL, 'i' },
		{ "generation", required_argument, NULL, 'g' },
		{ "list", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "no-image", no_argument, NULL, 'n' },
		{ "compiler", required_argument, NULL, 'c' },
		{ "cmdlist", required_argument, NULL, 'm' },
		{ "cmdlist-words", required_argument, NULL, 'w' },
		{ "sysroot", required_argument, NULL, 's' },
		{ "insecure", no_argument, NULL, 'x' },
		{ "program", no_argument, NULL, 'p' },
		{ "checked", required_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'i': o->images = optarg; break;
		case 'g': o->generation = optarg; break;
		case 'l': o->list = true; break;
		case 'j': o->json = true; break;
		case 'n': o->no_image = true; break;
		case 'p': o->program = true; break;
		case 'c': (void)wish_add(o->wish, optarg); break;
		case 'm': o->wish->cmdlist = optarg; break;
		case 'w': o->wish->words = words(optarg); break;
		case 's': o->wish->sysroot = optarg; break;
		case 'k': o->checked = optarg; break;
		case 'x': o->wish->insecure = true; break;
		default: return false;
		}
	}
	return optind == argc &&
	    (o->wish->cmdlist != NULL) == (o->wish->words > 0);
}

static bool
parse_generation(const char *s, uint64_t *ret)
{
	char *end;

	if (*s < '1' || *s > '9')
		return false;
	errno = 0;
	*ret = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0';
}

int
main(int argc, char *argv[])
{
	static char path[PATH_MAX];
	static struct wish wish;
	struct options o = { .wish = &wish };
	struct scan s = { .images = path, .watch = true, .wish = &wish };

	if (argc < 2 || strcmp(argv[1], "--list") != 0)
		by_hand(argc, argv, "finds and copies toolchains");
	if (!parse(&o, argc, argv))
		return usage();
	if (o.list)
		return list_main(o.json, o.no_image, &wish);
	if (o.images == NULL || o.generation == NULL || o.images[0] != '/' ||
	    !parse_generation(o.generation, &s.generation))
		return usage();
	if (snprintf(path, sizeof(path), "%s/%s", o.images, o.generation) >=
	    (int)sizeof(path))
		return usage();
	if (o.program)
		program_main(path, s.generation);
	s.checked = o.checked;
	scan_main(&s);
}
