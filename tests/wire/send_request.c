/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A distcc client for tests: sends one request of any protocol, well or badly,
 * and says what came back.  Needs a node that listens; --dump needs nothing.
 */
#include "converse.h"

#include <errno.h>
#include <getopt.h>
#include <lzo/lzoconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 4096

static const char help[] =
    "usage: send_request [option ...] HOST PORT -- COMPILER [WORD ...]\n"
    "       send_request [option ...] --dump FILE -- COMPILER [WORD ...]\n"
    "\n"
    "The request (FILE: what is in this file here; nothing given: empty)\n"
    "  --proto N            1, 2 or 3; default 1; others are sent as they are\n"
    "  --source FILE        protocol 1, 2: the preprocessed source\n"
    "  --cdir DIR           protocol 3: the client's directory; default /tmp\n"
    "  --file NAME=FILE     protocol 3: a file; again for more, in this order\n"
    "  --empty NAME         ... an empty one\n"
    "  --link NAME=TARGET   ... a symbolic link\n"
    "  --system NAME        ... a link that means: use your own directory\n"
    "  --force DIR          ... a directory that must be there\n"
    "  --argc N             say N words, whatever their number\n"
    "  --raw-bodies         bodies as they are, not LZO, in protocol 2 and 3\n"
    "  --trailing TEXT      behind the last token\n"
    "  --raw FILE           send FILE in place of a request\n"
    "  --dump FILE          write the request to FILE, send nothing\n"
    "How to send it\n"
    "  --truncate N         the first N bytes only\n"
    "  --pause-byte MS      after each byte\n"
    "  --pause-token MS     after each token\n"
    "  --half-close         no more will come: after the last byte\n"
    "  --hang-up [--linger MS]  close after the last byte (and MS)\n"
    "  --repeat N           so many connections, one after the other\n"
    "  --timeout S          for a reply; default 60\n"
    "What to do with the reply\n"
    "  --object FILE, --deps FILE, --stderr FILE, --stdout FILE\n"
    "                       save a part, unpacked\n"
    "  --time               print how long the reply took\n"
    "\n"
    "Prints for each reply:\n"
    "  done PROTO\n"
    "  status HEX exit N signal N\n"
    "  serr|sout|doto|dotd WIRE-LENGTH UNPACKED-LENGTH\n"
    "and the lines of serr, each behind \"| \".  Otherwise one of: closed N,\n"
    "timeout N, garbled N (N bytes of a reply had come), hung-up.\n"
    "Exit status: 0 status was 0, 1 another status, 2 closed, 3 usage or no\n"
    "connection, 4 timeout, 5 garbled or not LZO; of the worst reply.\n";

struct job {
	uint32_t proto, argc;
	int raw_bodies, repeat, print_time;
	const char *source, *cdir, *trailing, *raw, *dump;
	const char *save[REPLY_PARTS];
	struct {
		int opt;
		char *arg;
	} files[FILES_MAX]; /* --file … */
	unsigned nfiles;
	struct manners how;
};

enum {
	OPT_PROTO = 256,
	OPT_SOURCE,
	OPT_CDIR,
	OPT_FILE,
	OPT_EMPTY,
	OPT_LINK,
	OPT_SYSTEM,
	OPT_FORCE,
	OPT_ARGC,
	OPT_RAW_BODIES,
	OPT_TRAILING,
	OPT_RAW,
	OPT_DUMP,
	OPT_TRUNCATE,
	OPT_PAUSE_BYTE,
	OPT_PAUSE_TOKEN,
	OPT_HALF_CLOSE,
	OPT_HANG_UP,
	OPT_LINGER,
	OPT_REPEAT,
	OPT_TIMEOUT,
	OPT_TIME,
	OPT_HELP,
	OPT_SAVE /* and REPLY_PARTS - 1 more */
};

static const struct option options[] = {
	{ "proto", 1, NULL, OPT_PROTO },
	{ "source", 1, NULL, OPT_SOURCE },
	{ "cdir", 1, NULL, OPT_CDIR },
	{ "file", 1, NULL, OPT_FILE },
	{ "empty", 1, NULL, OPT_EMPTY },
	{ "link", 1, NULL, OPT_LINK },
	{ "system", 1, NULL, OPT_SYSTEM },
	{ "force", 1, NULL, OPT_FORCE },
	{ "argc", 1, NULL, OPT_ARGC },
	{ "raw-bodies", 0, NULL, OPT_RAW_BODIES },
	{ "trailing", 1, NULL, OPT_TRAILING },
	{ "raw", 1, NULL, OPT_RAW },
	{ "dump", 1, NULL, OPT_DUMP },
	{ "truncate", 1, NULL, OPT_TRUNCATE },
	{ "pause-byte", 1, NULL, OPT_PAUSE_BYTE },
	{ "pause-token", 1, NULL, OPT_PAUSE_TOKEN },
	{ "half-close", 0, NULL, OPT_HALF_CLOSE },
	{ "hang-up", 0, NULL, OPT_HANG_UP },
	{ "linger", 1, NULL, OPT_LINGER },
	{ "repeat", 1, NULL, OPT_REPEAT },
	{ "timeout", 1, NULL, OPT_TIMEOUT },
	{ "time", 0, NULL, OPT_TIME },
	{ "help", 0, NULL, OPT_HELP },
	{ "stderr", 1, NULL, OPT_SAVE + REPLY_SERR },
	{ "stdout", 1, NULL, OPT_SAVE + REPLY_SOUT },
	{ "object", 1, NULL, OPT_SAVE + REPLY_DOTO },
	{ "deps", 1, NULL, OPT_SAVE + REPLY_DOTD },
	{ NULL, 0, NULL, 0 },
};

