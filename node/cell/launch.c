/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch: becomes the compiler.  Exec'd ahead under the job's whole policy
 * (uid, Landlock, filter, limits), it first attempts what that policy forbids
 * and says which layers gave way, then reads the command line from unpack up to
 * the pipe's end, closes everything but 0, 1, 2 and execs.  Pid 1 holds the
 * pipe's other end too and lets go of it only when unpack has ended well.
 *
 * Nothing it does can be more than what the compiler may do itself: this is
 * the same process, under the same rules.
 */
#include "plan.h"
#include "stage.h"

#include <errno.h>
#include <linux/close_range.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node/common/limits.h"
#include "sandbox/probe.h"

#define EXIT_NO_EXEC 110 /* what distccd answers then: wire-protocol §1.5 */
#define ENV_MAX	     32
#define WORDS	     (LIMIT_ARGC + ENV_MAX + 2)

/* The same words that distccd puts on stderr; tests of clients look for them.
 */
static _Noreturn void
no_exec(const char *what, const char *name, int error)
{
	static char text[1024];
	int n;

	n = snprintf(text, sizeof(text),
	    "immured: (dcc_execvp) ERROR: failed to %s %.700s: %s\n", what,
	    name, strerror(error));
	if (n > 0)
		(void)stage_write(2, text, (size_t)n);
	_exit(EXIT_NO_EXEC);
}

/* argv[1]: the layers this kernel is known to have, in hex. */
static int
report_layers(const char *hex)
{
	uint64_t failed;

	failed = probe_quick(hex != NULL ? strtoull(hex, NULL, 16) : 0);
	return stage_write(LAUNCH_FD_LAYERS, &failed, sizeof(failed));
}

/* Read the exec part to its end.  Its length, 0: there is none. */
static size_t
read_plan(struct stage_buf *b)
{
	size_t have = 0;
	ssize_t n;

	if (stage_buf_room(b, PLAN_EXEC_MAX + 1) != 0)
		return 0;
	for (;;) {
		n = read(LAUNCH_FD_PLAN, b->mem + have, b->cap - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return n < 0 || have > PLAN_EXEC_MAX ? 0 : have;
}

/* What the broker has to tell the client's user travels as an environment
 * word that the compiler does not get to see (decide.c). */
static void
print_note(const char **env)
{
	static const char key[] = "IMMURE_NOTE=";
	size_t i = 0;

	while (env[i] != NULL && strncmp(env[i], key, sizeof(key) - 1) != 0)
		i++;
	if (env[i] == NULL)
		return;
	(void)stage_write(
	    2, env[i] + sizeof(key) - 1, strlen(env[i]) - (sizeof(key) - 1));
	for (; env[i] != NULL; i++)
		env[i] = env[i + 1];
}

int
main(int argc, char **argv)
{
	static const char *words[WORDS];
	static struct stage_buf b;
	const char *program, *cwd, **env;
	size_t len;

	stage_by_hand(argc, argv, stage_has_parent());
	if (report_layers(argc > 1 ? argv[1] : NULL) != 0)
		return 1;
	len = read_plan(&b);
	if (len == 0 || plan_exec_parse(b.mem, len, &program, &cwd, words,
			    WORDS, &env) != 0)
		return 1;
	(void)syscall(SYS_close_range, 3, ~0U, 0);
	print_note(env);
	if (chdir(cwd) < 0)
		no_exec("change directory to", cwd, errno);
	(void)execve(program, (char *const *)(uintptr_t)words,
	    (char *const *)(uintptr_t)env);
	no_exec("exec", words[0], errno);
}
