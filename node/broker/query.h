/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The question for toolchains (node/wire/query.h), answered here. */
#ifndef IMMURE_BROKER_QUERY_H
#define IMMURE_BROKER_QUERY_H

#include <node/toolchain/table.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct broker;
struct job;

/* Is @j (its heads are parsed) the question, not a job? */
bool query_asked(const struct job *j);

/* Answer @j, record and free it.  It needs no slot and starts nothing. */
void query_answer(struct broker *b, struct job *j);

/*
 * The answer for @t on a node of @jobs slots, NUL-terminated, into @out of
 * @room bytes; its length, or 0 when there is no room.  Pure (query_text.c).
 */
size_t query_text(char *out, size_t room, const struct table *t,
    unsigned jobs);

#endif
