/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's state and the calls between its files.  The only process that
 * keeps capabilities (monitor_caps, confine.c).  It reads no network byte:
 * from the kernel it takes addresses, from roles messages of fixed length.
 */
#ifndef IMMURE_MONITOR_H
#define IMMURE_MONITOR_H

#include "../common/clock.h"
#include "../common/imsg.h"
#include "../common/limits.h"
#include "../common/rate.h"
#include "cmdline.h"
#include "resolve.h"
#include <sandbox/probe.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FRONTS 2

/* Of the machine's nodes.  Images are mounted over it, in the monitor's own
 * mount namespace, unless image_place() says otherwise. */
#define RUN_DIR "/run/immure"

enum child_state {
	CHILD_NONE,    /* to be started at start_us */
	CHILD_STARTED, /* has not said IMSG_READY */
	CHILD_READY
};

struct child {
	enum role role;
	uint32_t index;
	enum child_state state;
	pid_t pid;
	int sock;            /* owned: the monitor's end; -1 = none */
	uint64_t generation; /* executor, imager: of the images */
	uint64_t serial;     /* of this start, of all there were */
	int unread;          /* watch.c: bytes of ours it has not read yet */
	unsigned stuck;      /* … at so many looks in a row */
	uint64_t unread_us;  /* … and since when it reads nothing; 0 = it does */
	uint64_t sent, sent_then; /* CONN, STATUS_CONN: all, and at `unread` */
	uint64_t started_us;
	uint64_t stopped_us; /* by SIGSTOP, since then; 0 = it is not */
	uint64_t start_us;   /* when CHILD_NONE: not before */
	struct rate events;  /* of its IMSG_AUDIT_EVENT */
	uint32_t delay_ms;   /* grows while it keeps dying */
	bool wanted;
	bool condemned;      /* it broke the rules: what it says of others by
				its end counts for nothing */
};

struct settings_sources;

/* The processes of `immure selftest`: an imager, broker, front and slot of its
 * own, which none of the node's others knows (selftest.c). */
enum selftest_child { ST_IMAGER, ST_BROKER, ST_FRONT, ST_SLOT, ST_COUNT };
/* Its slot's number, behind all others: so it has uids of its own. */
#define SELFTEST_SLOT LIMIT_SLOTS

struct client_conn { /* one accepted connection */
	uint64_t id;     /* 0 = free */
	struct peer peer;
	uint32_t front;
	int held_fd;     /* owned; -1 when a front has it */
	uint64_t hold_us;/* … and until when it is held back */
};

struct monitor {
	struct cmdline *cl; /* what is in force; reload() puts another here */
	const struct settings_sources *from;
	bool settings_due;  /* broker or fronts have not been told yet */
	const char *libexec;
	int epoll_fd, signal_fd;
	int listen_fds[LIMIT_LISTEN + 1]; /* the unix socket is one too */
	unsigned nlisten;
	int control_fd; /* owned; listens; -errno = there is none */
	char host[256]; /* what clients call us, by own_name() */
	bool accepting; /* the listening sockets are in epoll */
	bool stopping;
	bool serving;   /* everything was ready once */
	bool outsider;  /* a role was not where --require wants it */
	bool draining;  /* nothing new; until drain_us, or the last is gone */
	uint64_t drain_us;
	uint64_t end_us; /* --lifetime; 0 = none */
	int ready_fd;   /* owned: tells the parent of a detached start */

	int status_fds[LIMIT_LISTEN]; /* of the page of --stats */
	unsigned nstatus;

	int groups_fd;  /* owned: the node's tree of cgroups; -1 = none */

	struct child auditor, broker, imager, status;
	struct child fronts[FRONTS];
	struct child slots[LIMIT_SLOTS];
	unsigned nslots; /* as many as there ever were; cl->jobs are wanted */
	struct child selftest[ST_COUNT];
	bool collapsing; /* broker or auditor died: all end, then start anew */
	uint64_t collapse_us; /* … since */

	unsigned sinks; /* mask of enum log_sink: the auditor has one */

	uint64_t generation;  /* of the images in use; 0 = none yet */
	uint64_t next_generation;
	int table_fd;         /* owned; the table of toolchains */
	uint64_t table_len;
	uint64_t oldest;      /* generation still mounted */
	int meminfo_fd;       /* owned; -1 = there is no /proc/meminfo */
	bool image_bad;       /* the last imager was ended for its table */
	char cc_version[32], cc_machine[64]; /* checked; "" = none */

	struct client_conn conns[LIMIT_CONNS];
	uint64_t conn_serial;
	unsigned nconns, max_conns;
};

/* confine.c: for good; 0, or the exit code (reason on stderr) */
int confine_monitor(void);

/* resources.c */
void raise_nofile(struct monitor *m); /* sets max_conns, too */
void raise_core(void);
void set_oom_score(const struct monitor *m);
void open_meminfo(struct monitor *m); /* for the broker; never read here */

/* listen.c: bind what the command line says; 0, or the exit code (message on
 * stderr). */
int bind_all(struct monitor *m);
/* Bind @port on every address of --listen, appending to fds[*n]; @option is
 * what to choose another with. */
