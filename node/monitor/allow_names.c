/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "allow_names.h"
#include "look_up.h"

#include <errno.h>
#include <netdb.h>
#include <node/common/peer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What was found: an entry an address. */
static struct {
	char *name; /* owned, for good */
	struct peer at;
} found[LIMIT_ACL_RULES];
static unsigned nfound;

static bool
is_known(const char *name)
{
	for (unsigned i = 0; i < nfound; i++)
		if (strcmp(found[i].name, name) == 0)
			return true;
	return false;
}

static int
remember(const char *name, const struct sockaddr_storage *at)
{
	struct peer p;

	if (peer_from_sockaddr(&p, (const void *)at,
	        look_up_length(at->ss_family)) < 0)
		return 0;
	if (nfound == LIMIT_ACL_RULES)
		return -E2BIG;
	found[nfound].name = strdup(name);
	if (found[nfound].name == NULL)
		return -ENOMEM;
	found[nfound++].at = p;
	return 0;
}

static int
find(const char *name, char *err, size_t errlen)
{
	static struct look_up l;
	int r = look_up(&l, name, 0, LOOK_UP_S);

	if (r != 0) {
		(void)snprintf(err, errlen, "--allow: \"%.80s\": %s; give a "
		    "host that can be looked up now, or its address", name,
		    gai_strerror(r));
		return -1;
	}
	for (unsigned i = 0; i < l.n && r == 0; i++)
		r = remember(name, &l.at[i]);
	if (r < 0)
		(void)snprintf(err, errlen, "--allow: \"%.80s\": %s; give a "
		    "network instead", name, strerror(-r));
	return r < 0 ? -1 : 0;
}

static int
add(struct cmdline *cl, const char *name, char *err, size_t errlen)
{
	for (unsigned i = 0; i < nfound; i++) {
		if (strcmp(found[i].name, name) != 0 ||
		    acl_add_peer(&cl->acl, &found[i].at) == ACL_OK)
			continue;
		(void)snprintf(err, errlen, "--allow: \"%.80s\": too many "
		    "rules with its addresses; join some", name);
		return -1;
	}
	return 0;
}

int
allow_names_look_up(struct cmdline *cl, char *err, size_t errlen)
{
	int r = 0;

	for (unsigned i = 0; i < cl->nallow_names && r == 0; i++)
		if (!is_known(cl->allow_names[i]))
			r = find(cl->allow_names[i], err, errlen);
	return r < 0 ? r : allow_names_known(cl, err, errlen);
}

int
allow_names_known(struct cmdline *cl, char *err, size_t errlen)
{
	int r = 0;

	for (unsigned i = 0; i < cl->nallow_names && r == 0; i++) {
		if (is_known(cl->allow_names[i])) {
			r = add(cl, cl->allow_names[i], err, errlen);
			continue;
		}
		(void)snprintf(err, errlen, "--allow: \"%.80s\": names are "
		    "looked up at the start alone; restart, or give its "
		    "address", cl->allow_names[i]);
		r = -1;
	}
	return r;
}
