/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reply that is sent a byte at a time while its job still runs, because a
 * client's timeout starts anew with each byte (wire-protocol §1.6).  Pure.
 *
 * The first bytes are the same for every job: DONE and the version, STAT and
 * its first four digits.  The next three digits leave less and less that the
 * status can be; the last one and what follows it promise success, with a
 * text in place of the compiler's messages.
 */
#ifndef IMMURE_WIRE_DRIP_H
#define IMMURE_WIRE_DRIP_H

#include "reply.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes after which the job may still fail. */
#define DRIP_OPEN 23U
/* Bytes of a promise before its text: DONE, STAT, SERR. */
#define DRIP_HEAD (3U * REPLY_TOKEN)

/*
 * What to say of a job that ended with @status when @sent bytes (at most
 * DRIP_OPEN) of its reply are out: @status itself as long as its digits do not
 * differ from those sent, otherwise SIGKILL, upon which a client compiles
 * the file itself and thinks no worse of pump mode (§1.6).
 */
uint32_t drip_status(uint32_t sent, uint32_t status);

/* The most characters that a text has, and the least. */
#define DRIP_TEXT_MAX 4096U
#define DRIP_TEXT_MIN 256U

/*
 * The body of SERR in wire form, @len characters long (DRIP_TEXT_MIN to _MAX),
 * into @out, which has room for lzo_text_bound(DRIP_TEXT_MAX).  @lost: the
 * compiler had something to say, and the text ends with a note that it cannot
 * be had.  Returns its length, which @lost does not change, nor the first
 * drip_text_sure() bytes.
 */
size_t drip_text(uint8_t *out, unsigned proto, size_t len, bool lost);
size_t drip_text_sure(unsigned proto, size_t wire_len);

#endif
