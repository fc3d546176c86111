/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constant names inside every cell (never a pid, a time, a random name). */
#ifndef IMMURE_CELL_PATHS_H
#define IMMURE_CELL_PATHS_H

#define CELL_IMAGE  "/.immure" /* the toolchain's image, ro, the only exec */
#define CELL_STAGES CELL_IMAGE "/.stage" /* unpack launch pack probe, in it */
#define CELL_WORK   "/tmp"	   /* plain: cwd and source; pump: a top */
#define CELL_OUT    "/tmp/.immure" /* the one directory the job may write to */
#define CELL_OBJECT CELL_OUT "/o"  /* -o */
#define CELL_DEPS   CELL_OUT "/d"  /* -MF, pump */

/* Inside the slot's user namespace.  In user mode there is the first alone. */
#define CELL_UID_INIT 0	   /* zygote, pid 1, unpack, pack; no capability */
#define CELL_UID_JOB  1000 /* launcher, compiler, killer */

/* Descriptors the stages are exec'd with (besides 0, 1, 2 = /dev-less pipes):
 * unpack: 3 = its socket to the executor, 4 = pipe to the launcher (write)
 * launch: 3 = pipe from unpack (read; its end of file is the go: pid 1 holds
 *         the other end until unpack has ended well), 4 = pipe to pid 1 (write:
 *         the layers that do not hold); 0 = empty pipe, 1 and 2 = stdout and
 *         stderr pipes, already in place
 * probe, in launch's place in a check cell: 0, 1, 2 only; layers go to 1
 * pack:   3 = its socket to the executor, 4 = socket from pid 1,
 *         5 = stderr pipe (read), 6 = stdout pipe (read) */

#endif
