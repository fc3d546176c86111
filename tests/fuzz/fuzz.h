/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzz target shares: its entry, and a way to say what broke. */
#ifndef IMMURE_TESTS_FUZZ_H
#define IMMURE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input. */
#define MUST(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "fuzz_%s:%d: %s\n", __func__,          \
			    __LINE__, #cond);                                  \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