static long
number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 0);
	if (errno != 0 || *end != '\0' || end == text || n < 0)
		die(text, "not a number");
	return n;
}

static void
add_file(struct job *j, int opt, char *arg)
{
	if (j->nfiles == FILES_MAX)
		die(arg, "too many files");
	j->files[j->nfiles].opt = opt;
	j->files[j->nfiles].arg = arg;
	j->nfiles++;
}

static int
take_manner(struct manners *how, int opt, const char *arg)
{
	switch (opt) {
	case OPT_TRUNCATE:
		how->truncate = number(arg);
		return 1;
	case OPT_PAUSE_BYTE:
		how->byte_ms = number(arg);
		return 1;
	case OPT_PAUSE_TOKEN:
		how->token_ms = number(arg);
		return 1;
	case OPT_LINGER:
		how->linger_ms = number(arg);
		return 1;
	case OPT_TIMEOUT:
		how->timeout_s = (int)number(arg);
		return 1;
	case OPT_HALF_CLOSE:
		how->half_close = 1;
		return 1;
	case OPT_HANG_UP:
		how->hang_up = 1;
		return 1;
	default:
		return 0;
	}
}

static void
take_option(struct job *j, int opt, char *arg)
{
	if (take_manner(&j->how, opt, arg))
		return;
	switch (opt) {
	case OPT_PROTO:
		j->proto = (uint32_t)number(arg);
		break;
	case OPT_ARGC:
		j->argc = (uint32_t)number(arg);
		break;
	case OPT_SOURCE:
		j->source = arg;
		break;
	case OPT_CDIR:
		j->cdir = arg;
		break;
	case OPT_RAW_BODIES:
		j->raw_bodies = 1;
		break;
	case OPT_TRAILING:
		j->trailing = arg;
		break;
	case OPT_RAW:
		j->raw = arg;
		break;
	case OPT_DUMP:
		j->dump = arg;
		break;
	case OPT_REPEAT:
		j->repeat = (int)number(arg);
		break;
	case OPT_TIME:
		j->print_time = 1;
		break;
	case OPT_FILE:
	case OPT_EMPTY:
	case OPT_LINK:
	case OPT_SYSTEM:
	case OPT_FORCE:
		add_file(j, opt, arg);
		break;
	case OPT_HELP:
		fputs(help, stdout);
		exit(0);
	default:
		if (opt < OPT_SAVE || opt >= OPT_SAVE + REPLY_PARTS)
			exit(3); /* getopt_long(3) has said why */
		j->save[opt - OPT_SAVE] = arg;
	}
}

/* NAME=VALUE: cut at the first "="; the value. */
static char *
cut_value(char *arg)
{
	char *value = strchr(arg, '=');

	if (value == NULL)
		die(arg, "wants NAME=VALUE");
	*value = '\0';
	return value + 1;
}

/* (20 + depth) times "../", then the name without its slash: §1.3. */
static void
add_system_link(struct message *m, const char *name)
{
	char target[8192];
	size_t at = 0, ups = 20, i;

	for (i = 0; name[i] != '\0'; i++)
		ups += name[i] == '/';
	for (i = 0; i < ups && at + 4 < sizeof(target); i++, at += 3)
		memcpy(target + at, "../", 4);
	snprintf(target + at, sizeof(target) - at, "%s", name + 1);
	message_string(m, "NAME", name);
	message_string(m, "LINK", target);
}

static void
compose_file(struct message *m, int opt, char *arg)
{
	char name[8192];
	const char *value;

	switch (opt) {
	case OPT_SYSTEM:
		add_system_link(m, arg);
		break;
	case OPT_FORCE:
		snprintf(
		    name, sizeof(name), "%s/forcing_technique_271828", arg);
		message_string(m, "NAME", name);
		message_body(m, "FILE", NULL);
		break;
	case OPT_EMPTY:
		message_string(m, "NAME", arg);
		message_body(m, "FILE", NULL);
		break;
	case OPT_LINK:
		value = cut_value(arg);
		message_string(m, "NAME", arg);
		message_string(m, "LINK", value);
		break;
	default:
		value = cut_value(arg);
		message_string(m, "NAME", arg);
		message_body(m, "FILE", value);
	}
}

