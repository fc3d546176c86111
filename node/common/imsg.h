/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every message there is.  Requests are even, their answers request + 1,
 * events even without an answer.  The comment gives sender -> receiver, the
 * descriptors, and what `job` means.  Lengths are exact: sizeof the struct
 * named, or 0.  All integers are host order (one machine).
 */
#ifndef IMMURE_IMSG_H
#define IMMURE_IMSG_H

#include "limit_rows.h"
#include "peer.h"
#include <stdint.h>

enum role {
	ROLE_MONITOR = 0,
	ROLE_FRONT,
	ROLE_BROKER,
	ROLE_EXECUTOR,
	ROLE_AUDITOR,
	ROLE_IMAGER,
	ROLE_STATUS,
	ROLE_COUNT
};

enum imsg_type {
	/* any role -> monitor: confined, sealed, serving.  body: none */
	IMSG_READY = 0x100,

	/* monitor -> front.  fd: accepted socket.  job: connection.
	   body: struct imsg_conn */
	IMSG_CONN = 0x200,
	/* front -> monitor.  job: connection that has ended.  body: none */
	IMSG_CONN_END = 0x202,
	/* monitor -> front: no connection is left; end the slowest of those
	   whose client is awaited, if one is slow.  body: none */
	IMSG_CONN_SHED = 0x206,
	/* monitor -> status.  fd: socket of a client that wants the page.
	   body: none */
	IMSG_STATUS_CONN = 0x204,

	/* monitor -> broker; to the auditor with the broker's.  fd: socket to
	   that role, in place of an earlier one.  body: struct imsg_peer */
	IMSG_PEER = 0x210,
	/* monitor -> broker.  fd: sealed table of toolchains
	   (toolchain/table.h).  body: struct imsg_image */
	IMSG_IMAGE = 0x212,
	/* monitor -> broker: an alias.
	   body: struct alias_message (toolchain/alias.h) */
	IMSG_ALIAS = 0x214,
	/* monitor -> broker, front: take nothing new.  body: none */
	IMSG_DRAIN = 0x216,

	/* broker -> monitor: that peer is taken over or broken, end it; also
	   the auditor, when it takes no records, and the imager, when its table
	   is nonsense.  auditor -> monitor: the broker is.
	   body: struct imsg_peer */
	IMSG_PEER_BAD = 0x218,
	/* monitor -> broker, front: first of all, and when they change.
	   body: struct imsg_settings */
	IMSG_SETTINGS = 0x21a,

	/* monitor -> broker.  fd: /proc/meminfo, unread.  body: none */
	IMSG_MEMINFO = 0x21c,

	/* imager -> monitor.  fd: the table.  body: struct imsg_image */
	IMSG_IMAGE_READY = 0x220,
	/* imager -> monitor: the host's files have changed.  body: none */
	IMSG_IMAGE_STALE = 0x222,

	/* front -> broker: bytes reserved before they are read
	   (security-rules 17).  job: connection.  body: struct imsg_reserve */
	IMSG_RESERVE = 0x300,
	/* broker -> front.  body: struct imsg_reserve (bytes 0 = no) */
	IMSG_RESERVED = 0x301,
	/* front -> broker.  fds: heads, bodies (sealed memfds, wire/request.h).
	   job: connection.  body: struct imsg_job_request */
	IMSG_JOB_REQUEST = 0x302,
	/* broker -> front.  fd: result memfd, sealed.
	   body: struct imsg_job_reply */
	IMSG_JOB_REPLY = 0x303,
	/* broker -> front: close without an answer.  body: none */
	IMSG_JOB_CLOSE = 0x304,
	/* front -> broker: the connection is over (client gone, protocol error
	   or reply sent); frees what was reserved.
	   body: struct imsg_conn_over */
	IMSG_CONN_OVER = 0x306,
	/* broker -> front: the job has its slot, once.  body: none */
	IMSG_JOB_STARTED = 0x308,
	/* broker -> front: others need the bytes of that connection, which is
	   slow; end it, whatever it does by now.  body: none */
	IMSG_SHED = 0x30c,
	/* broker -> status, once a second.  body: struct imsg_stats */
	IMSG_STATS = 0x30a,

