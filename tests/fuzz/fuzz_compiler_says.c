/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a compiler prints about itself, and what a script in its place holds. */
#include <node/toolchain/compiler_name.h>
#include <node/imager/compiler_says.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	static struct compiler_says s;
	const char *text = (const char *)buf;
	struct compiler_name n;
	char plain[512], line[160];

	(void)compiler_script_option(text, len);
	if (compiler_says_line(text, len, line, sizeof(line)) == 0) {
		(void)compiler_name_parse(&n, line);
		(void)compiler_name_is_wrapper(line);
	}
	compiler_says_error(text, len, line, sizeof(line));
	if (strlen(line) != strspn(line, " !\"#$%&'()*+,-./0123456789:;<=>?@"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"))
		abort();
	if (compiler_says_parse(&s, text, len) != 0)
		return 0;
	for (size_t i = 0; i < s.ndirs; i++) {
		if (path_plain(s.dirs[i], plain, sizeof(plain), NULL,
		        NULL) < 0)
			continue;
		if (plain[0] != '/' || strstr(plain, "//") != NULL ||
		    strstr(plain, "/../") != NULL)
			abort();
	}
	return 0;
}
