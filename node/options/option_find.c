/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Look-ups in the table.  Longest match wins, which is what gcc (opts-common.c,
 * find_opt()) and clang (OptTable::ParseOneArg) do: "-include-pch" is not
 * "-include" with a value.
 */
#include "option_row.h"
#include <stdbool.h>
#include <string.h>

const struct option_block option_blocks[OPTION_BLOCKS] = {
	{ option_rows_program, &option_rows_program_n },
	{ option_rows_input, &option_rows_input_n },
	{ option_rows_side, &option_rows_side_n },
	{ option_rows_job, &option_rows_job_n },
	{ option_rows_link, &option_rows_link_n },
};

static bool
row_matches(const struct option_row *row, const char *word, size_t len)
{
	if (strncmp(word, row->name, len) != 0)
		return false;
	if (row->match == MATCH_JOINED || row->match == MATCH_JOS)
		return true;
	return word[len] == '\0';
}

static const struct option_row *
find_in_block(const struct option_block *block, const char *word,
    unsigned family, size_t *best_len)
{
	const struct option_row *best = NULL;
	const struct option_row *row;
	size_t i, len;

	for (i = 0; i < *block->n; i++) {
		row = &block->rows[i];
		if ((row->families & family) == 0 || row->name[1] != word[1])
			continue;
		/* Most rows end here: a line may have thousands of words. */
		if (row->name[2] != '\0' && row->name[2] != word[2])
			continue;
		len = strlen(row->name);
		if (len <= *best_len || !row_matches(row, word, len))
			continue;
		best = row;
		*best_len = len;
	}
	return best;
}

const struct option_row *
option_find(const char *word, unsigned family, const char **value)
{
	const struct option_row *best = NULL;
	const struct option_row *row;
	size_t len = 0;
	size_t i;

	for (i = 0; i < OPTION_BLOCKS; i++) {
		row = find_in_block(&option_blocks[i], word, family, &len);
		if (row != NULL)
			best = row;
	}
	*value = NULL;
	if (best == NULL)
		return NULL;
	if (best->match == MATCH_JOINED ||
	    (best->match == MATCH_JOS && word[len] != '\0'))
		*value = word + len;
	return best;
}

const struct option_row *
option_find_name(const char *name, unsigned family)
{
	const struct option_block *block;
	const struct option_row *row;
	size_t i, k;

	for (i = 0; i < OPTION_BLOCKS; i++) {
		block = &option_blocks[i];
		for (k = 0; k < *block->n; k++) {
			row = &block->rows[k];
			if ((row->families & family) != 0 &&
			    strcmp(row->name, name) == 0)
				return row;
		}
	}
	return NULL;
}
