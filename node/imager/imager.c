/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-imager: finds the host's compilers and makes the images that cells
 * run them from.
 *
 *   immure-imager --images DIR --generation G     started by the monitor
 *   immure-imager --list [--json] [--no-image]    for `immure toolchains`
 *
 * In the first form fd 3 is the monitor's socket and DIR/G an empty tmpfs.
 */
#include "list.h"
#include "scan.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <node/common/role.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 64

struct options {
	const char *images, *generation;
	bool list, json, no_image;
};

static int
usage(void)
{
	fprintf(stderr, "usage: immure-imager --list [--json] [--no-image]\n"
	    "       immure-imager --images DIR --generation G "
	    "(by immured only)\n");
	return EXIT_USAGE;
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
		default: return false;
		}
	}
	return optind == argc;
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
	struct options o = { .images = NULL };
	struct scan s = { .images = path, .watch = true };

	if (!parse(&o, argc, argv))
		return usage();
	if (o.list)
		return list_main(o.json, o.no_image);
	if (o.images == NULL || o.generation == NULL || o.images[0] != '/' ||
	    !parse_generation(o.generation, &s.generation))
		return usage();
	if (snprintf(path, sizeof(path), "%s/%s", o.images, o.generation) >=
	    (int)sizeof(path))
		return usage();
	scan_main(&s);
}
