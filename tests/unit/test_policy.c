/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: the policy language, and the code made of it. */
#include <sandbox/policy.h>

#include "bpf_run.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))

static struct sock_filter code[BPF_MAXINSNS];

/* "inc" is there, "loop" includes itself, nothing else is. */
static char *
fetch(const char *name, const char *from, char *path, size_t size)
{
	(void)from;
	(void)snprintf(path, size, "%s.policy", name);
	if (strcmp(name, "inc") == 0)
		return strdup("default kill # x\nerrno EPERM read # x\n");
	if (strcmp(name, "loop") == 0)
		return strdup("include loop\n");
	return NULL;
}

static unsigned short
compile(struct policy *p, const char *text)
{
	unsigned short len = 0;

	assert_int_equal(policy_init(p, "x86_64"), 0);
	p->fetch = fetch;
	if (policy_read(p, text, "t") == 0)
		len = policy_emit(p, code);
	policy_done(p);
	return len;
}

/* What stands in the error, for a text that must be refused. */
static void
test_bad(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "no \"default\" line" },
		{ "allow read # x", "no \"default\" line" },
		{ "default kill", "t:1: a rule without a reason" },
		{ "# x\n\ndefault kill", "t:3: a rule without a reason" },
		{ "default # x", "default what?" },
		{ "default allow # x", "an open default is not offered" },
		{ "default errno # x", "default kill, trip, or errno NAME" },
		{ "default kill now # x", "default kill, trip, or errno NAME" },
		{ "# x\ndefault kill\ndefault kill", "t:3: a second default" },
		{ "permit read # x", "\"permit\" stands where" },
		{ "allow # x", "no call named" },
		{ "allow? # x", "no call named" },
		{ "allow nocall # x", "unknown call \"nocall\"" },
		{ "allow read nocall # x", "unknown call \"nocall\"" },
		{ "allow? nocall # x", "unknown call \"nocall\"" },
		{ "allow _llseek # x", "does not exist on this architecture" },
		{ "errno # x", "errno of what?" },
		{ "errno ENOPE read # x", "unknown errno \"ENOPE\"" },
		{ "errno 1 read # x", "unknown errno \"1\"" },
		{ "errno EPERM # x", "no call named" },
		{ "allow read arg6 == 1 # x", "\"arg6\" stands where arg0" },
		{ "allow read arg == 1 # x", "\"arg\" stands where arg0" },
		{ "allow read arg00 == 1 # x", "\"arg00\" stands where arg0" },
		{ "allow read arg0 # x", "arg0 is compared with nothing" },
		{ "allow read arg0 == # x", "arg0 is compared with nothing" },
		{ "allow read arg0 < 3 # x", "\"<\" stands where == or !=" },
		{ "allow read arg0 = 3 # x", "\"=\" stands where == or !=" },
		{ "allow read arg0 == F_NOPE # x", "\"F_NOPE\" is no number" },
		{ "allow read arg0 == 3x # x", "\"3x\" is no number" },
		{ "allow read arg0 == -1 # x", "\"-1\" is no number" },
		{ "allow read arg0 == 1| # x", "\"\" is no number" },
		{ "allow read arg0 & 3 # x", "arg0 is compared with nothing" },
		{ "allow read arg0 & 3 == 4 # x", "bits outside the mask" },
		{ "allow read arg0 != 4 # x", "!= needs a mask" },
		{ "allow read arg0 == 1 && # x", "nothing follows &&" },
		{ "allow read arg0 == 1 arg1 == 2 # x", "where && should" },
		{ "allow read arg0 == 1 write # x", "where && should" },
		{ "allow read arg0 == 1 && arg0 == 1 && arg0 == 1 && arg0 == 1 "
		  "&& arg0 == 1 && arg0 == 1 && arg0 == 1 # x",
		    "more than 6 conditions" },
		{ "# x\nallow read\nerrno EPERM read arg0 == 1",
		    "t:3: never reached: line 2 decided on every read" },
		{ "# x\nallow read read", "t:2: never reached" },
		{ "# x\nerrno EPERM read arg0 == 1\nallow read",
		    "t:3: an allow of read after the refusal on line 2" },
		{ "include", "include NAME" },
		{ "include a b", "include NAME" },
		{ "include gone", "t:1: cannot read gone.policy" },
		{ "include loop", "loop.policy:1: includes nest deeper" },
	};
	struct policy p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (compile(&p, cases[i].text) != 0)
			fail_msg("accepted: %s", cases[i].text);
		if (strstr(p.error, cases[i].want) == NULL)
			fail_msg("case %zu: \"%s\" without \"%s\"", i, p.error,
			    cases[i].want);
	}
	assert_int_equal(policy_init(&p, "pdp11"), -1);
}

static void
test_long_line(void **state)
{
	char text[POLICY_LINE + 64];
	struct policy p;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "default kill # x", 16);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(compile(&p, text), 0);
	assert_non_null(strstr(p.error, "longer than"));
}

static uint32_t
answer(unsigned short len, int nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data d = { nr, AUDIT_ARCH_X86_64, 0,
		{ a0, a1, a2, 0, 0, 0 } };

	return bpf_run(code, len, &d);
}