static void
compose(struct message *m, struct job *j, int argc, char **argv)
{
	unsigned i;
	int n;

	m->packed = j->proto > 1 && !j->raw_bodies;
	message_number(m, "DIST", j->proto);
	if (j->proto == 3)
		message_string(m, "CDIR", j->cdir);
	message_number(m, "ARGC", j->argc ? j->argc : (uint32_t)argc);
	for (n = 0; n < argc; n++)
		message_string(m, "ARGV", argv[n]);
	if (j->proto != 3) {
		message_body(m, "DOTI", j->source);
	} else {
		message_number(m, "NFIL", j->nfiles);
		for (i = 0; i < j->nfiles; i++)
			compose_file(m, j->files[i].opt, j->files[i].arg);
	}
	if (j->trailing != NULL) {
		bytes_add(&m->wire, j->trailing, strlen(j->trailing));
		message_end_token(m);
	}
}

static void
print_lines(const struct bytes *text)
{
	size_t i;
	int fresh = 1;

	for (i = 0; i < text->len; i++) {
		if (fresh)
			fputs("| ", stdout);
		putchar(text->p[i]);
		fresh = text->p[i] == '\n';
	}
	if (!fresh)
		putchar('\n');
}

/* 0, or 5 when a body is not what its protocol says. */
static int
report_part(const struct job *j, const struct reply *r, int i)
{
	static const char *const names[] = { "serr", "sout", "doto", "dotd" };
	const struct bytes *wire = &r->part[i];
	struct bytes text = { 0 };
	int bad = 0;

	if (r->proto > 1)
		bad = unpack(&text, wire);
	else
		bytes_add(&text, wire->p, wire->len);
	if (bad) {
		printf("%s %zu not-lzo\n", names[i], wire->len);
		return 5;
	}
	printf("%s %zu %zu\n", names[i], wire->len, text.len);
	if (i == REPLY_SERR)
		print_lines(&text);
	if (j->save[i] != NULL)
		bytes_write_file(&text, j->save[i]);
	bytes_done(&text);
	return 0;
}

static int
report_reply(const struct job *j, const struct reply *r)
{
	int i, n = r->has_deps ? REPLY_PARTS : REPLY_PARTS - 1;
	int worst = r->status != 0;

	printf("done %u\n", r->proto);
	printf("status %08x exit %u signal %u\n", r->status,
	    r->status >> 8 & 0xff, r->status & 0x7f);
	for (i = 0; i < n; i++) {
		if (report_part(j, r, i) != 0)
			worst = 5;
	}
	return worst;
}

static int
report(const struct job *j, enum outcome o, const struct reply *r, size_t got)
{
	switch (o) {
	case REPLY_WHOLE:
		return report_reply(j, r);
	case REPLY_CLOSED:
		printf("closed %zu\n", got);
		return 2;
	case REPLY_TIMEOUT:
		printf("timeout %zu\n", got);
		return 4;
	case REPLY_GARBLED:
		printf("garbled %zu\n", got);
		return 5;
	case REPLY_NONE:
	default:
		printf("hung-up\n");
		return 0;
	}
}

static int
run_once(const struct job *j, const struct message *m, char **where)
{
	struct reply r;
	double seconds;
	size_t got;
	enum outcome o;
	int status;

	o = converse(
	    connect_to(where[0], where[1]), m, &j->how, &r, &got, &seconds);
	status = report(j, o, &r, got);
	if (j->print_time)
		printf("time %.4f\n", seconds);
	fflush(stdout);
	reply_done(&r);
	return status;
}

int
main(int argc, char **argv)
{
	static struct job j = { .proto = 1,
		.cdir = "/tmp",
		.repeat = 1,
		.how = { .truncate = -1, .timeout_s = 60 } };
	struct message m = { .packed = 0 };
	int opt, where, status, worst = 0;

	/* "+": options end at HOST, so that COMPILER's are not taken. */
	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1)
		take_option(&j, opt, optarg);
	where = optind;
	if (j.dump == NULL)
		optind += 2;
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	if (optind > argc || (optind == argc && j.raw == NULL))
		die("usage", "HOST PORT -- COMPILER [WORD ...]; see --help");
	if (lzo_init() != LZO_E_OK)
		die("lzo_init", "failed");
	if (j.raw != NULL) {
		bytes_read_file(&m.wire, j.raw);
		message_end_token(&m);
	} else {
		compose(&m, &j, argc - optind, argv + optind);
	}
	if (j.dump != NULL)
		bytes_write_file(&m.wire, j.dump);
	for (; j.dump == NULL && j.repeat > 0; j.repeat--) {
		status = run_once(&j, &m, argv + where);
		worst = status > worst ? status : worst;
	}
	message_done(&m);
	return worst;
}
