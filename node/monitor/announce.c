/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service file (announce.h).  Pure. */
#include "announce.h"

#include <stdio.h>
#include <string.h>

#ifndef IMMURE_TRIPLE
#define IMMURE_TRIPLE "unknown"
#endif

static const char head[] =
    "<?xml version=\"1.0\" standalone='no'?>\n"
    "<!-- Written by immured while it serves; changes are lost. -->\n";

bool
announce_is_ours(const char *text, size_t len)
{
	return len >= sizeof(head) - 1 &&
	    memcmp(text, head, sizeof(head) - 1) == 0;
}

/* As the client makes it of what its own cc says: every other character than
 * a small letter or a digit is "-". */
static void
subtype(char *out, size_t room, const struct announcement *a)
{
	int n = snprintf(out, room, "%s--%s", a->cc_machine, a->cc_version);

	for (int i = 0; i < n && out[i] != '\0'; i++) {
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] - 'A' + 'a');
		else if (!(out[i] >= 'a' && out[i] <= 'z') &&
		    !(out[i] >= '0' && out[i] <= '9'))
			out[i] = '-';
	}
}

size_t
announce_write(char out[ANNOUNCE_MAX], const struct announcement *a)
{
	char sub[160], subs[256] = "", cc[320] = "";
	int n;

	if (a->cc_version[0] != '\0' && a->cc_machine[0] != '\0') {
		subtype(sub, sizeof(sub), a);
		snprintf(subs, sizeof(subs),
		    "    <subtype>_%s._sub._distcc._tcp</subtype>\n", sub);
		snprintf(cc, sizeof(cc),
		    "    <txt-record>cc_version=%.100s</txt-record>\n"
		    "    <txt-record>cc_machine=%.100s</txt-record>\n",
		    a->cc_version, a->cc_machine);
	}
	n = snprintf(out, ANNOUNCE_MAX,
	    "%s<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n"
	    "<service-group>\n"
	    "  <name replace-wildcards=\"yes\">distcc@%%h</name>\n"
	    "  <service>\n"
	    "    <type>_distcc._tcp</type>\n"
	    "%s"
	    "    <port>%u</port>\n"
	    "    <txt-record>txtvers=1</txt-record>\n"
	    "    <txt-record>cpus=%u</txt-record>\n"
	    "    <txt-record>jobs=%u</txt-record>\n"
	    "    <txt-record>distcc=" IMMURE_VERSION "</txt-record>\n"
	    "    <txt-record>gnuhost=" IMMURE_TRIPLE "</txt-record>\n"
	    "%s"
	    "  </service>\n"
	    "</service-group>\n",
	    head, subs, a->port, a->cpus, a->jobs, cc);
	return n > 0 && (unsigned)n < ANNOUNCE_MAX ? (size_t)n : 0;
}
