/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loaded: what firewall_loaded() says here, a number or what an errno means. */
#include <stdio.h>
#include <string.h>

#include "node/common/firewall_loaded.h"

int
main(void)
{
	int r = firewall_loaded();

	if (r < 0)
		(void)puts(strerror(-r));
	else
		(void)printf("%d\n", r);
	return 0;
}