int listen_port(const struct cmdline *cl, uint16_t port, const char *option,
    int *fds, unsigned *n);

/* socket.c: the unix socket.  It is removed when the process exits. */
/* Is the group of --socket-group there?  0, or the exit code (stderr). */
int socket_group_check(const struct cmdline *cl);
int socket_listen(struct monitor *m);   /* as bind_all */
void socket_log(struct monitor *m);     /* where, and who may connect */
uint32_t socket_owner(void);            /* who started the node */
int socket_peer(struct peer *p, int fd);/* of an accepted one; 0/-errno */
void socket_idle(struct monitor *m);    /* --idle-exit: time to stop? */
int socket_next_ms(const struct monitor *m); /* -1 = nothing is due */

/* control.c: the control socket */
void control_serve(struct monitor *m); /* from now on */
bool control_is(const struct monitor *m, const void *p); /* epoll's pointer */
void control_event(struct monitor *m, void *p); /* … has something to say */

/* … the one that asked for a selftest is told how its start went. */
void control_selftest_told(struct monitor *m, int error, const char *text);
void control_selftest_over(void); /* its connection is one like others */

/* selftest.c */
void selftest_init(struct monitor *m);
/* Owns @program and @records, checked here.  0: control_selftest_told() will
 * be called; -errno. */
int selftest_begin(struct monitor *m, int program, uint64_t program_len,
    int records);
/* A new connection to its front; the client's end, or -errno. */
int selftest_connect(struct monitor *m);
void selftest_step(struct monitor *m); /* once a round */
void selftest_end(struct monitor *m);  /* if there is one */
int selftest_next_ms(const struct monitor *m); /* -1 = nothing is due */
bool selftest_has(const struct monitor *m, const struct child *c);
/* Of one that selftest_has(): it has ended; its image is ready. */
void selftest_child_ended(struct monitor *m, struct child *c);
int selftest_image(struct monitor *m, const struct imsg_image *im, int table);
/* Is that generation of images its own? */
bool selftest_uses(uint64_t generation);

