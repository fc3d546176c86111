/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall_say.h"

#include "firewall_loaded.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *
firewall_say(int loaded, char *reason, size_t room)
{
	if (loaded == 0) {
		(void)snprintf(reason, room, "there is no table inet "
		    FIREWALL_TABLE " here whose chain " FIREWALL_CHAIN
		    " drops what it does not know");
		return "immure firewall --load, as root";
	}
	(void)snprintf(reason, room, "whether its rules are loaded cannot be "
	    "told: %s", strerror(-loaded));
	return loaded == -EPERM ? "ask as root, with CAP_NET_ADMIN" :
				  "see whether nft list ruleset works";
}