	/* broker -> executor.  fds: plan, bodies.  job: connection.
	   body: struct imsg_job_start */
	IMSG_JOB_START = 0x400,
	/* executor -> broker.  fd: result memfd, sealed (always there, perhaps
	   empty).  body: struct imsg_job_done */
	IMSG_JOB_DONE = 0x401,
	/* broker -> executor: kill it, now.  body: none.  JOB_DONE follows. */
	IMSG_JOB_CANCEL = 0x402,
	/* executor -> broker: cells can be made.  body: struct imsg_slot */
	IMSG_SLOT_READY = 0x404,
	/* executor -> broker: from here on the job's bytes are in its cell.
	   job: connection.  body: none */
	IMSG_JOB_TAKEN = 0x406,

	/* executor -> zygote.  fds: for pid 1, for unpack, for pack.
	   job: cell.  body: struct imsg_cell */
	IMSG_CELL_MAKE = 0x500,
	/* executor -> zygote, before CELL_MAKE where cells have groups.  fd:
	   its directory (O_PATH).  job: cell.  body: none */
	IMSG_CELL_GROUP = 0x508,
	/* zygote -> executor.  job: cell.  body: struct imsg_cell_pid */
	IMSG_CELL_MADE = 0x501,
	/* launcher of a cell -> executor, before any other word.  fd: the
	   listener of its filter.  body: none */
	IMSG_CELL_TRIP = 0x506,
	/* pid 1 of a cell -> executor: every stage is waiting.
	   body: struct imsg_cell_check */
	IMSG_CELL_READY = 0x502,
	/* pid 1 -> executor: the job's processes are dead.
	   body: struct imsg_cell_status */
	IMSG_CELL_STATUS = 0x504,
	/* executor -> unpack.  fds: plan, bodies.  body: struct imsg_unpack */
	IMSG_UNPACK = 0x510,
	/* executor -> pack.  fd: result memfd.  body: struct imsg_pack */
	IMSG_PACK = 0x512,
	/* pid 1 -> pack, over a socket of their own.
	   body: struct imsg_cell_status */
	IMSG_PACK_NOW = 0x514,
	/* pack -> executor.  body: struct imsg_packed */
	IMSG_PACKED = 0x516,

	/* monitor -> auditor.  fd: where lines go.  body: struct imsg_log_file */
	IMSG_LOG_FILE = 0x600,
	/* auditor -> monitor: syslog's socket is dead, open another.
	   body: none */
	IMSG_LOG_AGAIN = 0x606,
	/* monitor, broker -> auditor.  body: struct imsg_audit_job */
	IMSG_AUDIT_JOB = 0x602,
	/* any role -> monitor, monitor and broker -> auditor.
	   body: struct imsg_audit_event */
	IMSG_AUDIT_EVENT = 0x604,
};

struct imsg_conn {
	struct peer peer;
};

struct imsg_peer {
	uint32_t role;  /* ROLE_FRONT, ROLE_EXECUTOR, ROLE_AUDITOR,
			   ROLE_BROKER */
	uint32_t index; /* which front; which slot; broker: 1 = selftest's */
	uint64_t generation; /* executor: of its image; else 0 */
	uint64_t serial; /* which start of it, so that a late word about one
			    that has ended does not hit the next */
};

struct imsg_image {
	uint64_t generation; /* 1, 2, … */
	uint64_t table_len;  /* bytes of the table; 0 where none is passed */
	/* What cc -dumpversion and -dumpmachine say, for --zeroconf: letters,
	 * digits and "._+-", NUL-terminated; "" = there is no cc. */
	char cc_version[32];
	char cc_machine[64];
};

