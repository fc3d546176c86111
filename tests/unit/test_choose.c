/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which compiler a client's word gets: targets, names, paths, aliases. */
#include <node/toolchain/headers.h>
#include <node/toolchain/target.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PUT(field, text) (void)snprintf(field, sizeof(field), "%s", text)
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static void
test_target(void **state)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} cases[] = {
		{ "x86_64-linux-gnu", "x86_64-linux-gnu", true },
		{ "x86_64-linux-gnu", "x86_64-pc-linux-gnu", true },
		{ "x86_64-unknown-linux-gnu", "x86_64-pc-linux-gnu", true },
		{ "x86_64-redhat-linux", "x86_64-linux-gnu", true },
		{ "x86_64-linux-gnu", "x86_64-alpine-linux-musl", false },
		{ "x86_64-linux-musl", "x86_64-alpine-linux-musl", true },
		{ "x86_64-linux-gnu", "x86_64-linux-gnux32", false },
		{ "x86_64-linux-gnu", "aarch64-linux-gnu", false },
		{ "x86_64-linux-gnu", "i686-linux-gnu", false },
		{ "i586-linux-gnu", "i686-pc-linux-gnu", true },
		{ "armv7-alpine-linux-musleabihf", "arm-linux-musleabihf",
		    true },
		{ "armv7l-unknown-linux-gnueabihf", "arm-linux-gnueabihf",
		    true },
		{ "arm-linux-gnueabi", "arm-linux-gnueabihf", false },
		{ "armv7b-linux-gnueabihf", "arm-linux-gnueabihf", false },
		{ "arm-linux-gnueabihf", "aarch64-linux-gnu", false },
		{ "arm64-linux-gnu", "aarch64-unknown-linux-gnu", true },
		{ "amd64-linux-gnu", "x86_64-linux-gnu", true },
		{ "arm-none-eabi", "arm-linux-gnueabihf", false },
		{ "mips64el-linux-gnuabi64", "mips64-linux-gnuabi64", false },
		{ "riscv64-linux-gnu", "riscv64-unknown-linux-gnu", true },
		{ "riscv64-linux-gnu", "riscv32-linux-gnu", false },
		{ "powerpc64-linux-gnu", "powerpc64le-linux-gnu", false },
		{ "x86_64-w64-mingw32", "x86_64-linux-gnu", false },
		{ "gcc", "gcc", true },
		{ "x86_64", "x86_64-linux-gnu", false },
		{ "", "x86_64-linux-gnu", false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		if (target_alike(cases[i].a, cases[i].b) != cases[i].alike ||
		    target_alike(cases[i].b, cases[i].a) != cases[i].alike)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
	}
}

/* -- a node with gcc for three targets and clang -- */

enum { X86, ARM64, OPT, CLANG, MIPS, NTOOLCHAINS };

static struct toolchain toolchains[NTOOLCHAINS];
static struct toolchain_name names[16];
static struct table node = { .toolchains = toolchains, .names = names,
	.ntoolchains = NTOOLCHAINS };

static void
add(const char *name, uint32_t state, uint32_t tc, const char *host)
{
	struct toolchain_name *n = &names[node.nnames++];

	assert_true(node.nnames <= LEN(names));
	assert_true(n == names || strcmp(n[-1].name, name) < 0);
	PUT(n->name, name);
	n->state = state;
	n->toolchain = tc;
	PUT(n->argv0, host);
	(void)snprintf(n->program, sizeof(n->program), "/.immure%s", host);
	PUT(n->reason, state == NAME_READY ? "" : "why");
}

