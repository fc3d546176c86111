/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon_settings.h"
#include "cli.h"

#include <node/config/settings.h>
#include <stdlib.h>
#include <unistd.h>

/* The words that immured would be started with, in *ret (owned). */
static int
daemon_words(const char *file, int argc, char *argv[], char ***ret)
{
	static char name[] = "immured", config[] = "--config";
	char **words = calloc((size_t)argc + 4, sizeof(*words));
	int n = 0;

	if (words == NULL)
		return 0;
	words[n++] = name;
	if (file != NULL) {
		words[n++] = config;
		words[n++] = (char *)(uintptr_t)file;
	}
	for (int i = 0; i < argc; i++)
		words[n++] = argv[i];
	*ret = words;
	return n;
}

int
daemon_settings(struct cmdline *c, const char *file, int argc, char *argv[])
{
	struct settings_sources from = { .cwd = "/" };
	char err[CMDLINE_ERROR_MAX], **words = NULL, *cwd;
	char standard[LIMIT_PATH + 1];
	int r;

	cwd = getcwd(NULL, 0);
	if (cwd != NULL)
		from.cwd = cwd;
	from.argc = daemon_words(file, argc, argv, &words);
	from.argv = words;
	settings_default_file(standard, sizeof(standard));
	from.standard = standard;
	r = settings_load(c, &from, err, sizeof(err));
	if (r != 0)
		(void)fprintf(stderr, "immure: %s\n", err);
	free(words);
	free(cwd);
	return r != 0 ? CLI_EXIT_MISSING : CLI_EXIT_OK;
}