/* One policy with everything in it, and what it says to calls. */
static void
test_answers(void **state)
{
	static const char text[] =
	    "# x\n"
	    "errno EACCES read arg2 & 0xffffffff == 7\n"
	    "include inc\n"
	    "# x\n"
	    "allow write close\n"
	    "allow ioctl arg0 == 5 && arg1 & 4 == 4 && arg2 & 3 != 1\n"
	    "allow ioctl arg0 == 0x100000006\n"
	    "errno 0 ioctl arg1 & 0xff00000000 == 0x1200000000\n"
	    "errno ENOTTY ioctl\n"
	    "allow lseek arg0 == 1 # otherwise the default\n"
	    "kill open\n"
	    "allow lseek arg1 & 0xffffffff00000001 != 0x100000000\n"
	    "allow? _llseek # nothing of x86-64\n"
	    "allow cachestat mseal file_setattr\n";
	static const struct {
		int nr;
		uint64_t a0, a1, a2;
		uint32_t want;
	} cases[] = {
		{ SYS_read, 0, 0, 7, ERRNO(EACCES) },
		{ SYS_read, 0, 0, 0x100000007, ERRNO(EACCES) },
		{ SYS_read, 0, 0, 8, ERRNO(EPERM) },
		{ SYS_write, 0, 0, 0, ALLOW },
		{ SYS_close, 0, 0, 0, ALLOW },
		{ SYS_open, 0, 0, 0, KILL },
		{ SYS_stat, 0, 0, 0, KILL },
		{ SYS_ioctl, 5, 4, 0, ALLOW },
		{ SYS_ioctl, 5, 7, 2, ALLOW },
		{ SYS_ioctl, 5, 4, 1, ERRNO(ENOTTY) },
		{ SYS_ioctl, 5, 4, 5, ERRNO(ENOTTY) },
		{ SYS_ioctl, 5, 3, 0, ERRNO(ENOTTY) },
		{ SYS_ioctl, 0x100000005, 4, 0, ERRNO(ENOTTY) },
		{ SYS_ioctl, 0x100000006, 0, 0, ALLOW },
		{ SYS_ioctl, 6, 0, 0, ERRNO(ENOTTY) },
		{ SYS_ioctl, 6, 0x1200000000, 0, ERRNO(0) },
		{ SYS_ioctl, 6, 0xff1200000001, 0, ERRNO(0) },
		{ SYS_ioctl, 6, 0x1300000000, 0, ERRNO(ENOTTY) },
		{ SYS_lseek, 1, 0x100000000, 0, ALLOW },
		{ SYS_lseek, 2, 0x100000000, 0, KILL },
		{ SYS_lseek, 2, 0x100000001, 0, ALLOW },
		{ SYS_lseek, 2, 0x200000000, 0, ALLOW },
		{ SYS_lseek, 2, 0, 0, ALLOW },
		{ 451, 0, 0, 0, ALLOW },
		{ 452, 0, 0, 0, KILL },
		{ 462, 0, 0, 0, ALLOW },
		{ 469, 0, 0, 0, ALLOW },
		{ 470, 0, 0, 0, ERRNO(ENOSYS) },
		{ 0x3fffffff, 0, 0, 0, ERRNO(ENOSYS) },
		{ 0x40000000, 0, 0, 0, KILL }, /* x32 */
		{ 0x40000000 | SYS_write, 0, 0, 0, KILL },
		{ -1, 0, 0, 0, KILL },
	};
	struct policy p;
	unsigned short len = compile(&p, text);
	struct seccomp_data other = { SYS_write, AUDIT_ARCH_I386, 0, { 0 } };

	(void)state;
	assert_string_equal(p.error, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t got = answer(len, cases[i].nr, cases[i].a0,
		    cases[i].a1, cases[i].a2);

		if (got != cases[i].want)
			fail_msg("case %zu, nr %d: %#x, not %#x", i,
			    cases[i].nr, got, cases[i].want);
	}
	assert_int_equal(bpf_run(code, len, &other), KILL);
	other.arch = AUDIT_ARCH_AARCH64;
	assert_int_equal(bpf_run(code, len, &other), KILL);
}