static int
make_node(void **state)
{
	(void)state;
	PUT(toolchains[X86].machine, "x86_64-linux-gnu");
	PUT(toolchains[ARM64].machine, "aarch64-linux-gnu");
	PUT(toolchains[OPT].machine, "riscv64-unknown-linux-gnu");
	PUT(toolchains[CLANG].machine, "x86_64-pc-linux-gnu");
	PUT(toolchains[MIPS].machine, "mips64el-linux-gnuabi64");
	for (size_t i = 0; i < LEN(toolchains); i++)
		toolchains[i].family = i == CLANG ? FAMILY_CLANG : FAMILY_GCC;
	add("aarch64-linux-gnu-clang", NAME_READY, CLANG,
	    "/usr/bin/aarch64-linux-gnu-clang");
	add("aarch64-linux-gnu-gcc", NAME_READY, ARM64,
	    "/usr/bin/aarch64-linux-gnu-gcc");
	add("clang", NAME_READY, CLANG, "/usr/bin/clang");
	add("g++", NAME_READY, X86, "/usr/bin/g++");
	add("gcc", NAME_READY, X86, "/usr/bin/gcc");
	add("gcc-11", NAME_READY, X86, "/usr/bin/gcc-11");
	add("gcc-9", NAME_UNLISTED, 0, "");
	add("mips64el-linux-gnuabi64-gcc", NAME_REFUSED, 0, "");
	add("riscv64-unknown-linux-gnu-gcc", NAME_READY, OPT,
	    "/opt/riscv/bin/riscv64-unknown-linux-gnu-gcc");
	add("x86_64-linux-gnu-gcc", NAME_READY, X86, "/usr/bin/gcc");
	return 0;
}

static struct peer
peer_of(const char *host)
{
	struct peer p = { .kind = PEER_ADDRESS };
	struct acl one = { .n = 0 };

	assert_int_equal(acl_add(&one, host), ACL_OK);
	memcpy(p.addr, one.rules[0].addr, sizeof(p.addr));
	return p;
}

static void
test_names(void **state)
{
	static const struct {
		const char *word;
		enum choice want;
		const char *name; /* CHOICE_READY: its row; else the target */
	} cases[] = {
		{ "gcc", CHOICE_READY, "gcc" },
		{ "gcc-12", CHOICE_UNKNOWN, "" },
		{ "gcc-9", CHOICE_UNLISTED, "" },
		{ "nonsense", CHOICE_UNKNOWN, "" },
		{ "", CHOICE_UNKNOWN, "" },
		{ "/", CHOICE_UNKNOWN, "" },
		{ "aarch64-linux-gnu-gcc", CHOICE_READY,
		    "aarch64-linux-gnu-gcc" },
		/* its target is there, it is not */
		{ "aarch64-linux-gnu-g++", CHOICE_UNKNOWN, "" },
		{ "x86_64-linux-gnu-gcc-13", CHOICE_UNKNOWN, "" },
		/* never by what is merely alike */
		{ "x86_64-pc-linux-gnu-gcc", CHOICE_TARGET,
		    "x86_64-pc-linux-gnu" },
		{ "x86_64-unknown-linux-gnu-gcc", CHOICE_TARGET,
		    "x86_64-unknown-linux-gnu" },
		{ "x86_64-alpine-linux-musl-gcc", CHOICE_TARGET,
		    "x86_64-alpine-linux-musl" },
		{ "riscv64-linux-gnu-gcc", CHOICE_TARGET,
		    "riscv64-linux-gnu" },
		{ "arm-linux-gnueabihf-g++-12", CHOICE_TARGET,
		    "arm-linux-gnueabihf" },
		/* known, but of no use */
		{ "mips64el-linux-gnuabi64-gcc", CHOICE_REFUSED, "" },
		{ "mips64el-linux-gnuabi64-g++", CHOICE_TARGET,
		    "mips64el-linux-gnuabi64" },
		{ "/usr/bin/gcc", CHOICE_READY, "gcc" },
		{ "/bin/gcc", CHOICE_READY, "gcc" },
		{ "/usr/bin/sub/gcc", CHOICE_PATH, "" },
		{ "/usr/bin/../local/gcc", CHOICE_PATH, "" },
		{ "/usr/local/bin/gcc", CHOICE_PATH, "" },
		{ "/opt/riscv/bin/gcc", CHOICE_PATH, "" },
		{ "./gcc", CHOICE_PATH, "" },
		{ "bin/gcc", CHOICE_PATH, "" },
		{ "/gcc", CHOICE_PATH, "" },
		{ "/opt/riscv/bin/riscv64-unknown-linux-gnu-gcc",
		    CHOICE_READY, "riscv64-unknown-linux-gnu-gcc" },
		{ "/opt/other/bin/riscv64-unknown-linux-gnu-gcc",
		    CHOICE_PATH, "" },
		{ "/opt/x/bin/gcc-9", CHOICE_UNLISTED, "" },
		{ "/usr/bin/gcc/", CHOICE_UNKNOWN, "" },
	};
	static const struct aliases none;
	const struct peer p = peer_of("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct chosen c;
		enum choice got = choose(&node, &none, &p, cases[i].word, &c);

		if (got != cases[i].want)
			fail_msg("%s: %d", cases[i].word, got);
		if (got == CHOICE_READY)
			assert_string_equal(c.name->name, cases[i].name);
		if (got == CHOICE_TARGET)
			assert_string_equal(c.target, cases[i].name);
		assert_null(c.alias);
		assert_true((choice_word(got) == NULL) ==
		    (got == CHOICE_READY));
	}
}

