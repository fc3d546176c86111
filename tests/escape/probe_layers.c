/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe_layers quick|full|beneath: the layers found broken, a name a line. */
#include <sandbox/probe.h>

#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	const char *which = argc > 1 ? argv[1] : "";
	uint64_t broken;

	if (strcmp(which, "quick") == 0)
		broken = probe_quick(UINT64_MAX);
	else if (strcmp(which, "full") == 0)
		broken = probe_full(UINT64_MAX);
	else if (strcmp(which, "beneath") == 0)
		broken = probe_beneath(UINT64_MAX);
	else
		return 2;
	for (int i = 0; i < LAYER_COUNT; i++) {
		if ((broken & UINT64_C(1) << i) != 0)
			puts(layer_texts[i].name);
	}
	return broken != 0;
}
