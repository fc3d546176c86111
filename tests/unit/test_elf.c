/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF parser: files made by hand, and real ones cut short. */
#include <node/imager/elf.h>
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define VADDR 0x400000UL

/* A library whose dynamic section needs liba.so and libb.so. */
struct made {
	Elf64_Ehdr h;
	Elf64_Phdr p[3];
	Elf64_Dyn d[7];
	char strings[64];
	char interp[32];
};

static const char strings[64] = "\0liba.so\0libb.so\0$ORIGIN/../lib\0/opt/x";

static void
make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->h.e_ident, ELFMAG, SELFMAG);
	m->h.e_ident[EI_CLASS] = ELFCLASS64;
	m->h.e_ident[EI_DATA] = ELFDATA2LSB;
	m->h.e_type = ET_DYN;
	m->h.e_machine = EM_X86_64;
	m->h.e_phoff = offsetof(struct made, p);
	m->h.e_phentsize = sizeof(Elf64_Phdr);
	m->h.e_phnum = 3;
	m->p[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = VADDR,
		.p_filesz = sizeof(*m) };
	m->p[1] = (Elf64_Phdr){ .p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct made, d),
		.p_filesz = sizeof(m->d) };
	m->p[2] = (Elf64_Phdr){ .p_type = PT_INTERP,
		.p_offset = offsetof(struct made, interp),
		.p_filesz = sizeof(m->interp) };
	m->d[0] = (Elf64_Dyn){ DT_NEEDED, { 1 } };
	m->d[1] = (Elf64_Dyn){ DT_NEEDED, { 9 } };
	m->d[2] = (Elf64_Dyn){ DT_RUNPATH, { 17 } };
	m->d[3] = (Elf64_Dyn){ DT_RPATH, { 32 } };
	m->d[4] = (Elf64_Dyn){ DT_STRTAB,
		{ VADDR + offsetof(struct made, strings) } };
	m->d[5] = (Elf64_Dyn){ DT_STRSZ, { sizeof(m->strings) } };
	memcpy(m->strings, strings, sizeof(strings));
	memcpy(m->interp, "/lib64/ld-linux-x86-64.so.2", 28);
}

static void
test_good(void **state)
{
	struct elf_facts e;
	struct made m;

	(void)state;
	make(&m);
	assert_int_equal(elf_parse(&e, (uint8_t *)&m, sizeof(m)), 0);
	assert_int_equal(e.bits, 64);
	assert_int_equal(e.machine, EM_X86_64);
	assert_string_equal(e.interp, "/lib64/ld-linux-x86-64.so.2");
	assert_int_equal(e.nneeded, 2);
	assert_string_equal(e.needed[0], "liba.so");
	assert_string_equal(e.needed[1], "libb.so");
	assert_string_equal(e.runpath, "$ORIGIN/../lib");
	assert_string_equal(e.rpath, "/opt/x");
}

static void
test_static(void **state)
{
	struct elf_facts e;
	struct made m;

	(void)state;
	make(&m);
	m.h.e_type = ET_EXEC;
	m.h.e_phnum = 1;
	assert_int_equal(elf_parse(&e, (uint8_t *)&m, sizeof(m)), 0);
	assert_null(e.interp);
	assert_int_equal(e.nneeded, 0);
}

#define SET(member, value, error)                                              \
	do {                                                                   \
		make(&m);                                                      \
		m.member = (value);                                            \
		if (elf_parse(&e, (uint8_t *)&m, sizeof(m)) != (error))        \
			fail_msg("%s = %s", #member, #value);                  \
	} while (0)

static void
test_bad(void **state)
{
	struct elf_facts e;
	struct made m;

	(void)state;
	SET(h.e_ident[EI_MAG0], 0, -ENOEXEC);
	SET(h.e_ident[EI_CLASS], 3, -ENOEXEC);
	SET(h.e_ident[EI_DATA], ELFDATA2MSB, -ENOEXEC);
	SET(h.e_type, ET_REL, -ENOEXEC);
	SET(h.e_type, ET_CORE, -ENOEXEC);
	SET(h.e_phnum, 65535, -EPROTO);
	SET(h.e_phoff, UINT64_MAX, -EPROTO);
	SET(h.e_phoff, sizeof(m) - 8, -EPROTO);
	SET(h.e_phentsize, 1, -EPROTO);
	SET(p[1].p_offset, UINT64_MAX, -EPROTO);
	SET(p[1].p_offset, sizeof(m) - 8, -EPROTO);
	SET(p[2].p_offset, sizeof(m), -EPROTO);
	SET(p[2].p_offset, UINT64_MAX - 4, -EPROTO);
	SET(p[2].p_filesz, 4, -EPROTO); /* no NUL */
	SET(interp[0], 'l', -EPROTO);   /* not absolute */
	SET(d[0].d_un.d_val, 64, -EPROTO);
	SET(d[0].d_un.d_val, UINT64_MAX, -EPROTO);
	SET(d[4].d_un.d_ptr, 0, -EPROTO); /* in no segment */
	SET(d[4].d_un.d_ptr, UINT64_MAX, -EPROTO);
	SET(d[5].d_un.d_val, 0, -EPROTO);
	SET(p[0].p_filesz, 8, -EPROTO);
	SET(p[0].p_vaddr, UINT64_MAX, -EPROTO);
}

/* A string without its end, at the end of the file. */
static void
test_open_string(void **state)
{
	struct elf_facts e;
	struct made m;
	uint8_t *copy;
	size_t len = offsetof(struct made, strings) + 12;

	(void)state;
	make(&m);
	m.h.e_phnum = 2;
	copy = malloc(len); /* so that ASan sees a byte too far */
	assert_non_null(copy);
	memcpy(copy, &m, len);
	assert_int_equal(elf_parse(&e, copy, len), -EPROTO);
	free(copy);
}

static void
test_too_many(void **state)
{
	struct many {
		struct made m;
		Elf64_Dyn d[ELF_NEEDED_MAX + 4];
	} *m = calloc(1, sizeof(*m));
	struct elf_facts e;

	(void)state;
	assert_non_null(m);
	make(&m->m);
	m->m.p[0].p_filesz = sizeof(*m);
	m->m.p[1].p_offset = offsetof(struct many, d);
	m->d[0] = m->m.d[4];
	m->d[1] = m->m.d[5];
	for (size_t i = 2; i < ELF_NEEDED_MAX + 3; i++)
		m->d[i] = m->m.d[0];
	assert_int_equal(elf_parse(&e, (uint8_t *)m, sizeof(*m)), -EPROTO);
	free(m);
}

/* This program itself, whole and at every shorter length. */
static void
test_real(void **state)
{
	static uint8_t buf[65536];
	FILE *f = fopen("/proc/self/exe", "re");
	struct elf_facts e;
	size_t n;

	(void)state;
	if (f == NULL)
		skip();
	n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	for (size_t len = 0; len < n; len += 101) {
		uint8_t *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, buf, len);
		(void)elf_parse(&e, copy, len);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_open_string),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