static void
test_any_path(void **state)
{
	static const struct aliases none;
	const struct peer p = peer_of("192.0.2.1");
	struct table t = node;
	struct chosen c;

	(void)state;
	t.flags = TABLE_ANY_PATH;
	assert_int_equal(choose(&t, &none, &p, "/x/y/gcc", &c), CHOICE_READY);
	assert_string_equal(c.name->name, "gcc");
	assert_int_equal(choose(&t, &none, &p, "/x/y/gcc-12", &c),
	    CHOICE_UNKNOWN);
}

/* -- aliases -- */

static void
add_alias(struct aliases *a, const char *net, const char *name,
    const char *target)
{
	struct acl one = { .n = 0 };
	struct alias *v = &a->v[a->n++];

	assert_int_equal(acl_add(&one, net), ACL_OK);
	v->net = one.rules[0];
	PUT(v->name, name);
	PUT(v->target, target);
}

static void
make_aliases(struct aliases *a)
{
	a->n = 0;
	add_alias(a, "192.0.2.0/24", "gcc", "gcc-11");
	add_alias(a, "192.0.2.64/26", "gcc", "aarch64-linux-gnu-gcc");
	add_alias(a, "0.0.0.0/0", "riscv64-linux-gnu-gcc",
	    "riscv64-unknown-linux-gnu-gcc");
	add_alias(a, "2001:db8::/32", "gcc", "gcc-11");
	add_alias(a, "192.0.2.0/24", "gcc-4", "gcc-13");
	add_alias(a, "192.0.2.0/24", "gcc-3", "gcc-9");
	add_alias(a, "192.0.2.0/24", "arm-linux-gnueabihf-gcc", "gcc");
	add_alias(a, "192.0.2.0/24", "x86_64-pc-linux-gnu-gcc", "gcc");
	add_alias(a, "192.0.2.0/24", "gcc-2",
	    "arm-linux-gnueabihf-gcc"); /* one step, not two */
	add_alias(a, "192.0.2.0/24", "aarch64-unknown-linux-gnu-clang",
	    "aarch64-linux-gnu-clang");
	add_alias(a, "192.0.2.0/24", "aarch64-linux-gnu-clang-14", "clang");
	add_alias(a, "192.0.2.0/24", "clang", "gcc");
}

