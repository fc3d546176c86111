/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stage-selftest: arbitrary code as a job, for `immure selftest`.  It is in no
 * toolchain's image: a running node gets it as a descriptor over its control
 * socket, and it runs in a cell as a compiler would, from its first instruction
 * under everything that holds a job.  Its source is a list of acts, a line
 * each; what became of them it says on stderr, and then it writes an object.
 *
 *   c NUMBER A B …   that system call; an argument is a number, s:TEXT, or z,
 *                    4096 zero bytes.  In a child of its own
 *   x NUMBER A B …   the same by itself: what kills ends the job
 *   NAME [NUMBER]    one of acts[]; the number is how much of it
 *
 * It says "N ok" (act N worked), "N eERRNO" or "N sSIGNAL".  No act does harm
 * where it works: nothing is changed that outlives the job.
 */
#include <node/cell/stage.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF	"/.immure/bin/selftest"
#define OUT	"/tmp/.immure"
#define WORDS	8
#define PIECE	(256UL << 20)
#define FORKS	8192U /* no job may have so many */

static char zero[4096];
static char *words[WORDS]; /* of the line, NULL behind the last */

/* How much of it: words[1]. */
static unsigned long
amount(void)
{
	return words[1] == NULL ? 0 : strtoul(words[1], NULL, 10);
}

/* What every act returns: 0, or the errno of what was refused. */
static int
done(long r)
{
	return r < 0 ? errno : 0;
}

/* -- acts -- */

static int
make_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int e = fd < 0 ? errno : 0;

	if (fd < 0)
		return e;
	e = -stage_write(fd, bytes, n);
	(void)close(fd);
	return e;
}

