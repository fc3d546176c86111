/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault -l LOG [-f SITE=ERRNO] [-m exec:PATH|-m filter] [-q PATH]...
 *     [-t PROCESS] -- COMMAND [WORD...]
 *
 * Runs COMMAND and all that it starts under ptrace(2), and makes one system
 * call fail without being made.  A site is PROCESS:CALL:N, the N-th CALL of a
 * process; a process is called "0", its third child "0.3", whatever their
 * pids, so that a site is the same one in every run.  ERRNO is a number; 0
 * makes the call return 0, as a read(2) at the end of a file does.
 *
 * The moment (-m) is the exec of PATH, or the first call under a filter.  LOG gets a line for each site up to the moment, and then what
 * the kernel says of the process: what cannot be read in /proc (Landlock,
 * prctl) is what this tracer saw succeed.  At its exec'd moment the process is
 * let go, so that nothing which it sees is the tracer's.
 *
 * What execs a PATH of -q attempts what it must not: of its calls only those
 * are sites with which it does its own work, and its children are none.  -t
 * names the process whose moment it will be: then nobody is stopped at each
 * call but it, those from which it comes, and the one that is to fail.
 *
 *   S SITE          a call that can fail        X PROCESS PATH   an exec
 *   F SITE          it was made to              L PROCESS NAME   left at the end
 *   M PROCESS       the moment                  | WORD...        of its process
 *
 * A filter is passed over (PTRACE_O_SUSPEND_SECCOMP) for the call that fails
 * alone: it would take the number of no call for one that it kills.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21) /* linux/ptrace.h */
#endif
#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define CHILDREN \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)
#define MDWE_SET  65 /* PR_SET_MDWE, linux/prctl.h */
#define CALLS	  512
#define PRCTLS	  128
#define PROCESSES 4096
/* What has not ended so long after COMMAND has been left behind. */
#define LEFT_S 30

/* Calls that no kernel ever fails, and libc's own start. */
static const long never_fail[] = { __NR_exit, __NR_exit_group,
	__NR_rt_sigreturn, __NR_restart_syscall, __NR_close, __NR_brk,
	__NR_munmap, __NR_getpid, __NR_gettid, __NR_getppid, __NR_getuid,
	__NR_geteuid, __NR_getgid, __NR_getegid, __NR_umask, __NR_rseq,
	__NR_set_tid_address, __NR_set_robust_list, __NR_sched_yield,
	__NR_clock_gettime,
#ifdef __NR_arch_prctl
	__NR_arch_prctl,
#endif
};

/* The work of a process that attempts. */
static const long own_work[] = { __NR_read, __NR_write, __NR_close_range,
	__NR_chdir, __NR_execve, __NR_mmap };
#define QUIET_MAX 4

struct process {
	pid_t pid;
	char path[96]; /* "": its parent has not told yet */
	unsigned children, landlock, filters;
	uint16_t made[CALLS];
	uint16_t asked[PRCTLS];
	uint8_t done[PRCTLS]; /* prctl(2) options that succeeded */
	long nr;
	uint64_t arg0;
	bool failing, seen, quiet;
};

static struct process *processes[PROCESSES];
static unsigned nprocesses;
static FILE *out;
static const char *site, *moment_exec, *target, *quiet[QUIET_MAX];
static long fault;
static bool moment_filter, over; /* over: the moment has been */