static void
test_alias(void **state)
{
	static const struct {
		const char *client, *word;
		enum choice want;
		const char *name;
	} cases[] = {
		{ "192.0.2.1", "gcc", CHOICE_READY, "gcc-11" },
		{ "192.0.2.63", "gcc", CHOICE_READY, "gcc-11" },
		{ "192.0.2.64", "gcc", CHOICE_READY, "aarch64-linux-gnu-gcc" },
		{ "192.0.2.127", "gcc", CHOICE_READY, "aarch64-linux-gnu-gcc" },
		{ "192.0.2.128", "gcc", CHOICE_READY, "gcc-11" },
		{ "198.51.100.1", "gcc", CHOICE_READY, "gcc" },
		{ "2001:db8::1", "gcc", CHOICE_READY, "gcc-11" },
		{ "2001:db9::1", "gcc", CHOICE_READY, "gcc" },
		{ "198.51.100.1", "riscv64-linux-gnu-gcc", CHOICE_READY,
		    "riscv64-unknown-linux-gnu-gcc" },
		/* "0.0.0.0/0" says nothing of IPv6 */
		{ "2001:db8::1", "riscv64-linux-gnu-gcc", CHOICE_TARGET, "" },
		{ "192.0.2.1", "/usr/bin/gcc", CHOICE_READY, "gcc-11" },
		{ "192.0.2.1", "/elsewhere/gcc", CHOICE_PATH, "" },
		{ "192.0.2.1", "gcc-4", CHOICE_UNKNOWN, "" },
		{ "192.0.2.1", "gcc-3", CHOICE_UNLISTED, "" },
		{ "192.0.2.1", "gcc-2", CHOICE_TARGET, "" },
		{ "192.0.2.1", "arm-linux-gnueabihf-gcc", CHOICE_TARGET, "" },
		{ "192.0.2.1", "x86_64-pc-linux-gnu-gcc", CHOICE_READY, "gcc" },
		{ "192.0.2.1", "aarch64-unknown-linux-gnu-clang", CHOICE_READY,
		    "aarch64-linux-gnu-clang" },
		{ "192.0.2.1", "aarch64-linux-gnu-clang-14", CHOICE_TARGET,
		    "" },
		{ "192.0.2.1", "clang", CHOICE_TARGET, "" },
		{ "192.0.2.1", "g++", CHOICE_READY, "g++" },
	};
	static struct aliases a;

	(void)state;
	make_aliases(&a);
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct peer p = peer_of(cases[i].client);
		struct chosen c;
		enum choice got = choose(&node, &a, &p, cases[i].word, &c);

		if (got != cases[i].want)
			fail_msg("%s %s: %d", cases[i].client, cases[i].word,
			    got);
		if (got == CHOICE_READY)
			assert_string_equal(c.name->name, cases[i].name);
	}
}

/* A user of this machine has no network, whatever the bytes of the uid are. */
static void
test_alias_local(void **state)
{
	static struct aliases a;
	struct chosen c;
	struct peer p;

	(void)state;
	a.n = 0;
	add_alias(&a, "::/0", "gcc", "gcc-11");
	peer_from_uid(&p, 1000);
	assert_int_equal(choose(&node, &a, &p, "gcc", &c), CHOICE_READY);
	assert_string_equal(c.name->name, "gcc");
}

