/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive_executor jobs|usual|refuse|hostile|kill|faults|"
		    "bench [N]: one slot by hand, as
 * root.
 *
 *   jobs    a plain job, one with lzo, and pump jobs; objects are compared
 *           with what the host's gcc makes of the same files
 *   usual   the same with the image also at the usual places
 *   refuse  requests that a cell must turn down, each with its reason
 *   hostile a compiler that attacks what is around it
 *   kill    SIGKILL of each process of a slot at work: nothing stays behind
 *   bench   N jobs of several kinds, one after the other: times
 */
#include "drive_executor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/common/tops.h"

static struct drive drive;

void
drive_ok(const char *what)
{
	printf("ok - %s\n", what);
	fflush(stdout);
}

static int
shell(const char *command)
{
	int st = system(command); /* a test's own constant commands */

	return st;
}

static uint8_t *
read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	uint8_t *mem = malloc(64UL << 20);

	if (f == NULL || mem == NULL)
		drive_fail("%s: %s", path, strerror(errno));
	*ret_len = fread(mem, 1, 64UL << 20, f);
	fclose(f);
	return mem;
}

static void
expect_exit(const struct drive_job *j, const char *what, uint32_t status)
{
	size_t n;

	if (j->done.end == END_EXIT && j->done.status == status)
		return;
	if (j->done.end == END_EXIT)
		printf(
		    "# stderr: %s\n", (char *)drive_job_part(j, PART_SERR, &n));
	drive_fail("%s: end %u, status %#x, detail %u", what, j->done.end,
	    j->done.status, j->done.detail);
}

static void
same(const struct drive_job *j, enum result_part p, const char *path,
    const char *what)
{
	size_t n, want_n;
	uint8_t *got = drive_job_part(j, p, &n);
	uint8_t *want = read_file(path, &want_n);

	if (n != want_n || n == 0 || memcmp(got, want, n) != 0)
		drive_fail(
		    "%s differs: %zu bytes, wanted %zu", what, n, want_n);
	free(got);
	free(want);
	drive_ok(what);
}

static const char tiny[] = "int f(int a)\n{\n\treturn a + 1;\n}\n";

static void
plain_job(struct drive_job *j, unsigned proto, const void *src, size_t n)
{
	static const char *const argv[] = { "/usr/bin/gcc", "-O2", "-x",
		"cpp-output", "-c", "/tmp/hello.i", "-o", "/tmp/.immure/o",
		NULL };

	drive_job_begin(j, PROFILE_PLAIN, proto);
	drive_job_exec(j, "/tmp", argv);
	drive_job_file(j, "/tmp/hello.i", src, n);
}

static void
test_plain(unsigned proto, const char *what)
{
	struct drive_job j;
	size_t n;
	uint8_t *src;

	if (shell("printf '#include <stdio.h>\\n"
		  "int main(void){puts(\"hello\");return 0;}\\n' >hello.c && "
		  "gcc -E hello.c -o hello.i && "
		  "gcc -O2 -x cpp-output -c hello.i -o want.o") != 0)
		drive_fail("the host's gcc");
	src = read_file("hello.i", &n);
	plain_job(&j, proto, src, n);
	drive_job_send(&drive, &j);
	if (!drive_job_wait(&drive, &j, 60000))
		drive_fail("the executor has ended");
	expect_exit(&j, what, 0);
	same(&j, PART_DOTO, "want.o", what);
	drive_job_done(&j);
	free(src);
}

static void
test_error(void)
{
	struct drive_job j;
	static const char bad[] = "int main(void) { return x; }\n";
	size_t n;
	char *text;

	plain_job(&j, 1, bad, sizeof(bad) - 1);
	drive_job_send(&drive, &j);
	if (!drive_job_wait(&drive, &j, 60000))
		drive_fail("the executor has ended");
	expect_exit(&j, "a compile error", 0x100);
	text = (char *)drive_job_part(&j, PART_SERR, &n);
	if (strstr(text, "undeclared") == NULL || j.done.len[PART_DOTO] != 0)
		drive_fail("a compile error: %s", text);
	free(text);
	drive_job_done(&j);
	drive_ok("a compile error has its text and no object");
}

