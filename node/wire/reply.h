/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a reply (wire-protocol §1.4), pure. */
#ifndef IMMURE_WIRE_REPLY_H
#define IMMURE_WIRE_REPLY_H

#include <stddef.h>
#include <stdint.h>

#define REPLY_TOKEN 12

/* Write token @name (4 letters) with @value: 12 bytes, no NUL. */
void reply_token(uint8_t out[REPLY_TOKEN], const char name[4], uint32_t value);

/*
 * True when a client would read @status as success without output, or
 * otherwise other than it was meant (§1.4: low byte 0x7f; exit bits 0 and
 * anything above bit 15).  Such a status is never sent.
 */
int reply_status_is_trap(uint32_t status);

/* Does a reply with @proto and @status carry DOTD? */
int reply_has_deps(unsigned proto, uint32_t status);

#endif
