/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGKILL of each process of a slot, at work and waiting: the job is answered
 * where the executor lives, and no process and no mount stays behind.
 */
#include "drive_executor.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct drive *drive;

struct proc {
	pid_t pid, parent;
	uid_t uid;
	char name[32];
	char ns[64];
};

static struct proc procs[4096];
static unsigned nprocs;

/* Those of the slot: its uids, and the executor with its children. */
static void
look(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[64], line[256];
	FILE *f;

	nprocs = 0;
	while (d != NULL && (e = readdir(d)) != NULL && nprocs < 4096) {
		struct proc *p = &procs[nprocs];
		ssize_t n;

		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		(void)snprintf(
		    path, sizeof(path), "/proc/%.20s/status", e->d_name);
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		memset(p, 0, sizeof(*p));
		p->pid = (pid_t)strtol(e->d_name, NULL, 10);
		while (fgets(line, sizeof(line), f) != NULL) {
			if (sscanf(line, "Name: %31s", p->name) == 1)
				continue;
			if (sscanf(line, "PPid: %d", &p->parent) == 1)
				continue;
			(void)sscanf(line, "Uid: %u", &p->uid);
		}
		fclose(f);
		(void)snprintf(
		    path, sizeof(path), "/proc/%.20s/ns/pid", e->d_name);
		n = readlink(path, p->ns, sizeof(p->ns) - 1);
		p->ns[n < 0 ? 0 : n] = '\0';
		nprocs++;
	}
	if (d != NULL)
		closedir(d);
}

static bool
of_slot(const struct proc *p)
{
	uid_t base = 1900001000U + 2 * drive->slot; /* spawner.c */

	return p->uid == base || p->uid == base + 1 ||
	       p->pid == drive->executor;
}

static unsigned
slot_processes(void)
{
	unsigned n = 0;

	look();
	for (unsigned i = 0; i < nprocs; i++)
		n += of_slot(&procs[i]);
	return n;
}

static const struct proc *
find(const char *name, pid_t parent)
{
	for (unsigned i = 0; i < nprocs; i++)
		if (of_slot(&procs[i]) && strcmp(procs[i].name, name) == 0 &&
		    (parent == 0 || procs[i].parent == parent))
			return &procs[i];
	return NULL;
}

/* The executor's children are the zygote and the cells' pids 1, its clones;
 * only the zygote is in our own pid namespace. */
static pid_t
find_zygote(void)
{
	char ours[64];
	ssize_t n = readlink("/proc/self/ns/pid", ours, sizeof(ours) - 1);

	ours[n < 0 ? 0 : n] = '\0';
	for (unsigned i = 0; i < nprocs; i++)
		if (procs[i].parent == drive->executor &&
		    strcmp(procs[i].ns, ours) == 0)
			return procs[i].pid;
	return 0;
}

/* The process of the running cell that plays @role; 0: not there yet. */
static pid_t
victim(const char *role)
{
	const struct proc *cc1, *p;
	pid_t one = 0;

	look();
	if (strcmp(role, "executor") == 0)
		return drive->executor;
	cc1 = find("cc1", 0);
	if (cc1 == NULL)
		return 0;
	if (strcmp(role, "zygote") == 0)
		return find_zygote();
	if (strcmp(role, "cc1") == 0)
		return cc1->pid;
	/* cc1 -> gcc -> killer -> pid 1 */
	pid_t chain = cc1->parent;
	if (strcmp(role, "gcc") == 0)
		return chain;
	for (int hop = 0; hop < 2; hop++) {
		for (unsigned i = 0; i < nprocs; i++)
			if (procs[i].pid == chain) {
				chain = procs[i].parent;
				break;
			}
		if (hop == 0 && strcmp(role, "killer") == 0)
			return chain;
		one = chain;
	}
	if (strcmp(role, "pid 1") == 0)
		return one;
	p = find("pack", one);
	return strcmp(role, "pack") == 0 && p != NULL ? p->pid : 0;
}

/* A process of the cell that waits for a job. */
static pid_t
idle_victim(const char *role)
{
	const struct proc *launch;

	look();
	launch = find("launch", 0);
	if (launch == NULL)
		return 0;
	if (strcmp(role, "launch") == 0)
		return launch->pid;
	if (strcmp(role, "killer") == 0)
		return launch->parent;
	for (unsigned i = 0; i < nprocs; i++)
		if (procs[i].pid == launch->parent)
			return strcmp(role, "pid 1") == 0
				   ? procs[i].parent
				   : find(role, procs[i].parent)->pid;
	return 0;
}

static pid_t
wait_victim(const char *role)
{
	pid_t pid = 0;

	for (int i = 0; i < 1500 && pid == 0; i++) {
		(void)usleep(20000);
		pid = victim(role);
	}
	if (pid == 0)
		drive_fail("no %s to kill", role);
	return pid;
}