static void
test_no_program(void)
{
	struct drive_job j;
	static const char *const argv[] = { "nosuchcc", NULL };
	static const char *const env[] = { "A=b", NULL };
	size_t n;
	char *text;

	drive_job_begin(&j, PROFILE_PLAIN, 1);
	plan_exec(&j.plan, "/.immure/usr/bin/nosuchcc", "/tmp", argv, env);
	drive_job_send(&drive, &j);
	if (!drive_job_wait(&drive, &j, 60000))
		drive_fail("the executor has ended");
	expect_exit(&j, "no such program", 110 << 8);
	text = (char *)drive_job_part(&j, PART_SERR, &n);
	if (strstr(text, "ERROR: failed to exec nosuchcc: No such file") ==
	    NULL)
		drive_fail("no such program: %s", text);
	free(text);
	drive_job_done(&j);
	drive_ok("a program that is not there is exit 110 with its reason");
}

static const char main_c[] =
    "#include <stdio.h>\n#include \"sub/h.h\"\n#include <link/l.h>\n"
    "#include \"force/../sub/h2.h\"\n#include \"/opt/far/far.h\"\n"
    "int main(void) { return printf(\"%d %d %d %d\\n\", H, L, H2, FAR); }\n";

/* @dir on both sides: paths are part of an object with -g. */
static void
pump_job(struct drive_job *j, uint64_t tops)
{
	static const char *const argv[] = { "/usr/bin/gcc", "-O2", "-g", "-I.",
		"-MMD", "-MF", "/tmp/.immure/d", "-MT", "main.o", "-c",
		"main.c", "-o", "/tmp/.immure/o", NULL };

	drive_job_begin(j, PROFILE_PUMP, 3);
	j->start.tops = tops;
	drive_job_exec(j, "/opt/drive/src", argv);
	plan_dir(&j->plan, "/opt/drive/src/force");
	drive_job_file(j, "/opt/drive/src/main.c", main_c, sizeof(main_c) - 1);
	drive_job_file(j, "/opt/drive/src/sub/h.h", "#define H 1\n", 12);
	drive_job_file(j, "/opt/drive/src/sub/h2.h", "#define H2 2\n", 13);
	drive_job_file(j, "/opt/drive/real/l.h", "#define L 3\n", 12);
	drive_job_file(j, "/opt/far/far.h", "#define FAR 4\n", 14);
	drive_job_file(j, "/opt/far/empty.h", "", 0);
	plan_link(&j->plan, "/opt/drive/src/link", "/opt/drive/real");
}

static void
test_pump(void)
{
	struct drive_job j;

	if (shell("mount -t tmpfs immure /opt && mkdir -p /opt/drive/src/force "
		  "/opt/drive/src/sub /opt/drive/real /opt/far && "
		  "cd /opt/drive/src && echo '#define H 1' >sub/h.h && "
		  "echo '#define H2 2' >sub/h2.h && ln -s ../real link && "
		  "echo '#define L 3' >link/l.h && "
		  "echo '#define FAR 4' >/opt/far/far.h") != 0)
		drive_fail("files of the pump job");
	FILE *f = fopen("/opt/drive/src/main.c", "we");
	if (f == NULL || fputs(main_c, f) < 0 || fclose(f) != 0)
		drive_fail("main.c");
	if (shell("cd /opt/drive/src && LC_ALL=C gcc -O2 -g -I. -MMD -MF want.d"
		  " -MT main.o -c main.c -o want.o") != 0)
		drive_fail("the host's gcc");
	pump_job(&j, tops_bit("/opt") | tops_bit("/tmp"));
	drive_job_send(&drive, &j);
	if (!drive_job_wait(&drive, &j, 60000))
		drive_fail("the executor has ended");
	expect_exit(&j, "pump", 0);
	same(&j, PART_DOTO, "/opt/drive/src/want.o", "pump: the object");
	same(&j, PART_DOTD, "/opt/drive/src/want.d", "pump: the dependencies");
	if (j.done.cold != 1)
		drive_fail("pump: /opt is not prepared ahead, but was warm");
	drive_job_done(&j);
}

/* -- requests that are turned down -- */

static void
expect_end(struct drive_job *j, uint32_t end, uint32_t detail, const char *what)
{
	drive_job_send(&drive, j);
	if (!drive_job_wait(&drive, j, 60000))
		drive_fail("%s: the executor has ended", what);
	if (j->done.end != end || j->done.detail != detail)
		drive_fail("%s: end %u, detail %u, status %#x", what,
		    j->done.end, j->done.detail, j->done.status);
	drive_job_done(j);
	drive_ok(what);
}