static _Noreturn void __attribute__((format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("fault: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(125);
}

static struct process *
find(pid_t pid)
{
	for (unsigned i = 0; i < nprocesses; i++)
		if (processes[i]->pid == pid)
			return processes[i];
	if (nprocesses == PROCESSES)
		die("too many processes");
	processes[nprocesses] = calloc(1, sizeof(struct process));
	if (processes[nprocesses] == NULL)
		die("no memory");
	processes[nprocesses]->pid = pid;
	return processes[nprocesses++];
}

static void
forget(struct process *p)
{
	for (unsigned i = 0; i < nprocesses; i++)
		if (processes[i] == p)
			processes[i] = processes[--nprocesses];
	free(p);
}

static void
go(const struct process *p, int how, int sig)
{
	/* ESRCH: killed meanwhile; its end will be told. */
	if (ptrace(how, p->pid, NULL, (void *)(intptr_t)sig) < 0 &&
	    errno != ESRCH)
		die("ptrace(2) of %s: %s", p->path, strerror(errno));
}

/* Is @path process @of or one that it comes from? */
static bool
leads_to(const char *path, const char *of)
{
	size_t n = strlen(path);

	return strncmp(path, of, n) == 0 &&
	    (of[n] == '\0' || of[n] == '.' || of[n] == ':');
}

static int
how_to_go(const struct process *p)
{
	size_t n = strlen(p->path);

	if (target == NULL || site == NULL ||
	    (!p->quiet && leads_to(p->path, target)) ||
	    (strncmp(site, p->path, n) == 0 && site[n] == ':'))
		return PTRACE_SYSCALL;
	return PTRACE_CONT;
}

static const char *
name_of(long nr)
{
	static char *name;

	free(name);
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);
	return name != NULL ? name : "unknown";
}

/* prctl(2) is many calls. */
static void
name_site(struct process *p, char *to, size_t n)
{
	if (p->nr == __NR_prctl && p->arg0 < PRCTLS)
		snprintf(to, n, "%s:prctl(%u):%u", p->path, (unsigned)p->arg0,
		    ++p->asked[p->arg0]);
	else
		snprintf(to, n, "%s:%s:%u", p->path, name_of(p->nr),
		    ++p->made[p->nr]);
}

static bool
is_one_of(long nr, const long *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == nr)
			return true;
	return false;
}

static bool
can_fail(const struct process *p)
{
	if (p->nr < 0 || p->nr >= CALLS)
		return false;
	if (p->quiet)
		return is_one_of(p->nr, own_work,
		    sizeof(own_work) / sizeof(*own_work));
	return !is_one_of(
	    p->nr, never_fail, sizeof(never_fail) / sizeof(*never_fail));
}

/* -- what /proc says of the process whose moment it is -- */

static void
copy_file(pid_t pid, const char *name, const char *const *only)
{
	char path[64], line[1024];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		bool wanted = only == NULL;

		for (unsigned i = 0; only != NULL && only[i] != NULL; i++)
			wanted |= strncmp(line, only[i], strlen(only[i])) == 0;
		if (wanted)
			fprintf(out, "| %s %s", name, line);
	}
	if (f != NULL)
		fclose(f);
}

static void
copy_descriptors(pid_t pid)
{
	char path[64], to[512];
	ssize_t n;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		n = readlink(path, to, sizeof(to) - 1);
		if (n < 0)
			continue;
		to[n] = '\0';
		to[strcspn(to, "[(")] = '\0'; /* not which pipe */
		fprintf(out, "| fd %d %s\n", fd, to);
	}
}

static void
copy_namespaces(pid_t pid)
{
	static const char *const names[] = { "user", "pid", "mnt", "net",
		"ipc", "uts", "cgroup" };
	char path[64];
	struct stat theirs, ours;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		if (stat(path, &theirs) < 0)
			theirs.st_ino = 0;
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		if (stat(path, &ours) < 0)
			ours.st_ino = 0;
		fprintf(out, "| ns %s %s\n", names[i],
		    theirs.st_ino == ours.st_ino ? "the tracer's" : "its own");
	}
}

/* What its cgroup is called, without a number: "cell", "self". */
static void
copy_group(pid_t pid)
{
	char path[64], line[512], *name;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		name = strrchr(line, '/') + 1;
		name[strcspn(name, "-\n")] = '\0';
		fprintf(out, "| group %s\n", name);
	}
	if (f != NULL)
		fclose(f);
}

/* Those of namespace_lock(): /proc/sys shows the namespaces of who opens. */
static void
copy_sysctls(pid_t pid)
{
	static const char *const names[] = { "user/max_user_namespaces",
		"user/max_net_namespaces", "user/max_ipc_namespaces",
		"user/max_uts_namespaces", "user/max_cgroup_namespaces",
		"user/max_time_namespaces", "user/max_pid_namespaces",
		"user/max_mnt_namespaces", "user/max_inotify_instances",
		"user/max_inotify_watches", "user/max_fanotify_groups",
		"user/max_fanotify_marks", "kernel/shmmni", "kernel/shmall",
		"kernel/shmmax", "kernel/msgmni", "kernel/msgmax",
		"kernel/msgmnb", "kernel/sem", "fs/mqueue/queues_max" };
	char path[64], text[128];
	int ns, ipc, fd;
	pid_t child;

	fflush(out);
	child = fork();
	if (child != 0) {
		waitpid(child, NULL, 0);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/ipc", pid);
	ipc = open(path, O_RDONLY | O_CLOEXEC);
	(void)setns(ns, CLONE_NEWUSER); /* fails where it is ours already */
	(void)setns(ipc, CLONE_NEWIPC);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		fprintf(out, "| sysctl %s %s\n", names[i], text);
		if (fd >= 0)
			close(fd);
	}
	fflush(out);
	_exit(0);
}

