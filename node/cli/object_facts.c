/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See elf(5) for the offsets. */
#include "object_facts.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Offsets of what is read, and the width of addresses. */
struct layout {
	size_t shoff, shentsize, shnum, shstrndx; /* in the file's header */
	size_t sh_offset, sh_size;		  /* in a section's */
	size_t header, section, word;
};

static const struct layout layouts[] = {
	{ 32, 46, 48, 50, 16, 20, sizeof(Elf32_Ehdr), sizeof(Elf32_Shdr), 4 },
	{ 40, 58, 60, 62, 24, 32, sizeof(Elf64_Ehdr), sizeof(Elf64_Shdr), 8 },
};

struct view {
	const uint8_t *buf;
	size_t len;
	bool little;
	const struct layout *l;
};

struct range {
	uint64_t at, len;
};

/* @n bytes at @at, which must lie in the file. */
static uint64_t
number(const struct view *v, size_t at, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x = x << 8 | v->buf[at + (v->little ? n - 1 - i : i)];
	return x;
}

static bool
inside(const struct view *v, struct range r)
{
	return r.at <= v->len && r.len <= v->len - r.at;
}

/* The header of section @i; false: there is none, or it lies outside. */
static bool
section(const struct view *v, uint64_t i, size_t *ret_at)
{
	uint64_t shoff = number(v, v->l->shoff, v->l->word);
	struct range r = { 0, v->l->section };

	if (i >= number(v, v->l->shnum, 2) || shoff > v->len ||
	    number(v, v->l->shentsize, 2) != v->l->section)
		return false;
	r.at = shoff + i * v->l->section;
	*ret_at = (size_t)r.at;
	return inside(v, r);
}

static bool
contents(const struct view *v, size_t header, struct range *r)
{
	r->at = number(v, header + v->l->sh_offset, v->l->word);
	r->len = number(v, header + v->l->sh_size, v->l->word);
	return number(v, header + 4, 4) != SHT_NOBITS && inside(v, *r);
}

/* Is the name of the section at @header, out of @names, ".comment"? */
static bool
is_comment(const struct view *v, size_t header, struct range names)
{
	static const char want[] = ".comment";
	uint64_t name = number(v, header, 4);

	return name < names.len && names.len - name >= sizeof(want) &&
	    memcmp(v->buf + names.at + name, want, sizeof(want)) == 0;
}

static void
copy_comment(struct object_facts *o, const uint8_t *at, uint64_t len)
{
	size_t n = 0;

	while (len > 0 && *at == '\0') {
		at++;
		len--;
	}
	for (; len > 0 && *at != '\0' && n < sizeof(o->comment) - 1; len--) {
		o->comment[n++] =
		    *at >= 0x20 && *at <= 0x7e ? (char)*at : '?';
		at++;
	}
	o->comment[n] = '\0';
}

static void
find_comment(const struct view *v, struct object_facts *o)
{
	struct range names, text;
	size_t header;

	if (!section(v, number(v, v->l->shstrndx, 2), &header) ||
	    !contents(v, header, &names))
		return;
	for (uint64_t i = 0; section(v, i, &header); i++) {
		if (is_comment(v, header, names) &&
		    contents(v, header, &text)) {
			copy_comment(o, v->buf + text.at, text.len);
			return;
		}
	}
}

int
object_facts(struct object_facts *o, const uint8_t *buf, size_t len)
{
	struct view v = { .buf = buf, .len = len };

	memset(o, 0, sizeof(*o));
	if (len < EI_NIDENT || memcmp(buf, ELFMAG, SELFMAG) != 0 ||
	    (buf[EI_CLASS] != ELFCLASS32 && buf[EI_CLASS] != ELFCLASS64) ||
	    (buf[EI_DATA] != ELFDATA2LSB && buf[EI_DATA] != ELFDATA2MSB))
		return -EINVAL;
	v.little = buf[EI_DATA] == ELFDATA2LSB;
	v.l = &layouts[buf[EI_CLASS] == ELFCLASS64];
	if (len < v.l->header || number(&v, 16, 2) != ET_REL)
		return -EINVAL;
	o->machine = (uint16_t)number(&v, 18, 2);
	o->bits = buf[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	o->little = v.little;
	find_comment(&v, o);
	return 0;
}

bool
object_same_machine(const struct object_facts *a, const struct object_facts *b)
{
	return a->machine == b->machine && a->bits == b->bits &&
	    a->little == b->little;
}

const char *
object_machine(const struct object_facts *o, char room[24])
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ EM_X86_64, "x86-64" }, { EM_386, "i386" },
		{ EM_AARCH64, "aarch64" }, { EM_ARM, "arm" },
		{ EM_RISCV, "riscv" }, { EM_MIPS, "mips" },
		{ EM_PPC64, "ppc64" }, { EM_PPC, "ppc" },
		{ EM_S390, "s390" }, { EM_SPARCV9, "sparc64" },
		{ 258, "loongarch" }, /* EM_LOONGARCH: newer than some elf.h */
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine != o->machine)
			continue;
		(void)snprintf(room, 24, "%s%s%s", names[i].name,
		    o->machine == EM_RISCV ? (o->bits == 64 ? "64" : "32") : "",
		    o->little ? "" : " (big-endian)");
		return room;
	}
	(void)snprintf(room, 24, "machine %u", (unsigned)o->machine);
	return room;
}