struct imsg_settings {
	uint32_t drip_ms; /* --drip; 0 = nothing is sent before the reply */
	uint32_t job_ms;  /* limit of one job */
	uint32_t slots;   /* --jobs: slots from this one on get no jobs */
	uint32_t wait_ms; /* --max-wait for a slot; 0 = without end */
	uint32_t slot_jobs; /* --slot-jobs: then a slot is built anew */
	uint32_t selftest;  /* 1: a broker of `immure selftest`, whose jobs
			       are to break the rules: none is held back */
	uint32_t again; /* 1: nothing new, only something to read */
	uint32_t zero;
	struct limits limits; /* each within its row, or it is no message */
};

struct imsg_reserve {
	struct peer peer; /* whose budget; zero in the answer */
	uint64_t bytes;
};

struct imsg_job_request {
	struct peer peer;
	uint64_t heads_len;
	uint64_t bodies_len;
	uint32_t proto; /* 1, 2, 3 */
	uint32_t zero;
	uint64_t accepted_us; /* CLOCK_MONOTONIC at accept */
};

/* What a client gets.  The result memfd holds the four bodies one after the
 * other, in wire form (LZO already where proto > 1). */
enum result_part { PART_SERR, PART_SOUT, PART_DOTO, PART_DOTD, PART_COUNT };

struct imsg_job_reply {
	uint32_t proto;
	uint32_t status; /* wait status; wire-protocol §1.4's traps excluded */
	uint64_t len[PART_COUNT];
};

struct imsg_conn_over {
	struct peer peer;
	uint32_t reason; /* enum conn_over */
	uint8_t where;   /* enum conn_where */
	uint8_t error;   /* enum frame_error (wire/frame.h); FRAME_OK with
			    OVER_PROTOCOL: it closed within the request */
	uint8_t expect;  /* what token had to come (frame_expects()) */
	uint8_t zero;
	uint64_t bytes_in;
	uint64_t at; /* how many bytes of the request were good */
};

/* How far it came. */
enum conn_where {
	WHERE_FIRST_BYTE = 0,
	WHERE_REQUEST,
	WHERE_SOURCE, /* between the words and the source */
	WHERE_JOB,    /* the request was handed over */
	WHERE_REPLY,
	WHERE_COUNT
};

enum conn_over {
	OVER_ANSWERED = 0, /* the whole reply was written */
	OVER_EMPTY,        /* closed before a byte came (a probe): normal */
	OVER_NO_SOURCE,    /* EOF between ARGV and DOTI: its cpp failed: normal */
	OVER_PROTOCOL,     /* not distcc, or not according to it */
	OVER_TOO_BIG,      /* over a limit of a request */
	OVER_TIMEOUT,      /* a deadline passed */
	OVER_GONE,         /* the client left while its job was ours */
	OVER_NO_BUDGET,    /* the broker would not reserve the bytes */
	OVER_CLOSED,       /* the broker said IMSG_JOB_CLOSE */
	OVER_PROMISED,     /* the job failed after STAT 0 had been sent */
	OVER_DRAINED,      /* the node ends, the request was not whole */
	OVER_SHED,         /* the slowest, when there was no room for others */
	OVER_COUNT
};

enum profile { PROFILE_PLAIN = 0, PROFILE_PUMP = 1, PROFILE_COUNT };

struct imsg_job_start {
	uint32_t toolchain; /* index in the table of its generation */
	uint32_t profile;
	uint64_t tops; /* mask of tops.h; 0 for PROFILE_PLAIN */
	uint32_t proto;
	uint32_t wall_ms;      /* kill it then */
	uint64_t plan_len;
	uint64_t bodies_len;
	uint64_t unpacked_max; /* bytes all bodies together may unpack to */
	uint64_t memory;       /* limit-job-memory as it is now: of its group */
	uint32_t want_deps;    /* pump: pack the dependency file */
	uint32_t zero;
};