static void
snapshot(const struct process *p)
{
	static const char *const lines[] = { "Uid:", "Gid:", "Groups:",
		"NSsid:", "NSpgid:", "NSpid:", "SigBlk:", "SigIgn:", "Cap",
		"NoNewPrivs:", "Seccomp", "Umask:", NULL };
	static const int layers[] = { PR_SET_PDEATHSIG, PR_SET_DUMPABLE,
		PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_CHILD_SUBREAPER,
		PR_SET_NO_NEW_PRIVS, MDWE_SET };

	fprintf(out, "M %s\n", p->path);
	copy_file(p->pid, "status", lines);
	copy_file(p->pid, "limits", NULL);
	copy_file(p->pid, "mountinfo", NULL);
	copy_file(p->pid, "oom_score_adj", NULL);
	copy_descriptors(p->pid);
	copy_namespaces(p->pid);
	copy_group(p->pid);
	fprintf(out, "| landlock %u\n", p->landlock);
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++)
		if (p->done[layers[i]])
			fprintf(out, "| prctl %d\n", layers[i]);
	copy_sysctls(p->pid);
	fflush(out);
	over = true;
}

/* -- one call -- */

static void
set_registers(const struct process *p, bool entry)
{
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof(r) };

	if (ptrace(PTRACE_GETREGSET, p->pid, NT_PRSTATUS, &v) < 0)
		return;
	if (entry)
		r.orig_rax = (unsigned long long)-1;
	else
		r.rax = (unsigned long long)-fault;
	(void)ptrace(PTRACE_SETREGSET, p->pid, NT_PRSTATUS, &v);
}

static long
options_of(const struct process *p)
{
	return p->quiet ? OPTIONS : OPTIONS | CHILDREN;
}

static void
set_options(const struct process *p, long options)
{
	if (ptrace(PTRACE_SETOPTIONS, p->pid, NULL, options) < 0 &&
	    errno != ESRCH)
		die("PTRACE_O_SUSPEND_SECCOMP: %s", strerror(errno));
}

static void
on_entry(struct process *p, const struct __ptrace_syscall_info *i)
{
	char here[160];

	p->nr = (long)i->entry.nr;
	p->arg0 = i->entry.args[0];
	if (moment_filter && !over && p->filters > 0)
		snapshot(p);
	if (!can_fail(p))
		return;
	name_site(p, here, sizeof(here));
	if (!over)
		fprintf(out, "S %s\n", here);
	if (site == NULL || strcmp(site, here) != 0)
		return;
	fprintf(out, "F %s\n", here);
	fflush(out);
	p->failing = true;
	set_options(p, options_of(p) | PTRACE_O_SUSPEND_SECCOMP);
	set_registers(p, true);
}

static void
on_exit_(struct process *p, const struct __ptrace_syscall_info *i)
{
	if (p->failing) {
		p->failing = false;
		set_registers(p, false);
		set_options(p, options_of(p));
		return;
	}
	if (i->exit.is_error)
		return;
	if (p->nr == __NR_landlock_restrict_self)
		p->landlock++;
	if (p->nr == __NR_seccomp)
		p->filters++;
	if (p->nr == __NR_prctl && p->arg0 < PRCTLS)
		p->done[p->arg0] = 1;
	/* prctl(2): a change of ids clears it */
	if (p->nr == __NR_setresuid)
		p->done[PR_SET_PDEATHSIG] = 0;
}