static void
test_objection(void **state)
{
	static const struct {
		const char *name, *target;
		bool fine;
	} cases[] = {
		{ "gcc", "gcc-11", true },
		{ "cc", "clang", true },
		{ "gcc", "aarch64-linux-gnu-gcc", true },
		{ "x86_64-pc-linux-gnu-gcc", "x86_64-linux-gnu-gcc-12", true },
		{ "armv7-alpine-linux-musleabihf-gcc",
		    "arm-linux-musleabihf-gcc", true },
		{ "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc", false },
		{ "x86_64-alpine-linux-musl-gcc", "x86_64-linux-gnu-gcc",
		    false },
		{ "gcc", "g++", false },
		{ "gcc", "clang", false },
		{ "clang++", "clang", false },
		{ "our-own", "gcc", true },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		if ((alias_objection(cases[i].name, cases[i].target) == NULL) !=
		    cases[i].fine)
			fail_msg("%s = %s", cases[i].name, cases[i].target);
}

/* Messages in their order and no others; a new first one starts anew. */
static void
test_messages(void **state)
{
	static struct aliases all, got;
	struct alias_message m = { .count = 0 };

	(void)state;
	make_aliases(&all);
	for (unsigned i = 0; i < all.n; i++) {
		m = (struct alias_message){ .index = i, .count = all.n,
			.alias = all.v[i] };
		assert_int_equal(aliases_take(&got, &m), i + 1 == all.n);
	}
	assert_int_equal(got.n, all.n);
	assert_memory_equal(got.v, all.v, all.n * sizeof(all.v[0]));
	assert_int_equal(aliases_take(&got, &m), -EPROTO); /* twice */
	m.index = 0;
	assert_int_equal(aliases_take(&got, &m), 0);
	m.index = 2;
	assert_int_equal(aliases_take(&got, &m), -EPROTO);
	m.index = 1;
	m.alias.net.bits = 129;
	assert_int_equal(aliases_take(&got, &m), -EPROTO);
	m.alias = all.v[1];
	PUT(m.alias.target, "a/b");
	assert_int_equal(aliases_take(&got, &m), -EPROTO);
	m.alias = all.v[1];
	memset(m.alias.name, 'a', sizeof(m.alias.name));
	assert_int_equal(aliases_take(&got, &m), -EPROTO);
	m = (struct alias_message){ .count = LIMIT_ALIASES + 1 };
	assert_int_equal(aliases_take(&got, &m), -EPROTO);
	m = (struct alias_message){ .count = 0 };
	assert_int_equal(aliases_take(&got, &m), 1);
	assert_int_equal(got.n, 0);
}

/* Pump: whose headers. */
static void
test_headers(void **state)
{
	static const struct {
		const char *word, *argv[4], *target; /* NULL: they fit */
	} cases[] = {
		{ "gcc", { "-c", NULL }, NULL },
		{ "aarch64-linux-gnu-gcc", { "-c", NULL }, NULL },
		{ "clang", { "-c", NULL }, NULL },
		{ "clang", { "-target", "x86_64-pc-linux-gnu", NULL }, NULL },
		{ "clang", { "-target", "x86_64-linux-gnu", NULL }, NULL },
		{ "clang", { "-target", "x86_64-alpine-linux-musl", NULL },
		    "x86_64-alpine-linux-musl" },
		{ "clang", { "-target", "aarch64-linux-gnu", NULL },
		    "aarch64-linux-gnu" },
		{ "clang", { "-c", "--target=aarch64-linux-gnu", NULL },
		    "aarch64-linux-gnu" },
		{ "clang", { "-c", "-target", NULL }, NULL },
		{ "clang", { "--target=aarch64-linux-gnu", "-nostdinc", NULL },
		    NULL },
		{ "clang", { "-nostdlibinc", "--target=arm-none-eabi", NULL },
		    NULL },
		{ "clang", { "--target=aarch64-linux-gnu", "--sysroot=/s",
		    NULL }, NULL },
		{ "clang", { "--target=aarch64-linux-gnu", "-nostdinc++",
		    NULL }, "aarch64-linux-gnu" },
		{ "aarch64-linux-gnu-clang", { "-c", NULL },
		    "aarch64-linux-gnu" },
		{ "aarch64-linux-gnu-clang", { "-target", "x86_64-linux-gnu",
		    NULL }, NULL },
	};
	static const struct aliases none;
	const struct peer p = peer_of("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		char target[64];
		struct chosen c;
		bool fit;

		assert_int_equal(choose(&node, &none, &p, cases[i].word, &c),
		    CHOICE_READY);
		fit = headers_fit(&node, &c, cases[i].argv, target);
		if (fit != (cases[i].target == NULL) ||
		    (!fit && strcmp(target, cases[i].target) != 0))
			fail_msg("%zu: %s", i, target);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_any_path),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_alias_local),
		cmocka_unit_test(test_objection),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, make_node, NULL);
}
