/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ld.so would read of an ELF file: interpreter, libraries, search paths.
 * Pure, bounded, without recursion; the file is not trusted.
 */
#ifndef IMMURE_ELF_H
#define IMMURE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_NEEDED_MAX 64

struct elf_facts { /* strings are borrowed from the buffer; NULL = none */
	uint8_t bits;     /* 32 or 64 */
	uint16_t machine; /* EM_* */
	const char *interp;
	const char *rpath, *runpath;
	const char *needed[ELF_NEEDED_MAX];
	size_t nneeded;
};

/*
 * 0; -ENOEXEC: not an ELF program or library of this machine's byte order;
 * -EPROTO: an ELF file with something wrong or over a limit.
 */
int elf_parse(struct elf_facts *e, const uint8_t *buf, size_t len);

#endif
