/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one question that immured answers besides jobs: which toolchains?  It
 * is a request like any other, so that distccd, asked the same, fails to find
 * such a compiler and nothing else happens.  `immure hosts` and `immure probe`
 * ask it; node/broker/query.c answers, as JSON on the compiler's stdout:
 *
 *   {"immured": VERSION, "jobs": SLOTS, "toolchains": [{"digest": HEX,
 *    "family": "gcc"|"clang", "target": TRIPLE, "version": VERSION,
 *    "pump": true|false, "names": [NAME, …]}, …]}
 */
#ifndef IMMURE_WIRE_QUERY_H
#define IMMURE_WIRE_QUERY_H

/* argv[0] of the question.  What else it says is not looked at. */
#define QUERY_TOOLCHAINS "immure-toolchains"

/* The answer is never longer: every name there can be fits. */
#define QUERY_ANSWER_MAX (256U * 1024U)

#endif