static void
begin_names(struct drive_job *j)
{
	static const char *const argv[] = { "/usr/bin/gcc", "--version", NULL };

	drive_job_begin(j, PROFILE_PUMP, 1);
	drive_job_exec(j, "/", argv);
}

static void
test_names(void)
{
	static const char *const names[] = { "/etc/passwd", "/x",
		"/usr/include/stdio.h", "/usr/include/mine/new.h", "/.immure/x",
		"/tmp/.immure/o", "/lib64/x", "/srv/x", NULL };
	struct drive_job j;
	char what[128];

	for (unsigned i = 0; names[i] != NULL; i++) {
		begin_names(&j);
		drive_job_file(&j, names[i], "x", 1);
		(void)snprintf(
		    what, sizeof(what), "a file at %s is refused", names[i]);
		expect_end(&j, END_UNPACK, UNPACK_NAME, what);
	}
	begin_names(&j);
	drive_job_file(&j, "/home/a", "x", 1);
	drive_job_file(&j, "/home/a", "y", 1);
	expect_end(&j, END_UNPACK, UNPACK_NAME, "a name twice is refused");
	begin_names(&j);
	plan_link(&j.plan, "/home/l", "/root");
	drive_job_file(&j, "/home/l/x", "y", 1);
	expect_end(&j, END_UNPACK, UNPACK_NAME,
	    "a file behind a received link is refused");
	begin_names(&j);
	drive_job_file(&j, "/home/f", "y", 1);
	drive_job_file(&j, "/home/f/x", "y", 1);
	expect_end(
	    &j, END_UNPACK, UNPACK_NAME, "a file below a file is refused");
}

static void
test_bodies(void)
{
	static const uint8_t rubbish[] = "\x00\x00\x00 this is not lzo";
	static uint8_t zeros[8 << 20];
	struct drive_job j;

	plain_job(&j, 2, zeros, sizeof(zeros));
	j.start.unpacked_max = sizeof(zeros) - 1;
	expect_end(&j, END_UNPACK, UNPACK_BOMB, "a bomb is refused");
	plain_job(&j, 1, rubbish, sizeof(rubbish));
	j.start.proto = 2;
	expect_end(&j, END_UNPACK, UNPACK_LZO, "rubbish is refused");
	plain_job(&j, 1, "x", 1);
	j.plan.buf[0] ^= 1;
	drive_job_send(&drive, &j);
	if (!drive_job_wait(&drive, &j, 60000) || j.done.end != END_UNPACK ||
	    j.done.detail != UNPACK_PLAN)
		drive_fail("a malformed plan: end %u", j.done.end);
	drive_job_done(&j);
	drive_ok("a malformed plan is refused");
}

/* 2^150 inclusions: a compiler that does not end, in little memory. */
void
drive_job_endless(struct drive_job *j)
{
	static const char text[] = "#if __INCLUDE_LEVEL__ < 150\n"
				   "#include \"long.c\"\n"
				   "#include \"long.c\"\n#endif\n";
	static const char *const argv[] = { "/usr/bin/gcc", "-O2", "-c",
		"/tmp/long.c", "-o", "/tmp/.immure/o", NULL };

	drive_job_begin(j, PROFILE_PLAIN, 1);
	drive_job_exec(j, "/tmp", argv);
	drive_job_file(j, "/tmp/long.c", text, sizeof(text) - 1);
}

/* Others work on this machine too: in time once of three times. */
static void
test_wall(void)
{
	struct drive_job j;

	for (int tries = 0; tries < 3; tries++) {
		drive_job_endless(&j);
		j.start.wall_ms = 300;
		expect_end(&j, END_WALL, 0, "a job over its time is killed");
		drive_rebuild(&drive);
		if (j.us <= 1500000)
			return;
	}
	drive_fail("… after %llu us", (unsigned long long)j.us);
}

static void
test_ends(void)
{
	struct drive_job j;

	test_wall();
	drive_job_endless(&j);
	drive_job_send(&drive, &j);
	(void)usleep(200000);
	if (msg_send(drive.broker, IMSG_JOB_CANCEL, 77, NULL, 0, NULL, 0) != 0)
		drive_fail("JOB_CANCEL");
	if (!drive_job_wait(&drive, &j, 30000) ||
	    j.done.end != END_CANCELLED || j.done.last != 0)
		drive_fail("a cancelled job: end %u", j.done.end);
	drive_job_done(&j);
	drive_ok("a cancelled job is killed");
}