/* Why a job has no ordinary exit status. */
enum job_end {
	END_EXIT = 0,   /* the compiler ended by itself: see status */
	END_WALL,       /* limit.wall */
	END_CANCELLED,  /* the client went away */
	END_UNPACK,     /* the request's bodies are no good: see detail */
	END_TOO_BIG,    /* limit.output: object, stderr or stdout over its cap */
	END_NO_OBJECT,  /* exit 0 but no output file */
	END_BAD_RESULT, /* what the cell gave back is not acceptable */
	END_CRASH,      /* the cell or the slot broke */
	END_VIOLATION,  /* a forbidden system call: see violation */
	END_MEMORY,     /* limit.memory: of its group (sandbox/cgroup.h) */
	END_PROCS,      /* limit.processes: the same */
	END_OOM,        /* cell.oom: killed, but not for its own limit */
	END_CPU,        /* limit.cpu: all its processes together */
	END_COUNT
};

/* A forbidden call, as the kernel tells it: registers, never memory. */
struct violation {
	uint32_t arch; /* AUDIT_ARCH_*; 0 = there was none */
	int32_t nr;
	uint64_t args[6];
	uint32_t callers; /* stopped at one when the cell's end began */
	uint32_t zero;
};

enum pressure { PRESSURE_CPU, PRESSURE_MEMORY, PRESSURE_IO, PRESSURE_COUNT };

/* Which of a cell's cost the kernel has told. */
#define COST_CPU      1U
#define COST_PEAK     2U
#define COST_PRESSURE 4U /* and the two bits above, in the enum's order */
#define COST_ALL      ((COST_PRESSURE << PRESSURE_COUNT) - 1)

/* What the kernel has counted for a cell's group, its making included; what is
 * not known is 0. */
struct cell_cost {
	uint32_t known; /* COST_*; 0 = it had no group */
	uint32_t zero;
	uint64_t user_us, sys_us; /* of all of it, killed or not */
	uint64_t peak_kib; /* the most memory it had, files and kernel too */
	/* how long one or more, and all, of its processes waited for it */
	uint64_t some_us[PRESSURE_COUNT], full_us[PRESSURE_COUNT];
};

struct imsg_job_done {
	uint32_t end;    /* enum job_end */
	uint32_t status; /* wait status of the compiler, when END_EXIT */
	uint64_t len[PART_COUNT];
	uint64_t wall_us; /* the executor's own clock */
	uint64_t user_us; /* wait4 of pid 1, or cost: the larger */
	uint64_t sys_us;
	uint64_t maxrss_kib; /* the same, of the largest process or of all */
	struct cell_cost cost;
	uint32_t detail; /* enum unpack_exit when END_UNPACK */
	uint32_t cold;   /* 1: no prepared cell fitted, one was made */
	uint32_t last;   /* 1: the slot ends now, to be built anew */
	uint32_t zero;
	struct violation violation; /* END_VIOLATION */
};

struct imsg_slot {
	uint32_t slot;
	uint32_t zero;
	uint64_t generation;
};

struct imsg_cell {
	uint32_t toolchain;
	uint32_t profile;
	uint64_t tops;
};

struct imsg_cell_pid {
	int32_t pid; /* in the executor's pid namespace; its own child */
	int32_t error; /* negative errno when none was made */
};

struct imsg_cell_check {
	uint64_t failed; /* bit per layer (sandbox/probe.h); 0 = all hold */
};

struct imsg_cell_status {
	uint32_t unpack; /* wait status of the unpack stage */
	uint32_t compiler; /* wait status of the compiler, when unpack == 0 */
};

/* Exit codes of the unpack stage. */
enum unpack_exit {
	UNPACK_OK = 0,
	UNPACK_PLAN = 1,   /* the plan is malformed: the broker is at fault */
	UNPACK_LZO = 2,    /* a body is not LZO1X */
	UNPACK_BOMB = 3,   /* a body unpacks to more than allowed */
	UNPACK_SPACE = 4,  /* the tmpfs is full */
	UNPACK_NAME = 5,   /* a name clashes, or lies behind a received link */
	UNPACK_SYSTEM = 6, /* the kernel said no */
};

