/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading ELF as the dynamic linker does: only program headers and what
 * PT_DYNAMIC says (elf(5)); section headers play no part.  Every offset comes
 * from the file and goes through at() or text(), which alone index the buffer.
 */
#include "elf.h"
#include <elf.h>
#include <errno.h>
#include <string.h>

#define PHDRS_MAX 64
#define DYNAMIC_MAX 4096 /* entries; LLVM's library has about 40 */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_DATA ELFDATA2LSB
#else
#define NATIVE_DATA ELFDATA2MSB
#endif

struct reader {
	const uint8_t *buf;
	size_t len;
	bool wide; /* ELFCLASS64 */
	unsigned nphdrs;
	Elf64_Phdr phdr[PHDRS_MAX];
	uint64_t strtab, strsz; /* file offset, bytes */
};

static bool
at(const struct reader *r, uint64_t off, void *to, size_t n)
{
	if (off > r->len || n > r->len - off)
		return false;
	memcpy(to, r->buf + off, n);
	return true;
}

/* The string at @off, whose NUL must come within @room bytes. */
static const char *
text(const struct reader *r, uint64_t off, uint64_t room)
{
	if (off >= r->len)
		return NULL;
	if (room > r->len - off)
		room = r->len - off;
	if (memchr(r->buf + off, '\0', room) == NULL)
		return NULL;
	return (const char *)(r->buf + off);
}

static bool
read_phdr(const struct reader *r, uint64_t off, Elf64_Phdr *p)
{
	Elf32_Phdr n;

	if (r->wide)
		return at(r, off, p, sizeof(*p));
	if (!at(r, off, &n, sizeof(n)))
		return false;
	*p = (Elf64_Phdr){ .p_type = n.p_type, .p_flags = n.p_flags,
		.p_offset = n.p_offset, .p_vaddr = n.p_vaddr,
		.p_filesz = n.p_filesz, .p_memsz = n.p_memsz };
	return true;
}

static bool
read_ehdr(const struct reader *r, Elf64_Ehdr *h)
{
	Elf32_Ehdr n;

	if (r->wide)
		return at(r, 0, h, sizeof(*h));
	if (!at(r, 0, &n, sizeof(n)))
		return false;
	*h = (Elf64_Ehdr){ .e_type = n.e_type, .e_machine = n.e_machine,
		.e_phoff = n.e_phoff, .e_phentsize = n.e_phentsize,
		.e_phnum = n.e_phnum };
	return true;
}

static bool
read_dyn(const struct reader *r, uint64_t base, unsigned i, Elf64_Dyn *d)
{
	Elf32_Dyn n;

	if (r->wide)
		return at(r, base + i * sizeof(*d), d, sizeof(*d));
	if (!at(r, base + i * sizeof(n), &n, sizeof(n)))
		return false;
	d->d_tag = n.d_tag;
	d->d_un.d_val = n.d_un.d_val;
	return true;
}

static int
read_headers(struct reader *r, struct elf_facts *e)
{
	Elf64_Ehdr h;
	size_t size = r->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (!read_ehdr(r, &h))
		return -EPROTO;
	if (h.e_type != ET_EXEC && h.e_type != ET_DYN)
		return -ENOEXEC;
	e->machine = h.e_machine;
	if (h.e_phnum > PHDRS_MAX || h.e_phentsize != size ||
	    h.e_phoff > r->len)
		return -EPROTO;
	r->nphdrs = h.e_phnum;
	for (unsigned i = 0; i < r->nphdrs; i++)
		if (!read_phdr(r, h.e_phoff + i * size, &r->phdr[i]))
			return -EPROTO;
	return 0;
}

static const Elf64_Phdr *
find_phdr(const struct reader *r, uint32_t type)
{
	for (unsigned i = 0; i < r->nphdrs; i++)
		if (r->phdr[i].p_type == type)
			return &r->phdr[i];
	return NULL;
}

