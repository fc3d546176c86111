/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe_layers quick|full|beneath: the layers found broken, a name a line. */
#include <sandbox/probe.h>

#include <stdio.h>
#include <string.h>

/* The listener that this one is heard by is a node's. */
#define ASKED (~(UINT64_C(1) << LAYER_TRIP))

int
main(int argc, char **argv)
{
	const char *which = argc > 1 ? argv[1] : "";
	uint64_t broken;

	if (strcmp(which, "quick") == 0)
		broken = probe_quick(ASKED);
	else if (strcmp(which, "full") == 0)
		broken = probe_full(ASKED);
	else if (strcmp(which, "beneath") == 0)
		broken = probe_beneath(ASKED);
	else
		return 2;
	for (int i = 0; i < LAYER_COUNT; i++) {
		if ((broken & UINT64_C(1) << i) != 0)
			puts(layer_texts[i].name);
	}
	return broken != 0;
}