const char *
drive_left(struct drive *d)
{
	static char what[512], line[512];
	FILE *f;

	drive = d;
	for (int i = 0; i < 1500 && slot_processes() > 0; i++)
		(void)usleep(20000);
	what[0] = '\0';
	for (unsigned i = 0; i < nprocs; i++)
		if (of_slot(&procs[i]))
			(void)snprintf(what, sizeof(what), "%s (%d)",
			    procs[i].name, procs[i].pid);
	f = fopen("/proc/self/mountinfo", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, "/t/0.0") != NULL)
			(void)snprintf(what, sizeof(what), "a mount");
	if (f != NULL)
		fclose(f);
	return what[0] != '\0' ? what : NULL;
}

static void
expect_empty(const char *role)
{
	const char *left = drive_left(drive);

	if (left != NULL)
		drive_fail("%s killed: %s is left", role, left);
}

static void
test_kill(const char *role, bool answered)
{
	struct drive_job j;
	char what[128];
	bool done;
	pid_t pid;

	drive->quiet = getenv("VERBOSE") == NULL;
	drive_start(drive);
	drive_job_endless(&j);
	drive_job_send(drive, &j);
	pid = wait_victim(role);
	if (kill(pid, SIGKILL) < 0)
		drive_fail("kill: %s", strerror(errno));
	done = drive_job_wait(drive, &j, 30000);
	if (done != answered)
		drive_fail("%s killed: the job was %sanswered", role,
		    done ? "" : "not ");
	if (done)
		printf("# %s killed: end %u, status %#x\n", role, j.done.end,
		    j.done.status);
	(void)drive_stop(drive);
	expect_empty(role);
	drive_job_done(&j);
	(void)snprintf(what, sizeof(what), "%s killed: nothing stays", role);
	drive_ok(what);
}

/* Is @pid in system call @nr? */
static bool
is_in_call(pid_t pid, long nr)
{
	char path[64], line[256] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	(void)!fgets(line, sizeof(line), f);
	fclose(f);
	return strtol(line, NULL, 10) == nr && line[0] != 'r';
}

/* drive_hostile, stopped at its forbidden call, of which the executor does not
 * hear. */
static void
wait_tripped(void)
{
	const struct proc *p = NULL;

	for (int i = 0; i < 3000; i++) {
		(void)usleep(10000);
		look();
		p = find("drive_hostile", 0);
		if (p != NULL && kill(drive->executor, SIGSTOP) == 0 &&
		    is_in_call(p->pid, SYS_chroot))
			return;
	}
	drive_fail("no process that has tripped");
}

/* The listener's owner dies with a call unheard: the caller does too. */
static void
test_kill_tripped(void)
{
	static const char *const argv[] = { "hostile", "late", NULL };
	static const char *const env[] = { NULL };
	struct drive_job j;

	drive->quiet = getenv("VERBOSE") == NULL;
	drive_start(drive);
	drive_job_begin(&j, PROFILE_PLAIN, 1);
	j.start.wall_ms = 60000;
	plan_exec(&j.plan, DRIVE_HOSTILE, "/tmp", argv, env);
	drive_job_send(drive, &j);
	wait_tripped();
	if (kill(drive->executor, SIGKILL) < 0)
		drive_fail("kill: %s", strerror(errno));
	if (drive_job_wait(drive, &j, 30000))
		drive_fail("a dead executor answered");
	(void)drive_stop(drive);
	expect_empty("executor");
	drive_job_done(&j);
	drive_ok("executor killed while a call waits for it: nothing stays");
}

/* A cell that breaks while it waits ends the slot, before a job meets it. */
static void
test_kill_idle(const char *role)
{
	char what[128];
	pid_t pid;

	drive->quiet = getenv("VERBOSE") == NULL;
	drive_start(drive);
	pid = idle_victim(role);
	if (pid == 0 || kill(pid, SIGKILL) < 0)
		drive_fail("no waiting %s to kill", role);
	(void)drive_end(drive);
	expect_empty(role);
	(void)snprintf(what, sizeof(what),
	    "waiting %s killed: the slot ends, nothing stays", role);
	drive_ok(what);
}

void
drive_kills(struct drive *d)
{
	drive = d;
	test_kill("executor", false);
	test_kill_tripped();
	test_kill("zygote", false);
	test_kill("pid 1", true);
	test_kill("killer", true);
	test_kill("pack", true);
	test_kill("gcc", true);
	test_kill("cc1", true);
	test_kill_idle("pid 1");
	test_kill_idle("killer");
	test_kill_idle("launch");
	test_kill_idle("unpack");
	test_kill_idle("pack");
}
