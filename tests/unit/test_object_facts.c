/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects made by hand, of both classes and byte orders. */
#include <node/cli/object_facts.h>

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMES "\0.comment\0.shstrtab"
#define ROOM  1024

static uint8_t file[ROOM];
static bool little;

static void
put(size_t at, size_t n, uint64_t x)
{
	for (size_t i = 0; i < n; i++)
		file[at + (little ? i : n - 1 - i)] = (uint8_t)(x >> 8 * i);
}

/* A header of a section: name, type, offset, size. */
static void
section(size_t at, bool wide, uint32_t name, uint32_t type, uint64_t offset,
    uint64_t size)
{
	put(at, 4, name);
	put(at + 4, 4, type);
	put(at + (wide ? 24 : 16), wide ? 8 : 4, offset);
	put(at + (wide ? 32 : 20), wide ? 8 : 4, size);
}

/* Header, then names and comment, then the sections (at 256). */
static size_t
make(bool wide, uint16_t machine, const char *comment, size_t len)
{
	size_t each = wide ? 64 : 40;

	memset(file, 0, sizeof(file));
	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	file[EI_DATA] = little ? ELFDATA2LSB : ELFDATA2MSB;
	put(16, 2, ET_REL);
	put(18, 2, machine);
	put(wide ? 40 : 32, wide ? 8 : 4, 256);
	put(wide ? 58 : 46, 2, each);
	put(wide ? 60 : 48, 2, 3);
	put(wide ? 62 : 50, 2, 2);
	memcpy(file + 80, NAMES, sizeof(NAMES));
	memcpy(file + 128, comment, len);
	section(256 + each, wide, 1, SHT_PROGBITS, 128, len);
	section(256 + 2 * each, wide, 10, SHT_STRTAB, 80, sizeof(NAMES));
	return 256 + 3 * each;
}

static void
test_good(void **state)
{
	struct object_facts o;
	char machine[24];
	size_t n;

	(void)state;
	for (int i = 0; i < 4; i++) {
		little = (i & 1) != 0;
		n = make((i & 2) != 0, EM_RISCV, "\0GCC: 12\x1b\0more", 14);
		assert_int_equal(object_facts(&o, file, n), 0);
		assert_int_equal(o.bits, (i & 2) != 0 ? 64 : 32);
		assert_int_equal(o.machine, EM_RISCV);
		assert_string_equal(o.comment, "GCC: 12?");
		(void)object_machine(&o, machine);
		assert_non_null(strstr(machine, i & 2 ? "riscv64" : "riscv32"));
		assert_true((strstr(machine, "big") == NULL) == little);
	}
}

/* Cut anywhere, it is refused or its comment is not found; never more. */
static void
test_cut(void **state)
{
	struct object_facts o;
	uint8_t *exact;
	size_t n;

	(void)state;
	little = true;
	n = make(true, EM_X86_64, "GCC", 4);
	for (size_t i = 0; i < n; i++) {
		exact = malloc(i + 1);
		assert_non_null(exact);
		memcpy(exact, file, i);
		assert_int_equal(object_facts(&o, exact, i),
		    i < sizeof(Elf64_Ehdr) ? -EINVAL : 0);
		if (i >= sizeof(Elf64_Ehdr))
			assert_string_equal(o.comment, "");
		free(exact);
	}
	assert_int_equal(object_facts(&o, file, n), 0);
	assert_string_equal(o.comment, "GCC");
}

static void
test_lies(void **state)
{
	static const struct {
		size_t at, n;
		uint64_t x;
	} lies[] = {
		{ 40, 8, UINT64_MAX },	     /* sections outside */
		{ 58, 2, 1 },		     /* of another size */
		{ 62, 2, 99 },		     /* names in none of them */
		{ 256 + 128 + 24, 8, 99999 },/* names outside */
		{ 256 + 128 + 4, 4, SHT_NOBITS },
		{ 256 + 64, 4, 0xffffff },   /* a name outside */
		{ 256 + 64, 4, 12 },	     /* another name */
		{ 256 + 64 + 32, 8, UINT64_MAX }, /* a comment without end */
	};
	struct object_facts o;
	size_t n;

	(void)state;
	little = true;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		n = make(true, EM_X86_64, "GCC", 4);
		put(lies[i].at, lies[i].n, lies[i].x);
		assert_int_equal(object_facts(&o, file, n), 0);
		assert_string_equal(o.comment, "");
	}
	make(true, EM_X86_64, "GCC", 4);
	put(16, 2, ET_EXEC);
	assert_int_equal(object_facts(&o, file, ROOM), -EINVAL);
}

static void
test_machine(void **state)
{
	struct object_facts o = { .machine = EM_X86_64, .little = 1 };
	char room[24];

	(void)state;
	assert_string_equal(object_machine(&o, room), "x86-64");
	o.machine = 65000;
	assert_string_equal(object_machine(&o, room), "machine 65000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
