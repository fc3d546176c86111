/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a relocatable object says of who made it: the machine of its header
 * and the first string of .comment, where gcc and clang write their versions.
 * The bytes are foreign; of any class and byte order.  Pure.
 */
#ifndef IMMURE_OBJECT_FACTS_H
#define IMMURE_OBJECT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_facts {
	uint16_t machine;  /* e_machine */
	unsigned bits;	   /* 32 or 64 */
	unsigned little;   /* 1: least significant byte first */
	char comment[160]; /* printable ASCII, anything else is '?'; "" = none */
};

/* 0; -EINVAL: not a relocatable ELF object. */
int object_facts(struct object_facts *o, const uint8_t *buf, size_t len);

/* Would they link: the same machine, width and byte order? */
bool object_same_machine(
    const struct object_facts *a, const struct object_facts *b);

/* "x86-64", …; the number in @room where it has no name here. */
const char *object_machine(const struct object_facts *o, char room[24]);

#endif