struct imsg_unpack {
	uint64_t plan_len;
	uint64_t bodies_len;
	uint64_t unpacked_max;
	uint32_t lzo;
	uint32_t zero;
};

struct imsg_pack {
	uint32_t lzo;
	uint32_t want_deps;
	uint64_t text_max;   /* bytes of stderr, and of stdout */
	uint64_t object_max; /* bytes of the object, unpacked */
};

struct imsg_packed {
	uint32_t end; /* END_EXIT, END_TOO_BIG, END_NO_OBJECT, END_BAD_RESULT */
	uint32_t zero;
	uint64_t len[PART_COUNT];
};

enum log_sink {
	LOG_SINK_TEXT = 0,
	LOG_SINK_JSON = 1,
	LOG_SINK_SYSLOG = 2,
	LOG_SINK_SELFTEST = 3, /* a pipe that gets records of jobs, as JSON */
};

struct imsg_log_file {
	uint32_t sink;
	uint32_t level; /* syslog(3) level: lines above it are dropped */
	uint32_t json;  /* LOG_SINK_TEXT: objects rather than lines */
	uint32_t zero;
};

/* The end of a job, or its refusal.  Strings are NUL-terminated, not escaped:
 * the auditor escapes (security-rules 27). */
struct imsg_audit_job {
	struct peer peer;
	uint64_t accepted_us; /* CLOCK_MONOTONIC */
	uint64_t done_us;
	uint64_t wall_us, user_us, sys_us, maxrss_kib;
	struct cell_cost cost;
	uint64_t bytes_in, bytes_out;
	uint32_t proto;
	uint32_t status;
	uint32_t result; /* enum audit_result */
	uint32_t slot;
	uint32_t argc;
	uint32_t zero;
	struct violation violation;
	uint8_t request_digest[32]; /* BLAKE2b-256 of heads, then bodies */
	uint8_t toolchain_digest[32];
	char reason[48];    /* the stable word; "" = none */
	char compiler[128]; /* argv[0] as sent, shortened */
	char ran[128];      /* the name that served it here; "" = none */
	char source[256];   /* the input, as sent, shortened */
	char argv[2048];    /* NUL-separated, as many whole words as fit */
	uint32_t argv_len;
	uint32_t selftest; /* the auditor's to set: by whose socket it came */
};

/* wire-protocol §3.6 */
enum audit_result {
	RESULT_COMPILE_OK = 0,
	RESULT_COMPILE_ERROR,
	RESULT_COMPILE_TIMEOUT,
	RESULT_CLI_DISCONN,
	RESULT_REJ_BAD_REQ,
	RESULT_REJ_OVERLOAD,
	RESULT_OTHER,
	RESULT_COUNT
};

#define STATS_WINDOWS 3 /* 1, 5 and 15 minutes */

/* What the status page says of jobs; names as sent, shortened. */
struct imsg_stats {
	uint64_t accepted;              /* connections */
	uint64_t results[RESULT_COUNT]; /* jobs, refusals, ends without one */
	uint64_t longest_ms;            /* of jobs that were COMPILE_OK */
	uint64_t max_rss_kib;
	uint32_t running;
	uint32_t kids[STATS_WINDOWS];     /* that ran on average */
	uint32_t compiles[STATS_WINDOWS]; /* that ended, well or not */
	uint32_t jobs;                    /* that may run */
	char longest_job[128];
	char longest_compiler[64]; /* "" = there was none */
	char max_rss_name[64];     /* the compiler of that job */
};

/* A change of state: role started, died, layer missing, slot rebuilt, … */
struct imsg_audit_event {
	uint32_t level; /* syslog(3) */
	uint32_t role;  /* who says so: enum role */
	struct peer peer; /* all zero when none is concerned */
	char word[48];  /* stable word, e.g. "role.died" */
	char text[512]; /* for people */
};

#endif
