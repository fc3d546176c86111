/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may go past the driver to the assembler (-Wa, -Xassembler), to
 * clang -cc1 (-Xclang) and to LLVM (-mllvm): allow-lists, since each of them
 * has options that read, write or load files, and gas takes unambiguous
 * abbreviations of any long one (getopt_long_only(3)).
 */
#include "option_row.h"
#include <string.h>

struct inner {
	const char *name;
	uint8_t match; /* MATCH_JOINED: what is joined holds no '/' */
	uint8_t next;  /* MATCH_SEP: enum option_next */
};

/* clang-format off */
static const struct inner assembler[] = {
	{ "--noexecstack", MATCH_EXACT, 0 },
	{ "--execstack", MATCH_EXACT, 0 },
	{ "--compress-debug-sections", MATCH_EXACT, 0 },
	{ "--compress-debug-sections=", MATCH_JOINED, 0 },
	{ "--nocompress-debug-sections", MATCH_EXACT, 0 },
	{ "-g", MATCH_EXACT, 0 },
	{ "-gdwarf", MATCH_JOINED, 0 },
	{ "--gdwarf", MATCH_JOINED, 0 },
	{ "--gen-debug", MATCH_EXACT, 0 },
	{ "-m", MATCH_JOINED, 0 },
	{ "--divide", MATCH_EXACT, 0 },
	{ "--fatal-warnings", MATCH_EXACT, 0 },
	{ "-W", MATCH_EXACT, 0 },
	{ "--no-warn", MATCH_EXACT, 0 },
	{ "--warn", MATCH_EXACT, 0 },
	{ "--defsym", MATCH_SEP, NEXT_VALUE },
	{ "-defsym", MATCH_SEP, NEXT_VALUE },
	{ "--debug-prefix-map", MATCH_SEP, NEXT_VALUE },
	{ "--generate-missing-build-notes=", MATCH_JOINED, 0 },
	{ "--elf-stt-common=", MATCH_JOINED, 0 },
	{ "--sectname-subst", MATCH_EXACT, 0 },
	{ "--size-check=", MATCH_JOINED, 0 },
	{ "--no-pad-sections", MATCH_EXACT, 0 },
	{ "--reduce-memory-overheads", MATCH_EXACT, 0 },
	{ "-K", MATCH_EXACT, 0 },
	{ "-L", MATCH_EXACT, 0 },
	{ "--keep-locals", MATCH_EXACT, 0 },
	{ "--strip-local-absolute", MATCH_EXACT, 0 },
	{ "-Qy", MATCH_EXACT, 0 },
	{ "-Qn", MATCH_EXACT, 0 },
	{ "-EB", MATCH_EXACT, 0 },
	{ "-EL", MATCH_EXACT, 0 },
	{ "--64", MATCH_EXACT, 0 },
	{ "--32", MATCH_EXACT, 0 },
	{ "--x32", MATCH_EXACT, 0 },
};

static const struct inner cc1[] = {
	{ "-fno-pch-timestamp", MATCH_EXACT, 0 },
	{ "-disable-O0-optnone", MATCH_EXACT, 0 },
	{ "-disable-llvm-passes", MATCH_EXACT, 0 },
	{ "-disable-llvm-optzns", MATCH_EXACT, 0 },
	{ "-disable-lifetime-markers", MATCH_EXACT, 0 },
	{ "-fdebug-compilation-dir", MATCH_SEP, NEXT_VALUE },
	{ "-fcoverage-compilation-dir", MATCH_SEP, NEXT_VALUE },
	{ "-target-feature", MATCH_SEP, NEXT_VALUE },
	{ "-debug-info-kind=", MATCH_JOINED, 0 },
	{ "-fallow-half-arguments-and-returns", MATCH_EXACT, 0 },
	{ "-fexperimental-", MATCH_JOINED, 0 },
	{ "-ffp-contract=", MATCH_JOINED, 0 },
	{ "-fopenmp", MATCH_EXACT, 0 },
	{ "-fvisibility", MATCH_JOINED, 0 },
	{ "-std=", MATCH_JOINED, 0 },
	{ "-W", MATCH_JOINED, 0 },
	{ "-no-opaque-pointers", MATCH_EXACT, 0 },
	{ "-opaque-pointers", MATCH_EXACT, 0 },
	{ "-relaxed-aliasing", MATCH_EXACT, 0 },
	{ "-vectorize-loops", MATCH_EXACT, 0 },
	{ "-vectorize-slp", MATCH_EXACT, 0 },
	{ "-mllvm", MATCH_SEP, NEXT_LLVM },
};

