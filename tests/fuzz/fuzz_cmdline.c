/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: the words of a command line, each ended by a NUL. */
#include <node/monitor/cmdline.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define WORDS_MAX 64

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *argv[WORDS_MAX], *words, err[CMDLINE_ERROR_MAX];
	struct cmdline c;
	int argc = 1, r;

	words = malloc(len + 1);
	if (words == NULL)
		return 0;
	memcpy(words, bytes, len);
	words[len] = '\0';
	argv[0] = words + len;
	for (size_t at = 0; at < len && argc < WORDS_MAX;
	     at += strlen(words + at) + 1)
		argv[argc++] = words + at;
	err[0] = '\0';
	r = cmdline_parse(&c, argc, argv, err, sizeof(err));
	if (r == 0 && (c.port == 0 || c.jobs == 0 || c.job_ms == 0))
		abort();
	if (r == 0 && c.action == CMDLINE_RUN && c.acl.n == 0 &&
	    c.nallow_names == 0)
		abort();
	if (r != 0 && (r != CMDLINE_EXIT_USAGE || err[0] == '\0'))
		abort();
	if (r == 0 && c.action != CMDLINE_RUN && c.action != CMDLINE_CHECK) {
		FILE *out = fmemopen(NULL, 8192, "w");

		if (out == NULL)
			abort();
		cmdline_print_help(out);
		cmdline_print_version(out, NULL);
		(void)fclose(out);
	}
	cmdline_free(&c);
	free(words);
	return 0;
}
