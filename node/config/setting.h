/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of settings: what the command line calls an option and the
 * configuration file a key.  A row says where in struct cmdline its value
 * lies and of which kind it is; the kinds are set in setting_set.c and shown
 * in setting_show.c.  Pure: words in, a value or a reason out.
 */
#ifndef IMMURE_SETTING_H
#define IMMURE_SETTING_H

#include <node/monitor/cmdline.h>

enum setting_kind {
	KIND_ACTION,	    /* `min` is the enum cmdline_action */
	KIND_TRUE,	    /* bool: true */
	KIND_FALSE,	    /* bool: false */
	KIND_NUMBER,	    /* min..max, stored times `scale` */
	KIND_LIMIT,	    /* the same in 64 bits; K, M, G where it is bytes */
	KIND_PATH,	    /* a file, made absolute by settings_load() */
	KIND_CGROUP,	    /* an absolute path, or "none" */
	KIND_TEXT,	    /* any, but not empty */
	KIND_TEXTS,	    /* several of those */
	KIND_PATHS,	    /* several absolute paths */
	KIND_ALLOW,	    /* rules of struct acl */
	KIND_ALLOW_PRIVATE, /* those of the private networks */
	KIND_LEVEL,	    /* syslog(3)'s, by name */
	KIND_VERBOSE,	    /* that of debug */
	KIND_FORMAT,	    /* enum log_format */
	KIND_LAYERS,	    /* a mask of them, by name */
	KIND_IGNORED,	    /* distccd's, without effect */
	KIND_REFUSED	    /* distccd's, never without effect */
};

#define SETTING_CMDLINE_ONLY 1U /* not a key of the file */
#define SETTING_RELOADS	     2U /* SIGHUP applies it */
#define SETTING_ZERO_DEFAULT 4U /* 0 stands for the built-in value */
#define SETTING_CLAMPS	     8U /* beyond min or max is that, as nice(2) has it */
#define SETTING_BYTES	     16U /* KIND_LIMIT: it may end in K, M or G */

struct setting {
	const char *name;
	char letter;	 /* 0 = none */
	const char *arg; /* what to call its argument; NULL = takes none */
	enum setting_kind kind;
	unsigned flags;
	size_t at, size;   /* of the field in struct cmdline */
	size_t count_at;   /* KIND_TEXTS, KIND_PATHS: of the unsigned count */
	long min, max;	   /* KIND_TEXTS, KIND_PATHS: max elements */
	unsigned scale;
	const char *what; /* "a TCP port": for the reason of an error */
	const char *help; /* NULL = not shown */
};

extern const struct setting settings[];
extern const unsigned settings_count;

/* One value for one setting. */
struct setting_word {
	struct cmdline *c;
	const struct setting *s;
	const char *value; /* NULL where the setting takes none */
	enum setting_source source;
	unsigned line; /* FROM_FILE */
	char *err;     /* a reason without the place, for people */
	size_t errlen;
};

/* "port" of @len bytes, or NULL. */
const struct setting *setting_find(const char *name, size_t len);

/*
 * Settings that set the same field share one origin: that of the first row of
 * the field.  A source that is stronger than the one before replaces a list,
 * the same one adds to it.
 */
const struct setting *setting_first(const struct setting *s);
struct origin *setting_origin(struct cmdline *c, const struct setting *s);

/* Set @w->s to @w->value.  0, or CMDLINE_EXIT_USAGE and the reason in w->err. */
int setting_set(struct setting_word *w);

/* As it would stand in the file; "" where there is none.  @room >= 16. */
void setting_show(const struct cmdline *c, const struct setting *s, char *out,
    size_t room);

/* Append @word to the words in @out, or each rule of @acl as a word, with a blank
 * before all but the first; cut to @room.  @out is a text already. */
void setting_add(char *out, size_t room, const char *word);
void setting_add_rules(char *out, size_t room, const struct acl *acl);

/* A copy of @text that lives as long as @c, or NULL. */
const char *setting_keep(struct cmdline *c, const char *text);

/* "debug" -> LOG_DEBUG; -1. */
int setting_level(const char *name);
const char *setting_level_name(int level);

/* "64M" for 67108864, where it is to the byte.  @room >= 24. */
void setting_bytes(unsigned long v, char *out, size_t room);

/*
 * A decimal number in @min..@max: no blank, no plus sign, which strtol(3)
 * would take.
 */
bool setting_number(const char *s, long min, long max, long *ret);

#endif