static const struct inner llvm[] = {
	{ "-asan-", MATCH_JOINED, 0 },
	{ "-hwasan-", MATCH_JOINED, 0 },
	{ "-msan-", MATCH_JOINED, 0 },
	{ "-tsan-", MATCH_JOINED, 0 },
	{ "-sanitizer-coverage-", MATCH_JOINED, 0 },
	{ "-inline-threshold=", MATCH_JOINED, 0 },
	{ "-inlinehint-threshold=", MATCH_JOINED, 0 },
	{ "-inlinecold-threshold=", MATCH_JOINED, 0 },
	{ "-instcombine-", MATCH_JOINED, 0 },
	{ "-unroll-", MATCH_JOINED, 0 },
	{ "-force-vector-", MATCH_JOINED, 0 },
	{ "-vectorize-", MATCH_JOINED, 0 },
	{ "-slp-", MATCH_JOINED, 0 },
	{ "-simplifycfg-", MATCH_JOINED, 0 },
	{ "-hot-cold-split=", MATCH_JOINED, 0 },
	{ "-disable-binop-extract-shuffle", MATCH_EXACT, 0 },
	{ "-enable-npm-optnone", MATCH_JOINED, 0 },
	{ "-generate-type-units", MATCH_EXACT, 0 },
	{ "-align-all-", MATCH_JOINED, 0 },
	{ "-stack-alignment=", MATCH_JOINED, 0 },
	{ "-x86-asm-syntax=", MATCH_JOINED, 0 },
	{ "-x86-branches-within-32B-boundaries", MATCH_EXACT, 0 },
	{ "-arm-", MATCH_JOINED, 0 },
	{ "-aarch64-", MATCH_JOINED, 0 },
};
/* clang-format on */

static int
listed(const struct inner *list, size_t n, const char *word,
    enum option_next *next)
{
	size_t i, len;

	if (word[0] != '-')
		return 0;
	for (i = 0; i < n; i++) {
		if (list[i].name[1] != word[1])
			continue;
		len = strlen(list[i].name);
		if (strncmp(word, list[i].name, len) != 0)
			continue;
		if (list[i].match == MATCH_JOINED)
			return strchr(word, '/') == NULL;
		if (word[len] != '\0')
			continue;
		*next = (enum option_next)list[i].next;
		return 1;
	}
	return 0;
}

int
option_assembler_ok(const char *word, enum option_next *next)
{
	enum option_next was = *next;

	*next = NEXT_ANY;
	if (word[0] == '@') /* as(1): options from a file, wherever it stands */
		return 0;
	if (was == NEXT_VALUE)
		return 1;
	return listed(assembler, sizeof(assembler) / sizeof(assembler[0]),
	    word, next);
}

int
option_assembler_list_ok(const char *list, enum option_next *next)
{
	char word[256];
	size_t len;

	for (;;) {
		len = strcspn(list, ",");
		if (len >= sizeof(word))
			return 0;
		memcpy(word, list, len);
		word[len] = '\0';
		if (!option_assembler_ok(word, next))
			return 0;
		if (list[len] == '\0')
			return 1;
		list += len + 1;
	}
}

int
option_llvm_ok(const char *word)
{
	enum option_next next = NEXT_ANY;

	return listed(llvm, sizeof(llvm) / sizeof(llvm[0]), word, &next);
}

int
option_cc1_ok(const char *word, enum option_next *next)
{
	enum option_next was = *next;

	*next = NEXT_ANY;
	if (was == NEXT_VALUE)
		return 1;
	if (was == NEXT_LLVM)
		return option_llvm_ok(word);
	return listed(cc1, sizeof(cc1) / sizeof(cc1[0]), word, next);
}
