/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Driving one slot by hand; see drive_executor.h. */
#include "drive_executor.h"

#include <errno.h>
#include <fcntl.h>
#include <lzo/lzo1x.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sandbox/cgroup.h>

#include "node/common/limits.h"
#include "node/common/memfd.h"
#include "node/common/role.h"
#include "node/common/tops.h"
#include "node/toolchain/table.h"

/* The closure of the host's gcc, by the host's own tools: this test must not
 * need the imager.  $1 = image directory, $2 = where the stages are. */
static const char make_image[] =
    "set -e; d=$1; s=$2; x=$d/x; m=$(gcc -dumpmachine)\n"
    "mkdir -p $x/.stage $d/inc\n"
    "put() { mkdir -p $x$(dirname $1); cp -L $1 $x$1; chmod 0755 $x$1; }\n"
    "cc1=$(gcc -print-prog-name=cc1); as=$(gcc -print-prog-name=as)\n"
    "[ ${as#/} != $as ] || as=$(command -v $as)\n"
    "cc1=$(realpath $cc1)\n"
    "put /usr/bin/gcc; put $cc1; cp $s/../tests/escape/drive_hostile $x/\n"
    "cp -L $as $x/usr/bin/as; mkdir -p $x/lib\n"
    "for p in /usr/bin/gcc $cc1 $as; do ldd $p; done |\n"
    "  sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p;s/^\\t\\(\\/[^ ]*\\) .*/\\1/p' |\n"
    "  sort -u | while read f; do put $f; done\n"
    "for i in unpack launch pack probe; do\n"
    "  cp $s/stage-$i $x/.stage/$i; done\n"
    "for i in $(gcc -E -v -x c - </dev/null 2>&1 |\n"
    "  sed -n '/^#include <...>/,/^End/{s/^ //p}'); do\n"
    "  i=$(realpath $i); case $i in /usr/include/*) continue;; esac\n"
    "  mkdir -p $d/inc$i; cp -a $i/. $d/inc$i/; echo $i >>$d/list; done\n"
    "echo $cc1 >$d/cc1\n";

/* The least that is an image: the stages, and what stands in the compiler's
 * place. */
static const char make_small[] =
    "set -e; d=$1; s=$2; x=$d/x\n"
    "mkdir -p $x/.stage $d/inc/usr/local/include\n"
    "cp $s/../tests/escape/witness $s/../tests/escape/drive_hostile $x/\n"
    "for i in unpack launch pack probe; do\n"
    "  cp $s/stage-$i $x/.stage/$i; done\n";

void
drive_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("not ok - ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	fflush(stdout);
	exit(1);
}

static void
run(const char *const *argv)
{
	pid_t pid = fork();
	int st;

	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (waitpid(pid, &st, 0) != pid || st != 0)
		drive_fail("%s failed (%#x)", argv[0], (unsigned)st);
}

static int __attribute__((format(printf, 3, 4)))
format(char *to, size_t n, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vsnprintf(to, n, fmt, ap);
	va_end(ap);
	if (r < 0 || (size_t)r >= n)
		drive_fail("a name is too long");
	return r;
}

