/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of immure explain.  What is told are pointers into the words of the
 * command line and into constants; texts for people are copies.
 */
#ifndef IMMURE_EXPLAIN_H
#define IMMURE_EXPLAIN_H

#include <jansson.h>
#include <node/options/options.h>
#include <stdbool.h>

struct explain {
	struct options_request req;
	struct options_decision d; /* owned: options_done() */
	json_t *steps; /* owned: an array as the verdict has it, or NULL */
	bool json;
};

/*
 * Whose options the compiler called @word takes: by its name, and for cc and
 * its kind by what stands behind that name in PATH.  False: it names neither.
 */
bool explain_family(const char *word, enum toolchain_family *family);

/* For req.step, of a struct explain: a line on stdout; an object in steps. */
void explain_print_step(void *ctx, const struct options_step *step);
void explain_json_step(void *ctx, const struct options_step *step);

/* The verdict on the line as a whole.  0, or -1 when it cannot be written. */
int explain_print(const struct explain *e);
int explain_json(struct explain *e);

#endif