/* Where in the file the address @vaddr comes from. */
static bool
file_offset(const struct reader *r, uint64_t vaddr, uint64_t *off)
{
	for (unsigned i = 0; i < r->nphdrs; i++) {
		const Elf64_Phdr *p = &r->phdr[i];

		if (p->p_type != PT_LOAD || vaddr < p->p_vaddr ||
		    vaddr - p->p_vaddr >= p->p_filesz)
			continue;
		return !__builtin_add_overflow(p->p_offset,
		    vaddr - p->p_vaddr, off);
	}
	return false;
}

/* A string of the dynamic string table. */
static const char *
dynamic_text(const struct reader *r, uint64_t index)
{
	uint64_t off;

	if (index >= r->strsz || __builtin_add_overflow(r->strtab, index, &off))
		return NULL;
	return text(r, off, r->strsz - index);
}

/* First pass: where the strings are. */
static int
find_strings(struct reader *r, const Elf64_Phdr *dyn)
{
	uint64_t vaddr = 0;
	Elf64_Dyn d;

	for (unsigned i = 0; i < DYNAMIC_MAX; i++) {
		if (!read_dyn(r, dyn->p_offset, i, &d))
			return -EPROTO;
		if (d.d_tag == DT_NULL)
			return file_offset(r, vaddr, &r->strtab) ? 0 : -EPROTO;
		if (d.d_tag == DT_STRTAB)
			vaddr = d.d_un.d_ptr;
		else if (d.d_tag == DT_STRSZ)
			r->strsz = d.d_un.d_val;
	}
	return -EPROTO;
}

static int
take_dynamic(const struct reader *r, const Elf64_Dyn *d, struct elf_facts *e)
{
	const char *s;

	if (d->d_tag != DT_NEEDED && d->d_tag != DT_RPATH &&
	    d->d_tag != DT_RUNPATH)
		return 0;
	s = dynamic_text(r, d->d_un.d_val);
	if (s == NULL)
		return -EPROTO;
	if (d->d_tag == DT_RPATH)
		e->rpath = s;
	else if (d->d_tag == DT_RUNPATH)
		e->runpath = s;
	else if (e->nneeded == ELF_NEEDED_MAX)
		return -EPROTO;
	else
		e->needed[e->nneeded++] = s;
	return 0;
}

static int
read_dynamic(struct reader *r, struct elf_facts *e)
{
	const Elf64_Phdr *dyn = find_phdr(r, PT_DYNAMIC);
	Elf64_Dyn d;
	int err;

	if (dyn == NULL)
		return 0; /* static */
	if (dyn->p_offset > r->len)
		return -EPROTO;
	err = find_strings(r, dyn);
	for (unsigned i = 0; err == 0; i++) {
		if (!read_dyn(r, dyn->p_offset, i, &d))
			return -EPROTO;
		if (d.d_tag == DT_NULL)
			break; /* find_strings() has seen it within bounds */
		err = take_dynamic(r, &d, e);
	}
	return err;
}

int
elf_parse(struct elf_facts *e, const uint8_t *buf, size_t len)
{
	struct reader r = { .buf = buf, .len = len };
	const Elf64_Phdr *p;
	int err;

	memset(e, 0, sizeof(*e));
	if (len < EI_NIDENT || memcmp(buf, ELFMAG, SELFMAG) != 0 ||
	    buf[EI_DATA] != NATIVE_DATA)
		return -ENOEXEC;
	if (buf[EI_CLASS] != ELFCLASS32 && buf[EI_CLASS] != ELFCLASS64)
		return -ENOEXEC;
	r.wide = buf[EI_CLASS] == ELFCLASS64;
	e->bits = r.wide ? 64 : 32;
	err = read_headers(&r, e);
	if (err < 0)
		return err;
	p = find_phdr(&r, PT_INTERP);
	if (p != NULL) {
		e->interp = text(&r, p->p_offset, p->p_filesz);
		if (e->interp == NULL || e->interp[0] != '/')
			return -EPROTO;
	}
	return read_dynamic(&r, e);
}