/* children.c */
void child_init(struct child *c, enum role role, uint32_t index);
void children_init(struct monitor *m);
void children_resize(struct monitor *m); /* cl->jobs may have changed */
void children_start_due(struct monitor *m);
int children_next_ms(const struct monitor *m); /* -1 = nothing is due */
void children_reap(struct monitor *m);
void children_kill(struct monitor *m);  /* all, and wait until none is left */
bool children_all_ready(const struct monitor *m);
void child_kill(struct child *c);
/* It did what it must not: end it, and say so (@fmt: "it …"). */
void child_end(struct monitor *m, struct child *c, const char *word,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Start @name (in libexec) as @c with @fds as descriptors 3, 4, …; 0/-errno. */
int child_exec(struct monitor *m, struct child *c, const char *name,
    const char *const argv[], const int *fds, unsigned nfds);

/* watch.c: roles that do not read what the monitor sends them are ended. */
void watch_children(struct monitor *m);
int watch_next_ms(const struct monitor *m); /* -1 = nothing is due */

/* status.c: the page of --stats */
int status_listen(struct monitor *m); /* as bind_all */
void status_serve(struct monitor *m); /* from now on */
bool status_is(const struct monitor *m, const void *p); /* &status_fds[i]? */
void status_accept(struct monitor *m, int listen_fd);

/* zeroconf.c: the service file of --zeroconf, anew when images are */
void zeroconf_announce(struct monitor *m);
void zeroconf_withdraw(void);

/* requests.c: take what @c says */
void child_serve(struct monitor *m, struct child *c);

/* start.c: one function a role */
int start_role(struct monitor *m, struct child *c);
/* Pass one end of a new pair to @to, saying that @role, which @c is about to be,
 * is behind it; the other end is *ret. */
int introduce(struct child *to, enum role role, struct child *c, int *ret);
/* A broker, the @c->index'th of the auditor's, of the images @im. */
int start_broker_of(struct monitor *m, struct child *c,
    const struct imsg_image *im, int table);
/* A slot of the images of @generation, whose @table that is, for @broker. */
int start_slot_of(struct monitor *m, struct child *c, struct child *broker,
    uint64_t generation, int table);
/* What the command line says to a broker or front; 0 or -errno. */
void settings_fill(const struct monitor *m, struct imsg_settings *s);
int settings_send(const struct monitor *m, const struct child *to, bool again);
/* The broker, too: the configuration's aliases. */
int aliases_send(const struct monitor *m, const struct child *to);

/* reload.c: SIGHUP, or asked for.  0; -EINVAL, nothing is changed, why in
 * @err. */
int reload(struct monitor *m, char err[CMDLINE_ERROR_MAX]);
void settings_due(struct monitor *m); /* tell those who are still to be told */

/* denied.c: record a connection that was turned away, of each word so many a
 * second at most.  @word and @text are constant strings. */
void clients_log_denied(struct monitor *m, const struct peer *p,
    const char *word, const char *text);
void denied_tell(struct monitor *m); /* how many were not recorded */
int denied_next_ms(void);
void denied_counts(struct monitor *m); /* what has changed in the counters */

/* notify.c: the service manager, if it asked to know (NOTIFY_SOCKET) */
void notify_open(void); /* before it is confined */
void notify_starting(void);
void notify_serving(const struct monitor *m); /* now, or again */
void notify_reloading(void);
void notify_stopping(const struct monitor *m);

/* drain.c */
void drain_begin(struct monitor *m); /* SIGTERM; the second one ends it all */
void drain_check(struct monitor *m); /* is it time to stop? */
int drain_next_ms(const struct monitor *m);

/* clients.c */
void clients_accept(struct monitor *m, int listen_fd);
void clients_ended(struct monitor *m, const struct child *front, uint64_t id);
void clients_front_died(struct monitor *m, uint32_t front, bool crashed);
void clients_release(struct monitor *m); /* those held back long enough */
int clients_next_ms(const struct monitor *m);
void clients_listen(struct monitor *m, bool on);
void clients_resume(struct monitor *m); /* accept, if there may be more */

/* shed.c: room for a new connection, while there is none */
void shed_due(struct monitor *m);
void shed_ended(void); /* one has ended */
int shed_next_ms(const struct monitor *m); /* -1 = there is room */

/* images.c */
int images_init(struct monitor *m);
const char *images_dir(void); /* below which generations are mounted */
/* Memory that those take which are mounted. */
uint64_t images_bytes(const struct monitor *m);
int images_mount(struct monitor *m, uint64_t generation);
void images_unmount(uint64_t generation);
/* What the imager of @generation has made is nobody's to write to any more:
 * 0; -EPROTO: it is not what it says; other -errno.  @table stays the
 * caller's. */
int images_close(uint64_t generation, const struct imsg_image *im, int table);
int images_ready(struct monitor *m, const struct imsg_image *im, int table);
/* The broker says that the table of @generation is nonsense: end whose it is,
 * and go on with the one before, if there is one. */
int images_bad(struct monitor *m, uint64_t generation);
void images_collect(struct monitor *m); /* unmount what nobody uses */
/* Its imager has ended: unmount @generation unless it was finished. */
void images_abandon(struct monitor *m, uint64_t generation);

/* image_place.c */
/* A directory that holds no file this node needs; constant, or NULL, told on
 * stderr. */
const char *image_place(const struct monitor *m);
int image_place_mounted(const char *place); /* it is covered; 0 or -errno */
/* Is the file one that nobody else sees, in what covers it? */
bool image_place_hides(int fd);

/* logs.c */
int logs_try(const struct cmdline *cl); /* can they be opened? says why not */
/* Records of jobs go to pipe @fd too, or (-1) no longer. */
int logs_selftest(struct monitor *m, int fd);
int logs_send(struct monitor *m); /* (re)open and pass them to the auditor */
void logs_again(struct monitor *m); /* syslog's socket is dead: another */
void logs_catch_up(struct monitor *m); /* to an auditor that is back */
void monitor_log(struct monitor *m, int level, const struct peer *peer,
    const char *word, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void monitor_relay(struct monitor *m, struct child *from,
    struct imsg_audit_event *e);
void stderr_to_log(struct monitor *m);

/* layers.c */
/* 0, or the exit code where a layer of --require is missing (on stderr). */
int layers_require(const struct cmdline *cl);
void layers_log(struct monitor *m); /* those that are missing */
/* On stderr, of one that is required. */
void layers_say_missing(enum layer layer, const char *reason,
    const char *remedy);

/* walls.c: SELinux, AppArmor and nftables, around the node */
/* Is this process, before there are others, behind those of --require? */
bool walls_hold(const struct cmdline *cl); /* … or told on stderr */
/* Is @c, which is ready?  If not, it has been ended. */
bool walls_keep(struct monitor *m, struct child *c);
void walls_log(struct monitor *m); /* what is missing */

/* groups.c: a cgroup for each cell */
void groups_open(struct monitor *m);      /* while there is no child */
void groups_bound(const struct monitor *m); /* all jobs, as is set now */
int groups_require(const struct monitor *m); /* as layers_require() */
uint64_t groups_layers(const struct monitor *m); /* those in force */
void groups_log(struct monitor *m);       /* where, or why not */
void groups_close(struct monitor *m);     /* all of it is removed */

/* ordinary.c: user mode */
/* Unless root, become root of one's own ids; 0 or -errno, told on stderr. */
int ordinary_enter(void);

/* files.c */
int files_owner(const struct cmdline *cl); /* 0, or the exit code (stderr) */
/* Open @path, making it where it is missing; a descriptor or -errno. */
int file_open(const char *path, int flags, mode_t mode);

/* detach.c */
int detach(struct monitor *m);           /* 0 in the daemon */
int detach_ready(struct monitor *m);     /* -EPIPE: the starter has gone */
int pid_file_write(const char *path);    /* 0 or -errno */
/* SIGTERM, SIGINT, SIGHUP, which wait from now on, in *@set */
void signals_wait(sigset_t *set);
void pid_file_remove(const char *path);  /* if it is ours; may be NULL */

#endif
