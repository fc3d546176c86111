/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The token header of wire-protocol §1.1: four letters and eight hexadecimal
 * digits.  Stock receivers take whatever strtoul(3) takes; all stock senders
 * send exactly eight digits, so nothing else is accepted here.
 */
#ifndef IMMURE_WIRE_TOKEN_H
#define IMMURE_WIRE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define WIRE_TOKEN 12 /* bytes */

/* True, and the number in *value, when the digits are digits. */
bool token_value(const uint8_t tok[WIRE_TOKEN], uint32_t *value);

/* Is it token @name (four letters)? */
bool token_is(const uint8_t tok[WIRE_TOKEN], const char *name);

#endif