/* -- bench -- */

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
tiny_job(struct drive_job *j, unsigned i)
{
	(void)i;
	plain_job(j, 1, tiny, sizeof(tiny) - 1);
}

/* Ends at its exec: what is left is the cell. */
static void
null_job(struct drive_job *j, unsigned i)
{
	static const char *const argv[] = { "none", NULL };
	static const char *const env[] = { NULL };

	(void)i;
	drive_job_begin(j, PROFILE_PLAIN, 1);
	plan_exec(&j->plan, "/.immure/none", "/tmp", argv, env);
}

/* The other profile each time: never the cell that was prepared. */
static void
cold_job(struct drive_job *j, unsigned i)
{
	static const char *const argv[] = { "none", NULL };
	static const char *const env[] = { NULL };

	drive_job_begin(j, i % 2 ? PROFILE_PUMP : PROFILE_PLAIN, 1);
	plan_exec(&j->plan, "/.immure/none", "/tmp", argv, env);
}

static void
bench(const char *what, unsigned n, unsigned pause_us,
    void (*make)(struct drive_job *j, unsigned i))
{
	static uint64_t us[10000], cpu[10000];
	struct drive_job j;
	unsigned cold = 0;

	if (n == 0 || n > 10000)
		drive_fail("bench: 1 to 10000 jobs");
	for (unsigned i = 0; i < n; i++) {
		make(&j, i);
		(void)usleep(pause_us);
		drive_job_send(&drive, &j);
		if (!drive_job_wait(&drive, &j, 60000) ||
		    j.done.end != END_EXIT)
			drive_fail("bench: end %u", j.done.end);
		us[i] = j.us;
		cpu[i] = j.done.user_us + j.done.sys_us;
		cold += j.done.cold;
		drive_job_done(&j);
	}
	qsort(us, n, sizeof(us[0]), by_value);
	qsort(cpu, n, sizeof(cpu[0]), by_value);
	printf("# %u %s: min %llu, median %llu, p90 %llu us; CPU of the "
	       "cell: median %llu us; %u cold\n",
	    n, what, (unsigned long long)us[0], (unsigned long long)us[n / 2],
	    (unsigned long long)us[n * 9 / 10], (unsigned long long)cpu[n / 2],
	    cold);
}

static void
run_bench(unsigned n)
{
	printf("# a slot with one toolchain: %llu us to SLOT_READY\n",
	    (unsigned long long)drive.start_us);
	bench("tiny jobs, back to back", n, 0, tiny_job);
	bench("tiny jobs, 20 ms apart", n, 20000, tiny_job);
	bench("empty jobs, back to back", n, 0, null_job);
	bench("empty jobs, 20 ms apart", n, 20000, null_job);
	bench("empty jobs, each in a new cell", n, 20000, cold_job);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int st;

	if (geteuid() != 0) {
		printf("1..0 # SKIP needs root\n");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	drive_image(&drive, strcmp(what, "faults") == 0 ? DRIVE_SMALL
		: strcmp(what, "usual") == 0		? DRIVE_USUAL
							: DRIVE_GCC);
	drive_groups(&drive);
	drive.slot = getenv("DRIVE_SLOT") == NULL
			 ? DRIVE_SLOT
			 : (unsigned)strtoul(getenv("DRIVE_SLOT"), NULL, 10);
	if (strcmp(what, "faults") == 0) {
		drive_faults(&drive);
		return 0;
	}
	if (strcmp(what, "kill") == 0) {
		drive_kills(&drive);
		return 0;
	}
	if (strcmp(what, "hostile") == 0) {
		drive_acts(&drive);
		return 0;
	}
	drive_start(&drive);
	if (strcmp(what, "jobs") == 0 || strcmp(what, "usual") == 0) {
		test_plain(1, "plain: the object");
		test_plain(2, "lzo: the object");
		test_error();
		test_no_program();
		test_pump();
		test_plain(2, "plain after pump: the object");
	} else if (strcmp(what, "refuse") == 0) {
		test_names();
		test_bodies();
		test_ends();
		test_plain(2, "after all that: the object");
	} else if (strcmp(what, "bench") == 0) {
		run_bench(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 50);
	} else {
		drive_fail(
		    "drive_executor jobs|usual|refuse|hostile|kill|faults|"
		    "bench [N]");
	}
	st = drive_stop(&drive);
	if (!WIFEXITED(st) || WEXITSTATUS(st) != 0)
		drive_fail("the executor ended with %#x", (unsigned)st);
	return 0;
}
