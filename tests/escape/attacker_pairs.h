/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two jobs that seek each other: an act of attacker.c, in attacker_pairs.c. */
#ifndef TESTS_ESCAPE_ATTACKER_PAIRS_H
#define TESTS_ESCAPE_ATTACKER_PAIRS_H

/*
 * @words: "ROLE START BIT BITS PATH OUT CHANNEL..."
 *
 * ROLE is send or recv.  Channel by channel, each in a child of its own, the
 * sender acts for a bit at START + n * BIT (nanoseconds of CLOCK_MONOTONIC),
 * and the receiver looks.  BITS is a string of 0 and 1 that the receiver does
 * not read; PATH a file that both may read, OUT where each may write.  Says
 * "READ CHANNEL its-BIT number..." or "ENDED CHANNEL wait-status" on stderr.
 */
void pairs_main(const char *words);

#endif
