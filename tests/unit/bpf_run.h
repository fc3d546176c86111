/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter's answer without a kernel: the part of classic BPF that seccomp
 * filters here use (Documentation/networking/filter.rst). */
#ifndef IMMURE_BPF_RUN_H
#define IMMURE_BPF_RUN_H

#include <assert.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t
bpf_load(const struct seccomp_data *d, uint32_t offset)
{
	uint32_t word;

	assert(offset % 4 == 0 && offset + 4 <= sizeof(*d));
	memcpy(&word, (const char *)d + offset, sizeof(word));
	return word;
}

static inline uint32_t
bpf_run(const struct sock_filter *code, size_t len,
    const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *f = &code[pc];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = bpf_load(d, f->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += f->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k;
		default:
			abort();
		}
	}
	abort(); /* fell off the end: the kernel would not load it */
}

#endif