/* build/tests/escape/drive_executor -> build/libexec */
static const char *
libexec(void)
{
	static char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	if (n < 0)
		drive_fail("/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	for (int up = 0; up < 3; up++)
		*strrchr(path, '/') = '\0';
	strncat(path, "/libexec", 16);
	return path;
}

/* The lines of @path into @to, rows of @cap bytes. */
static void
read_lines(const char *path, char *to, size_t cap, unsigned rows)
{
	FILE *f = fopen(path, "re");
	char line[1024];

	if (f == NULL)
		drive_fail("%s: %s", path, strerror(errno));
	for (unsigned i = 0; i < rows && fgets(line, sizeof(line), f); i++) {
		line[strcspn(line, "\n")] = '\0';
		format(to + i * cap, cap, "%s", line);
	}
	fclose(f);
}

static void
fill_toolchain(struct toolchain *t, const char *image)
{
	char path[256], cc1[192] = "", dir[192];

	format(path, sizeof(path), "%s/cc1", image);
	read_lines(path, cc1, sizeof(cc1), 1);
	format(path, sizeof(path), "%s/list", image);
	read_lines(path, t->inc[0], sizeof(t->inc[0]), TOOLCHAIN_INC_MAX);
	t->family = FAMILY_GCC;
	t->flags = TOOLCHAIN_HEADERS;
	format(t->machine, sizeof(t->machine), "by-hand");
	format(t->exec[0], sizeof(t->exec[0]), "/.immure/usr/bin/gcc");
	format(t->exec[1], sizeof(t->exec[1]), "/.immure%s", cc1);
	format(t->exec[2], sizeof(t->exec[2]), "/.immure/usr/bin/as");
	format(t->exec[3], sizeof(t->exec[3]), DRIVE_HOSTILE);
	format(dir, sizeof(dir), "%s", cc1);
	*strrchr(dir, '/') = '\0';
	format(t->env[0], sizeof(t->env[0]),
	    "COMPILER_PATH=/.immure%s:/.immure/usr/bin", dir);
	format(t->env[1], sizeof(t->env[1]),
	    "LD_LIBRARY_PATH=/.immure/lib/x86_64-linux-gnu:"
	    "/.immure/usr/lib/x86_64-linux-gnu:/.immure/lib:/.immure/usr/lib");
	format(t->env[2], sizeof(t->env[2]), "PATH=/.immure/usr/bin");
	format(t->env[3], sizeof(t->env[3]), "TMPDIR=/tmp/.immure");
	format(t->env[4], sizeof(t->env[4]), "LC_ALL=C");
}

/* As the imager does when the compiler's self-check differs. */
static void
use_usual_places(struct toolchain *t)
{
	static const char *const dirs[] = { "/usr/bin", "/lib64",
		"/lib/x86_64-linux-gnu", NULL, NULL };
	char cc1[192];

	format(cc1, sizeof(cc1), "%s", t->exec[1] + strlen("/.immure"));
	*strrchr(cc1, '/') = '\0';
	t->flags |= TOOLCHAIN_USUAL_PLACES;
	for (unsigned i = 0; i < 4; i++)
		format(t->dirs[i], sizeof(t->dirs[i]), "%s",
		    dirs[i] != NULL ? dirs[i] : cc1);
	memset(t->env, 0, sizeof(t->env));
	format(t->env[0], sizeof(t->env[0]), "PATH=/usr/bin");
	format(t->env[1], sizeof(t->env[1]), "TMPDIR=/tmp/.immure");
	format(t->env[2], sizeof(t->env[2]),
	    "LD_LIBRARY_PATH="
	    "/.immure/usr/lib/x86_64-linux-gnu:/.immure/lib");
}

static void
fill_small(struct toolchain *t)
{
	t->family = FAMILY_GCC;
	t->flags = TOOLCHAIN_HEADERS;
	format(t->machine, sizeof(t->machine), "by-hand");
	format(t->exec[0], sizeof(t->exec[0]), DRIVE_WITNESS);
	format(t->exec[1], sizeof(t->exec[1]), DRIVE_HOSTILE);
	format(t->inc[0], sizeof(t->inc[0]), "/usr/local/include");
	format(t->env[0], sizeof(t->env[0]), "PATH=/.immure");
}

static struct {
	struct table_hdr hdr;
	struct toolchain tc;
	struct toolchain_name name;
} table;

static int
make_table(const char *image, enum drive_image kind)
{
	int fd = memfd_new("table");

	memcpy(table.hdr.magic, TABLE_MAGIC, sizeof(table.hdr.magic));
	table.hdr.version = TABLE_VERSION;
	table.hdr.ntoolchains = 1;
	table.hdr.nnames = 1;
	if (kind == DRIVE_SMALL)
		fill_small(&table.tc);
	else
		fill_toolchain(&table.tc, image);
	if (kind == DRIVE_USUAL)
		use_usual_places(&table.tc);
	format(table.name.name, sizeof(table.name.name), "gcc");
	table.name.state = NAME_READY;
	format(table.name.program, sizeof(table.name.program), "%s",
	    table.tc.exec[0]);
	format(table.name.argv0, sizeof(table.name.argv0), "/usr/bin/gcc");
	if (fd < 0 ||
	    write(fd, &table, sizeof(table)) != (ssize_t)sizeof(table) ||
	    memfd_seal(fd) != 0)
		drive_fail("the table: %s", strerror(errno));
	return fd;
}

static char scratch[64];

/* Nothing of ours stays: the tmpfs goes with our mount namespace. */
static void
remove_scratch(void)
{
	if (chdir("/") == 0 && umount2(scratch, MNT_DETACH) == 0)
		(void)rmdir(scratch);
}

void
drive_image(struct drive *d, enum drive_image kind)
{
	char image[128];
	const char *argv[] = { "sh", "-c",
		kind == DRIVE_SMALL ? make_small : make_image, "image", image,
		libexec(), NULL };

	memset(d, 0, sizeof(*d));
	format(d->dir, sizeof(d->dir), "/tmp/immure-drive.XXXXXX");
	if (mkdtemp(d->dir) == NULL)
		drive_fail("mkdtemp: %s", strerror(errno));
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("immure", d->dir, "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		drive_fail("mount: %s", strerror(errno));
	format(scratch, sizeof(scratch), "%s", d->dir);
	(void)atexit(remove_scratch);
	format(image, sizeof(image), "%s/out", d->dir);
	if (mkdir(image, 0755) < 0 || chdir(image) < 0)
		drive_fail("%s: %s", image, strerror(errno));
	format(image, sizeof(image), "%s/%d/0", d->dir, DRIVE_GENERATION);
	run(argv);
	d->table = make_table(image, kind);
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int groups_place = -1;
static char groups_name[32];

static void
remove_groups(void)
{
	(void)cgroup_clear(groups_place, groups_name);
}

void
drive_groups(struct drive *d)
{
	struct cgroup_place p;

	d->groups = -1;
	if (cgroup_find(NULL, &p) != 0)
		return;
	format(groups_name, sizeof(groups_name), "immure.%d", getpid());
	if (mkdirat(p.fd, groups_name, 0755) < 0)
		return;
	groups_place = p.fd;
	d->groups = openat(p.fd, groups_name, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	/* as a node does: what it leaves, killed, the next one removes */
	(void)flock(d->groups, LOCK_EX | LOCK_NB);
	(void)atexit(remove_groups);
}

/* In the child: the descriptors a spawner is started with. */
static _Noreturn void
exec_spawner(const struct drive *d, int monitor, int broker)
{
	char path[512], slot[16], generation[16];
	const char *argv[DRIVE_UNDER_MAX + 9] = { NULL };
	const char *const spawner[] = { "immure-spawner", "--slot", slot,
		"--generation", generation, "--images", d->dir,
		d->groups >= 0 ? "--cell-groups" : NULL };
	static const char *const env[] = { NULL };
	unsigned under = 0;
	int table_fd, groups;

	format(path, sizeof(path), "%s/immure-spawner", libexec());
	while (under < DRIVE_UNDER_MAX && d->under[under] != NULL) {
		argv[under] = d->under[under];
		under++;
	}
	memcpy(argv + under, spawner, sizeof(spawner));
	if (under > 0)
		argv[under] = path;
	format(slot, sizeof(slot), "%u", d->slot);
	format(generation, sizeof(generation), "%d", DRIVE_GENERATION);
	monitor = fcntl(monitor, F_DUPFD_CLOEXEC, 20);
	broker = fcntl(broker, F_DUPFD_CLOEXEC, 20);
	table_fd = fcntl(d->table, F_DUPFD_CLOEXEC, 20);
	groups = fcntl(d->groups, F_DUPFD_CLOEXEC, 20);
	if (dup2(monitor, 3) < 0 || dup2(broker, 4) < 0 ||
	    dup2(table_fd, 5) < 0 ||
	    (d->groups >= 0 && dup2(groups, 6) < 0))
		_exit(1);
	execve(under > 0 ? argv[0] : path, (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)env);
	_exit(127);
}

/* Print what the executor reports; true: it is serving. */
static void
hear_monitor(const struct drive *d)
{
	static struct msg m;
	struct imsg_audit_event e;

	while (msg_recv(d->monitor, &m) == 1) {
		if (m.hdr.type == IMSG_AUDIT_EVENT && !d->quiet) {
			memcpy(&e, m.body, sizeof(e));
			printf("# %.47s: %.511s\n", e.word, e.text);
		}
		msg_done(&m);
	}
}

int
drive_try(struct drive *d, int timeout_ms)
{
	static struct msg m;
	int mon[2], bro[2], r;

	if (msg_pair(mon) != 0 || msg_pair(bro) != 0)
		drive_fail("socketpair");
	fflush(stdout);
	d->start_us = now_us();
	d->executor = fork();
	if (d->executor == 0)
		exec_spawner(d, mon[1], bro[1]);
	close(mon[1]);
	close(bro[1]);
	d->monitor = mon[0];
	d->broker = bro[0];
	r = msg_recv_wait(d->broker, &m, timeout_ms);
	hear_monitor(d);
	d->start_us = now_us() - d->start_us;
	return r == 1 && m.hdr.type != IMSG_SLOT_READY ? -EPROTO : r;
}

void
drive_start(struct drive *d)
{
	int r = drive_try(d, 30000);

	if (r != 1)
		drive_fail("the slot is not ready: %d, end %#x", r,
		    (unsigned)drive_stop(d));
}

int
drive_stop(struct drive *d)
{
	close(d->broker);
	d->broker = -1;
	return drive_end(d);
}

int
drive_end(struct drive *d)
{
	int st = -1;

	if (waitpid(d->executor, &st, 0) != d->executor)
		drive_fail("waitpid: %s", strerror(errno));
	hear_monitor(d);
	close(d->monitor);
	if (d->broker >= 0)
		close(d->broker);
	return st;
}

void
drive_rebuild(struct drive *d)
{
	int st = drive_end(d);

	if (!WIFEXITED(st) || WEXITSTATUS(st) != ROLE_EXIT_REBUILD)
		drive_fail("the executor ended with %#x", (unsigned)st);
	drive_start(d);
}

void
drive_job_begin(struct drive_job *j, unsigned profile, unsigned proto)
{
	memset(j, 0, sizeof(*j));
	plan_begin(&j->plan);
	j->start.profile = profile;
	j->start.proto = proto;
	j->start.tops = profile == PROFILE_PUMP ? tops_default : 0;
	j->start.want_deps = profile == PROFILE_PUMP;
	j->start.wall_ms = 60000;
	j->start.unpacked_max = LIMIT_UNPACKED_BYTES;
	j->start.memory = LIMIT_JOB_AS_BYTES;
}

void
drive_job_exec(struct drive_job *j, const char *cwd, const char *const *argv)
{
	const char *env[TOOLCHAIN_ENV_MAX + 1] = { NULL };

	for (unsigned i = 0; i < TOOLCHAIN_ENV_MAX && table.tc.env[i][0]; i++)
		env[i] = table.tc.env[i];
	plan_exec(&j->plan, table.name.program, cwd, argv, env);
}

void
drive_job_file(
    struct drive_job *j, const char *path, const void *text, size_t len)
{
	static lzo_align_t work[LZO1X_1_MEM_COMPRESS / sizeof(lzo_align_t) + 1];
	lzo_uint n = len;

	j->bodies = realloc(j->bodies, j->bodies_len + len + len / 16 + 67);
	if (j->bodies == NULL)
		drive_fail("out of memory");
	if (j->start.proto > 1 && len > 0)
		lzo1x_1_compress(
		    text, len, j->bodies + j->bodies_len, &n, work);
	else if (len > 0)
		memcpy(j->bodies + j->bodies_len, text, len);
	plan_file(&j->plan, path, j->bodies_len, n);
	j->bodies_len += n;
}

/* A sealed memfd as role @r would have made it. */
static int
role_memfd(enum role r, const void *mem, size_t len)
{
	uint32_t uid, gid;
	int fd;

	role_ids(r, &uid, &gid);
	if (seteuid(uid) < 0)
		drive_fail("seteuid: %s", strerror(errno));
	fd = memfd_new("body");
	if (seteuid(0) < 0 || fd < 0 ||
	    (len > 0 && write(fd, mem, len) != (ssize_t)len) ||
	    memfd_seal(fd) != 0)
		drive_fail("memfd: %s", strerror(errno));
	return fd;
}

int
drive_job_offer(struct drive *d, struct drive_job *j)
{
	int fds[2], r;

	r = plan_finish(&j->plan);
	if (r != 0)
		drive_fail("plan_finish: %s", strerror(-r));
	fds[0] = role_memfd(ROLE_BROKER, j->plan.buf, j->plan.len);
	fds[1] = role_memfd(ROLE_FRONT, j->bodies, j->bodies_len);
	j->start.plan_len = j->plan.len;
	j->start.bodies_len = j->bodies_len;
	j->us = now_us();
	r = msg_send(
	    d->broker, IMSG_JOB_START, 77, &j->start, sizeof(j->start), fds, 2);
	close(fds[0]);
	close(fds[1]);
	return r;
}

void
drive_job_send(struct drive *d, struct drive_job *j)
{
	int r = drive_job_offer(d, j);

	if (r != 0)
		drive_fail("JOB_START: %s", strerror(-r));
}

static void
take_result(struct drive_job *j, struct msg *m)
{
	uint32_t uid, gid;
	uint64_t sum = 0;
	enum memfd_fault f;

	memcpy(&j->done, m->body, sizeof(j->done));
	for (int i = 0; i < PART_COUNT; i++)
		sum += j->done.len[i];
	role_ids(ROLE_EXECUTOR, &uid, &gid);
	f = memfd_check(m->fds[0], sum, uid);
	if (f != MEMFD_OK)
		drive_fail("the result is %s", memfd_fault_text(f));
	j->result = malloc(sum + 1);
	if (j->result == NULL ||
	    pread(m->fds[0], j->result, sum, 0) != (ssize_t)sum)
		drive_fail("reading the result");
}

bool
drive_job_wait(struct drive *d, struct drive_job *j, int timeout_ms)
{
	static struct msg m;
	int r;

	do
		r = msg_recv_wait(d->broker, &m, timeout_ms);
	while (r == 1 && m.hdr.type == IMSG_JOB_TAKEN && !j->taken &&
	       (j->taken = true));
	j->us = now_us() - j->us;
	hear_monitor(d);
	if (r == 0 || r == -ECONNRESET)
		return false;
	if (r != 1 || m.hdr.type != IMSG_JOB_DONE || m.nfds != 1 ||
	    m.hdr.job != 77 || m.hdr.len != sizeof(j->done))
		drive_fail("no JOB_DONE: %d, type %#x", r, m.hdr.type);
	take_result(j, &m);
	msg_done(&m);
	return true;
}

uint8_t *
drive_job_part(const struct drive_job *j, enum result_part p, size_t *ret_len)
{
	const uint8_t *at = j->result;
	size_t len = j->done.len[p];
	lzo_uint n = len * 256 + 64;
	uint8_t *mem;

	for (int i = 0; i < (int)p; i++)
		at += j->done.len[i];
	if (j->start.proto == 1)
		n = len;
	mem = calloc(1, n + 1);
	if (mem == NULL)
		drive_fail("out of memory");
	if (len == 0)
		n = 0;
	else if (j->start.proto == 1)
		memcpy(mem, at, len);
	else if (lzo1x_decompress_safe(at, len, mem, &n, NULL) != LZO_E_OK)
		drive_fail("part %d is no LZO block", (int)p);
	*ret_len = n;
	return mem;
}

void
drive_job_done(struct drive_job *j)
{
	plan_writer_done(&j->plan);
	free(j->bodies);
	free(j->result);
}
