/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft(8), which parses rules and prints them in a form of its own. */
#include "firewall.h"
#include "run_program.h"

#include <errno.h>
#include <node/common/fd.h>
#include <node/common/firewall_loaded.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define NFT_MS	15000U
#define NFT_MAX (4U << 20) /* some thousand rules and elements */
#define ABSENT	127	   /* run_program.h */

/* Where nft is; PATH, which sudo may leave as a user has it, comes last. */
static const char *const places[] = { "/usr/sbin/nft", "/sbin/nft", "nft" };

static int
run(const char *const words[], enum run_stderr err, struct ran *ret)
{
	const char *argv[8];
	struct run r = {
		.argv = argv, .err = err, .timeout_ms = NFT_MS, .max = NFT_MAX
	};
	int e;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		argv[0] = places[i];
		for (size_t k = 0; k < 7; k++) {
			argv[k + 1] = words[k];
			if (words[k] == NULL)
				break;
		}
		e = run_program(&r, ret);
		if (e < 0)
			return e;
		if (!WIFEXITED(ret->status) ||
		    WEXITSTATUS(ret->status) != ABSENT)
			return ret->status == 0 ? 0 : 1;
		free(ret->out);
	}
	return -ENOENT;
}

int
firewall_nft_load(const char *rules)
{
	/* nft inherits it */
	cleanup_fd int fd = memfd_create("immure-firewall", 0);
	char path[40];
	const char *const words[] = { "-f", path, NULL };
	struct ran out;
	int r = fd < 0 ? -errno : fd_write_all(fd, rules, strlen(rules));

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = run(words, RUN_STDERR_OURS, &out);
	if (r >= 0)
		free(out.out);
	return r;
}

int
firewall_nft_list(char **ret)
{
	static const char *const words[] = { "-s", "list", "table", "inet",
		FIREWALL_TABLE, NULL };
	struct ran out;
	int r = run(words, RUN_STDERR_NONE, &out);

	if (r == 0)
		*ret = out.out;
	else if (r > 0)
		free(out.out);
	return r;
}