/* What is not listed trips, and other ABIs do; nothing else changes. */
static void
test_trip(void **state)
{
	static const char text[] =
	    "default trip # x\n"
	    "include inc\n"
	    "allow write # x\n"
	    "kill open # x\n"
	    "allow ioctl arg0 == 5 # x\n";
	const uint32_t trip = SECCOMP_RET_USER_NOTIF;
	struct policy p;
	unsigned short len = compile(&p, text);
	struct seccomp_data other = { SYS_write, AUDIT_ARCH_I386, 0, { 0 } };

	(void)state;
	assert_string_equal(p.error, "");
	assert_int_equal(answer(len, SYS_write, 0, 0, 0), ALLOW);
	assert_int_equal(answer(len, SYS_read, 0, 0, 0), ERRNO(EPERM));
	assert_int_equal(answer(len, SYS_open, 0, 0, 0), KILL);
	assert_int_equal(answer(len, SYS_ioctl, 5, 0, 0), ALLOW);
	assert_int_equal(answer(len, SYS_ioctl, 6, 0, 0), trip);
	assert_int_equal(answer(len, SYS_kcmp, 0, 0, 0), trip);
	assert_int_equal(answer(len, 0x40000000 | SYS_write, 0, 0, 0), trip);
	assert_int_equal(answer(len, -1, 0, 0, 0), trip);
	/* a call newer than any that is known is not there */
	assert_int_equal(answer(len, 470, 0, 0, 0), ERRNO(ENOSYS));
	assert_int_equal(bpf_run(code, len, &other), trip);
	other.arch = AUDIT_ARCH_AARCH64;
	assert_int_equal(bpf_run(code, len, &other), trip);
	/* an errno is no death: other ABIs have theirs all the same */
	len = compile(&p, "default errno EPERM # x\n");
	assert_int_equal(bpf_run(code, len, &other), KILL);
}

/* What the policy's text says of calls without conditions. */
static const struct {
	const char *call;
	uint32_t action;
} plain[] = {
	{ "read", SCMP_ACT_ALLOW }, { "write", SCMP_ACT_ALLOW },
	{ "futex", SCMP_ACT_ALLOW }, { "openat", SCMP_ACT_ALLOW },
	{ "openat2", SCMP_ACT_ALLOW }, { "brk", SCMP_ACT_ALLOW },
	{ "clone3", SCMP_ACT_ERRNO(ENOSYS) }, { "getpid", SCMP_ACT_ALLOW },
	{ "socket", SCMP_ACT_ERRNO(EAFNOSUPPORT) },
	{ "link", SCMP_ACT_ERRNO(EPERM) },
};

/* The same rules by libseccomp's own generator. */
static size_t
by_libseccomp(struct sock_filter *out)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	ssize_t n;

	assert_non_null(ctx);
	assert_true(fd >= 0);
	for (size_t i = 0; i < COUNT(plain); i++)
		assert_int_equal(seccomp_rule_add(ctx, plain[i].action,
		    seccomp_syscall_resolve_name(plain[i].call), 0), 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
	    2, SCMP_A2(SCMP_CMP_MASKED_EQ, 6, 4),
	    SCMP_A3(SCMP_CMP_MASKED_EQ, 0x2f, 2)), 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
	    1, SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0)), 0);
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	n = pread(fd, out, BPF_MAXINSNS * sizeof(*out), 0);
	close(fd);
	seccomp_release(ctx);
	return (size_t)n / sizeof(*out);
}

/* Both generators answer alike on every number and many arguments. */
static void
test_same_as_libseccomp(void **state)
{
	static struct sock_filter theirs[BPF_MAXINSNS];
	static const char text[] =
	    "# x\ndefault kill\n"
	    "allow read write futex openat openat2 brk getpid\n"
	    "errno ENOSYS clone3\nerrno EAFNOSUPPORT socket\nerrno EPERM link\n"
	    "allow mmap arg2 & PROT_EXEC|PROT_WRITE == PROT_EXEC && "
	    "arg3 & MAP_TYPE|MAP_ANONYMOUS == MAP_PRIVATE\n"
	    "allow mmap arg2 & PROT_EXEC == 0\n";
	struct policy p;
	unsigned short len = compile(&p, text);
	size_t n = by_libseccomp(theirs);

	(void)state;
	assert_string_equal(p.error, "");
	/* up to the highest number known; above it the two differ on purpose */
	for (int nr = 0; nr <= p.highest; nr++) {
		for (uint64_t a = 0; a < 128; a++) {
			struct seccomp_data d = { nr, AUDIT_ARCH_X86_64, 0,
				{ 0, 0, a & 7, a >> 1, 0, 0 } };

			assert_int_equal(bpf_run(code, len, &d),
			    bpf_run(theirs, n, &d));
		}
	}
}

/* A policy too wide for eight-bit jumps still reaches every number. */
static void
test_long_jumps(void **state)
{
	static char text[65536];
	struct policy p;
	size_t at = 0;
	unsigned short len;
	char *name;

	(void)state;
	at += (size_t)snprintf(text, sizeof(text), "# x\ndefault kill\n");
	for (int nr = 0; nr < 330; nr += 2) {
		name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, nr);
		assert_non_null(name);
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "allow %s arg0 & 0x1ffffffff == %d\n", name, nr);
		free(name);
	}
	len = compile(&p, text);
	assert_string_equal(p.error, "");
	assert_true(len > 512);
	for (int nr = 0; nr < 335; nr++) {
		assert_int_equal(answer(len, nr, (uint64_t)nr, 0, 0),
		    nr < 330 && nr % 2 == 0 ? ALLOW : KILL);
		assert_int_equal(answer(len, nr, (uint64_t)nr + 1, 0, 0), KILL);
		assert_int_equal(answer(len, nr, (uint64_t)(unsigned)nr | UINT64_C(1) << 32, 0,
		    0), KILL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_trip),
		cmocka_unit_test(test_same_as_libseccomp),
		cmocka_unit_test(test_long_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