/* What a job may do: without it nothing that is refused shows anything. */
static int
act_own_file(void)
{
	char back[2] = "";
	int e = make_file(OUT "/own", "x", 1), fd;

	if (e != 0)
		return e;
	fd = open(OUT "/own", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? errno : read(fd, back, 1) == 1 && back[0] == 'x' ? 0 :
	    EIO;
}

static int
become(const char *path)
{
	static char name[] = "selftest";
	static char *const argv[] = { name, NULL }, *const env[] = { NULL };

	return done(execve(path, argv, env));
}

/* Its own program, copied to where it may write. */
static int
copy_self(const char *to)
{
	static char buf[1 << 16];
	int in = open(SELF, O_RDONLY | O_CLOEXEC), e = 0, fd;
	ssize_t n;

	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (in < 0 || fd < 0)
		return EBADF;
	while (e == 0 && (n = read(in, buf, sizeof(buf))) > 0)
		e = -stage_write(fd, buf, (size_t)n);
	(void)close(fd);
	return e;
}

/* 0 where it could not even be tried: that must not pass for a refusal. */
static int
act_exec_copy(void)
{
	return copy_self(OUT "/copy") != 0 ? 0 : become(OUT "/copy");
}

static int
act_exec_script(void)
{
	static const char text[] = "#!" SELF "\n";

	return make_file(OUT "/script", text, sizeof(text) - 1) != 0 ? 0 :
	    become(OUT "/script");
}

static int
act_map_file(void)
{
	int fd;

	if (make_file(OUT "/code", zero, sizeof(zero)) != 0)
		return 0;
	fd = open(OUT "/code", O_RDONLY | O_CLOEXEC);
	return mmap(NULL, sizeof(zero), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
	    0) == MAP_FAILED ? errno : 0;
}

static int
act_protect(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? 0 :
	    done(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
act_setuid_bit(void)
{
	return make_file(OUT "/suid", "x", 1) != 0 ? 0 :
	    done(chmod(OUT "/suid", 04755));
}

/* The pipe to the parent is one of verdict()'s. */
static int keep_fd = -1;

static int
act_descriptors(void)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
			return 0;
	for (int fd = 3; fd < 4096; fd++)
		if (fd != keep_fd && fcntl(fd, F_GETFD) >= 0)
			return 0;
	return EBADF;
}

/* A group whose leader is not in this pid namespace is 0 here. */
static int
act_outer_group(void)
{
	return getpgid(0) == 0 ? 0 : ESRCH;
}

static int
act_forks(void)
{
	static pid_t pid[FORKS];
	unsigned long most = amount(), n;
	int e = 0;

	for (n = 0; n < most && n < FORKS && e == 0; n++) {
		pid[n] = fork();
		e = pid[n] < 0 ? errno : 0;
		if (pid[n] == 0) {
			(void)pause();
			_exit(0);
		}
	}
	while (n-- > 0)
		if (pid[n] > 0)
			(void)kill(pid[n], SIGKILL);
	/* Until they are reaped they count. */
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return e;
}

static int
act_opens(void)
{
	for (unsigned long n = amount(); n > 0; n--)
		if (dup(0) < 0)
			return errno;
	return 0;
}

/* Addresses alone: no page of it is touched. */
static int
act_memory(void)
{
	for (unsigned long n = 0, most = amount(); n < most; n += PIECE)
		if (mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
		        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
		    MAP_FAILED)
			return errno;
	return 0;
}

static int
act_huge_file(void)
{
	int fd = open(OUT "/huge", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)signal(SIGXFSZ, SIG_IGN);
	return fd < 0 ? 0 : done(ftruncate(fd, (off_t)amount()));
}

static int
act_raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return 0;
	l.rlim_cur = l.rlim_max = l.rlim_max + 1;
	return done(setrlimit(RLIMIT_NOFILE, &l));
}

/* -- those that are a job each -- */

static _Noreturn int
act_burn(void)
{
	for (;;)
		(void)getppid();
}

static int
act_flood(void)
{
	for (unsigned long n = 0, most = amount(); n < most; n += sizeof(zero))
		if (stage_write(2, zero, sizeof(zero)) != 0)
			return EPIPE;
	return 0;
}

/* Stays behind, without parent, session and stdio, if it can. */
static int
act_daemon(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? errno : 0;
	(void)setpgid(0, 0);
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	if (fork() != 0)
		_exit(0);
	for (;;)
		(void)pause();
}

static const struct act {
	const char *name;
	int (*fn)(void);
	bool here; /* not in a child of its own */
} acts[] = {
	{ "own-file", act_own_file, false },
	{ "exec-copy", act_exec_copy, false },
	{ "exec-script", act_exec_script, false },
	{ "map-file", act_map_file, false },
	{ "protect", act_protect, false },
	{ "setuid-bit", act_setuid_bit, true },
	{ "descriptors", act_descriptors, false },
	{ "outer-group", act_outer_group, false },
	{ "forks", act_forks, false },
	{ "opens", act_opens, false },
	{ "memory", act_memory, false },
	{ "huge-file", act_huge_file, false },
	{ "raise-limit", act_raise_limit, false },
	{ "burn", act_burn, true },
	{ "flood", act_flood, true },
	{ "daemon", act_daemon, true },
};

/* -- a line -- */

static long
argument(const char *w)
{
	if (w == NULL)
		return 0;
	if (w[0] == 's' && w[1] == ':')
		return (long)(w + 2);
	if (strcmp(w, "z") == 0)
		return (long)zero;
	return strtol(w, NULL, 0);
}

static int
act_call(void)
{
	return done(syscall(argument(words[1]), argument(words[2]),
	    argument(words[3]), argument(words[4]), argument(words[5]),
	    argument(words[6]), argument(words[7])));
}

static const struct act *
find_act(const char *name)
{
	static const struct act call = { "c", act_call, false },
				here = { "x", act_call, true };

	if (name == NULL || name[1] == '\0')
		return name == NULL ? NULL : name[0] == 'c' ? &call :
		    name[0] == 'x' ? &here : NULL;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}

static size_t
put_number(char *out, unsigned n)
{
	char digits[12];
	size_t len = 0, at = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (len > 0)
		out[at++] = digits[--len];
	return at;
}

static void
say(unsigned line, char kind, int n)
{
	char text[40];
	size_t at = put_number(text, line);

	text[at++] = ' ';
	if (kind == 'o') {
		memcpy(text + at, "ok", 2);
		at += 2;
	} else {
		text[at++] = kind;
		at += put_number(text + at, (unsigned)n);
	}
	text[at++] = '\n';
	(void)stage_write(2, text, at);
}

/* A pipe that is at its end without a word: the child has become something
 * else, or was killed. */
static void
verdict(unsigned line, const struct act *a)
{
	int p[2], status = 0, e = 0;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		(void)close(p[0]);
		keep_fd = p[1];
		e = a->fn();
		(void)stage_write(p[1], &e, sizeof(e));
		_exit(0);
	}
	(void)close(p[1]);
	if (pid > 0 && read(p[0], &e, sizeof(e)) != sizeof(e))
		e = 0;
	(void)close(p[0]);
	if (pid < 0)
		return;
	/* It may have left children, which hold nothing of ours. */
	(void)waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		say(line, 's', WTERMSIG(status));
	else
		say(line, e == 0 ? 'o' : 'e', e);
}

static void
obey(unsigned line, char *text)
{
	const struct act *a;
	size_t n = 0;
	char *end;
	int e;

	memset(words, 0, sizeof(words));
	for (; *text != '\0' && n < WORDS; text = end) {
		words[n++] = text;
		end = text + strcspn(text, " ");
		if (*end == ' ')
			*end++ = '\0';
	}
	a = find_act(words[0]);
	if (a == NULL)
		return; /* nothing is said: whoever asked notices */
	if (!a->here) {
		verdict(line, a);
		return;
	}
	e = a->fn();
	say(line, e == 0 ? 'o' : 'e', e);
}

static void
obey_all(const char *source)
{
	static char text[1 << 16];
	int fd = open(source, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	unsigned line = 0;
	char *at = text, *end;

	(void)close(fd);
	for (; n > 0 && *at != '\0'; at = end + 1) {
		end = strchr(at, '\n');
		if (end == NULL)
			return;
		*end = '\0';
		obey(line++, at);
	}
}

int
main(int argc, char **argv)
{
	const char *object = NULL, *source = NULL;

	stage_by_hand(argc, argv, argc > 3);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			object = argv[++i];
		else if (strcmp(argv[i], "-x") == 0)
			i++;
		else if (argv[i][0] != '-')
			source = argv[i];
	}
	if (object == NULL || source == NULL)
		return 1;
	obey_all(source);
	return make_file(object, "object", 6) == 0 ? 0 : 1;
}
