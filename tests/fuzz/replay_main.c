/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main() of a fuzz target that only replays: each file named on the
 * command line is one input.  Needs no libFuzzer, so it is part of every check.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Allocated to the byte, so that ASan sees a read behind the end. */
static uint8_t *
read_whole(FILE *f, size_t *len)
{
	uint8_t *bytes = NULL;
	long n;

	if (fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0)
		return NULL;
	rewind(f);
	*len = (size_t)n;
	bytes = malloc(*len != 0 ? *len : 1);
	if (bytes != NULL && fread(bytes, 1, *len, f) != *len) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rbe");
	uint8_t *bytes;
	size_t len = 0;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	bytes = read_whole(f, &len);
	fclose(f);
	if (bytes == NULL) {
		perror(path);
		return -1;
	}
	LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	return 0;
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (replay(argv[i]) != 0)
			return 1;
	}
	return 0;
}