static void
on_syscall(struct process *p)
{
	struct __ptrace_syscall_info i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(i), &i) < 0)
		return;
	if (i.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(p, &i);
	else if (i.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_(p, &i);
}

/* -- processes -- */

static void
on_child(struct process *parent)
{
	unsigned long pid = 0;
	struct process *p;

	(void)ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	p = find((pid_t)pid);
	snprintf(p->path, sizeof(p->path), "%.80s.%u", parent->path,
	    ++parent->children);
	p->landlock = parent->landlock;
	p->filters = parent->filters;
	memcpy(p->done, parent->done, sizeof(p->done));
	p->done[PR_SET_PDEATHSIG] = 0; /* prctl(2): not inherited */
	if (p->seen)
		go(p, how_to_go(p), 0);
}

static bool
is_quiet(const char *path)
{
	for (unsigned i = 0; i < QUIET_MAX && quiet[i] != NULL; i++)
		if (strcmp(quiet[i], path) == 0)
			return true;
	return false;
}

/* true: it was let go. */
static bool
on_exec(struct process *p)
{
	char link[64], path[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", p->pid);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	fprintf(out, "X %s %s\n", p->path, path);
	p->quiet = is_quiet(path);
	set_options(p, options_of(p));
	if (moment_exec == NULL || strcmp(path, moment_exec) != 0)
		return false;
	snapshot(p);
	(void)ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
	forget(p);
	return true;
}

/* A stop of @p; false: it was let go, or waits for its name. */
static bool
on_stop(struct process *p, int status, int *ret_sig)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	*ret_sig = 0;
	if (p->path[0] == '\0') {
		p->seen = true;
		return false;
	}
	if (sig == (SIGTRAP | 0x80))
		on_syscall(p);
	else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE)
		on_child(p);
	else if (event == PTRACE_EVENT_EXEC)
		return !on_exec(p);
	else if (event == 0)
		*ret_sig = sig;
	return true;
}

static void
end_what_is_left(void)
{
	char path[64], name[64] = "";

	for (unsigned i = 0; i < nprocesses; i++) {
		FILE *f;

		snprintf(
		    path, sizeof(path), "/proc/%d/comm", processes[i]->pid);
		f = fopen(path, "re");
		if (f != NULL) {
			(void)!fgets(name, sizeof(name), f);
			fclose(f);
		}
		name[strcspn(name, "\n")] = '\0';
		fprintf(out, "L %s %s\n", processes[i]->path, name);
		kill(processes[i]->pid, SIGKILL);
	}
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Until every process has ended.  The wait status of the first. */
static int
trace(pid_t first)
{
	const struct sigaction alarm_act = { .sa_handler = on_alarm };
	int status, sig, ret = 125 << 8;
	pid_t pid;

	sigaction(SIGALRM, &alarm_act, NULL); /* no SA_RESTART */
	while (nprocesses > 0) {
		struct process *p;

		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR) {
			end_what_is_left();
			continue;
		}
		if (pid < 0)
			break;
		p = find(pid);
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == first) {
				ret = status;
				alarm(LEFT_S);
			}
			forget(p);
		} else if (on_stop(p, status, &sig)) {
			go(p, how_to_go(p), sig);
		}
	}
	return ret;
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();
	int status;
	struct process *p;

	if (pid == 0) {
		raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, NULL, (long)(OPTIONS | CHILDREN)) < 0)
		die("ptrace(2): %s", strerror(errno));
	p = find(pid);
	p->path[0] = '0';
	kill(pid, SIGCONT);
	/* The command has them; its peers must see them close. */
	for (int fd = 0; fd < 64; fd++)
		if (fd != fileno(out) && fd != 2)
			close(fd);
	return pid;
}

static void
parse_site(char *text)
{
	char *eq = strchr(text, '=');

	if (eq == NULL)
		die("-f SITE=ERRNO");
	*eq = '\0';
	site = text;
	fault = strtol(eq + 1, NULL, 10);
}

int
main(int argc, char **argv)
{
	int opt, status, fd = -1;
	unsigned n = 0;

	while ((opt = getopt(argc, argv, "+l:f:m:q:t:")) != -1) {
		if (opt == 'l')
			fd = open(optarg,
			    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		else if (opt == 'f')
			parse_site(optarg);
		else if (opt == 't')
			target = optarg;
		else if (opt == 'q' && n < QUIET_MAX)
			quiet[n++] = optarg;
		else if (opt == 'm' && strncmp(optarg, "exec:", 5) == 0)
			moment_exec = optarg + 5;
		else if (opt == 'm' && strcmp(optarg, "filter") == 0)
			moment_filter = true;
		else
			die("fault -l LOG [-f SITE=ERRNO] [-m MOMENT] -- ...");
	}
	fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 100);
	out = fd < 0 ? NULL : fdopen(fd, "we");
	if (out == NULL || optind >= argc)
		die("no log, or nothing to run");
	status = trace(start(argv + optind));
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
