/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text as one LZO1X block of literals only (wire-protocol §1.7), so that a
 * refusal needs no compressor outside a cell.
 */
#ifndef IMMURE_WIRE_LZO_TEXT_H
#define IMMURE_WIRE_LZO_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the marker that ends a block. */
#define LZO_TEXT_END 3

/* Bytes that @n bytes of text need at most. */
size_t lzo_text_bound(size_t n);

/* Encode; returns the length written, 0 for n == 0 (empty is not a block). */
size_t lzo_text(uint8_t *out, const void *text, size_t n);

#endif
