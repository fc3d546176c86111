/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: the text of a configuration file. */
#include "fuzz.h"

#include <node/config/config_text.h>
#include <node/config/setting.h>
#include <string.h>

static void
check_settings(const struct cmdline *c)
{
	static char shown[16384];

	MUST(c->port != 0 && c->jobs >= 1 && c->jobs <= LIMIT_SLOTS);
	MUST(c->job_ms != 0 && c->acl.n <= LIMIT_ACL_RULES);
	MUST(c->naliases <= LIMIT_ALIASES && c->nlisten <= LIMIT_LISTEN);
	for (unsigned i = 0; i < c->naliases; i++) {
		const struct alias *a = &c->aliases[i];

		MUST(a->name[0] != '\0' && strchr(a->name, '/') == NULL);
		MUST(a->target[0] != '\0' && strchr(a->target, '/') == NULL);
		MUST(strnlen(a->name, sizeof(a->name)) < sizeof(a->name));
	}
	MUST(c->firewall.admins.n <= LIMIT_ACL_RULES);
	MUST(c->firewall.log.n <= FIREWALL_HOSTS);
	MUST(!c->firewall.no_admin || c->firewall.admins.n == 0);
	for (int i = 0; firewall_key_name(i) != NULL; i++) {
		firewall_show(&c->firewall, i, shown, sizeof(shown));
		MUST(strlen(shown) < sizeof(shown) - 1);
	}
	for (unsigned i = 0; i < settings_count; i++) {
		setting_show(c, &settings[i], shown, sizeof(shown));
		MUST(strlen(shown) < sizeof(shown));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct cmdline c;
	char err[CMDLINE_ERROR_MAX] = "";
	int r;

	cmdline_defaults(&c);
	r = config_text(&c, "f", (const char *)bytes, len, err, sizeof(err));
	MUST(r == 0 || (r == CMDLINE_EXIT_USAGE && err[0] != '\0'));
	if (r == 0)
		check_settings(&c);
	cmdline_free(&c);
	return 0;
}
