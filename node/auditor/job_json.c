/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job_json.h"
#include "escape.h"
#include "job_line.h"
#include "record.h"

#include <node/common/role.h>
#include <sandbox/call_name.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#define DUMP_FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII)

/* An object under way: the first failure sticks, and is looked at once. */
struct build {
	json_t *o; /* owned */
	bool failed;
};

static void
put(struct build *b, const char *key, json_t *value)
{
	/* Steals the reference, also when it fails, also of NULL. */
	if (json_object_set_new(b->o, key, value) != 0)
		b->failed = true;
}

static json_t *
foreign(const char *s, size_t len)
{
	char text[ESCAPE_ROOM(2048)];
	size_t n = escape(text, sizeof(text), s, len, ESCAPE_TEXT);

	return json_stringn(text, n);
}

static void
put_string(struct build *b, const char *key, const char *s)
{
	put(b, key, foreign(s, strlen(s)));
}

/* jansson's integers are signed: a lying counter must not turn negative. */
static void
put_number(struct build *b, const char *key, uint64_t n)
{
	put(b, key, json_integer((json_int_t)(n & INT64_MAX)));
}

static void
put_time(struct build *b, const char *key, uint64_t us)
{
	time_t s = (time_t)(us / 1000000);
	char text[48], frac[16];
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		put(b, key, json_null());
		return;
	}
	(void)snprintf(frac, sizeof(frac), ".%06uZ", (unsigned)(us % 1000000));
	put(b, key, json_sprintf("%s%s", text, frac));
}

/* All zero means that there is none: the request never got that far. */
static void
put_digest(struct build *b, const char *key, const uint8_t digest[32])
{
	static const char digits[] = "0123456789abcdef";
	char hex[65] = "";
	uint8_t any = 0;

	for (size_t i = 0; i < 32; i++) {
		any |= digest[i];
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	put(b, key, any != 0 ? json_string(hex) : json_null());
}

static void
put_peer(struct build *b, const struct peer *p)
{
	char text[PEER_HOST_MAX];

	peer_format_host(p, text);
	put(b, "client", json_string(text));
	put_number(b, "port", p->port);
}

/* argv is NUL-separated; record_check() saw that it ends with one. */
static void
put_argv(struct build *b, const struct imsg_audit_job *a)
{
	json_t *words = json_array();
	uint32_t n = 0;

	for (size_t at = 0; at < a->argv_len; n++) {
		size_t len = strlen(a->argv + at);

		if (json_array_append_new(words, foreign(a->argv + at, len)))
			b->failed = true;
		at += len + 1;
	}
	put(b, "argv", words);
	put_number(b, "argc", a->argc);
	put(b, "argv_complete", json_boolean(n == a->argc));
}

static int
finish(struct build *b, struct line *l)
{
	size_t n;

	if (b->failed || b->o == NULL) {
		json_decref(b->o);
		return -ENOMEM;
	}
	n = json_dumpb(b->o, l->text, sizeof(l->text), DUMP_FLAGS);
	json_decref(b->o);
	if (n == 0)
		return -ENOMEM;
	if (n >= sizeof(l->text))
		return -EMSGSIZE;
	l->text[n] = '\0';
	l->len = n;
	return 0;
}

static void
put_outcome(struct build *b, const struct imsg_audit_job *a)
{
	int status = (int)a->status;

	put(b, "result", json_string(result_word(a->result)));
	put_string(b, "reason", a->reason);
	put_number(b, "protocol", a->proto);
	put_number(b, "exit", (uint64_t)WEXITSTATUS(status));
	put_number(b, "signal", (uint64_t)WTERMSIG(status));
	put(b, "core", json_boolean(WCOREDUMP(status)));
	put_number(b, "slot", a->slot);
}

/* "i386", or the number where it has no name here. */
static json_t *
arch_text(const struct violation *v)
{
	const char *name = call_arch(v->arch, v->nr);
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%x", (unsigned)v->arch);
	return json_string(name != NULL ? name : text);
}

/* The registers whole: a 64-bit number is no JSON integer. */
static void
put_violation(struct build *b, const struct violation *v)
{
	json_t *o = json_object(), *args = json_array();
	const char *name = call_name(v->arch, v->nr);
	char text[24];

	for (int i = 0; i < 6; i++) {
		(void)snprintf(text, sizeof(text), "0x%llx",
		    (unsigned long long)v->args[i]);
		if (json_array_append_new(args, json_string(text)) != 0)
			b->failed = true;
	}
	if (json_object_set_new(o, "arch", arch_text(v)) != 0 ||
	    json_object_set_new(o, "number", json_integer(v->nr)) != 0 ||
	    json_object_set_new(o, "call",
		name != NULL ? json_string(name) : json_null()) != 0 ||
	    json_object_set_new(o, "args", args) != 0 ||
	    json_object_set_new(o, "callers", json_integer(v->callers)) != 0)
		b->failed = true;
	put(b, "violation", o);
}

static void
set_number(struct build *b, json_t *o, const char *name, uint64_t n)
{
	if (json_object_set_new(
		o, name, json_integer((json_int_t)(n & INT64_MAX))) != 0)
		b->failed = true;
}

static json_t *
pressure(struct build *b, const struct cell_cost *c)
{
	static const char *const names[PRESSURE_COUNT] = { "cpu", "memory",
		"io" };
	json_t *all = json_object(), *one;

	for (int i = 0; i < PRESSURE_COUNT; i++) {
		if ((c->known & COST_PRESSURE << i) == 0)
			continue;
		one = json_object();
		set_number(b, one, "some_us", c->some_us[i]);
		set_number(b, one, "full_us", c->full_us[i]);
		if (json_object_set_new(all, names[i], one) != 0)
			b->failed = true;
	}
	return all;
}

/* What the kernel did not tell is not there: a 0 would be a claim. */
static void
put_group(struct build *b, const struct cell_cost *c)
{
	json_t *o = json_object();

	if ((c->known & COST_CPU) != 0) {
		set_number(b, o, "user_us", c->user_us);
		set_number(b, o, "system_us", c->sys_us);
	}
	if ((c->known & COST_PEAK) != 0)
		set_number(b, o, "memory_peak_kib", c->peak_kib);
	if (c->known >= COST_PRESSURE &&
	    json_object_set_new(o, "pressure", pressure(b, c)) != 0)
		b->failed = true;
	put(b, "group", o);
}

static void
put_cost(struct build *b, const struct imsg_audit_job *a)
{
	put_number(b, "total_us",
	    a->done_us > a->accepted_us ? a->done_us - a->accepted_us : 0);
	put_number(b, "wall_us", a->wall_us);
	put_number(b, "user_us", a->user_us);
	put_number(b, "system_us", a->sys_us);
	put_number(b, "max_rss_kib", a->maxrss_kib);
	if (a->cost.known != 0)
		put_group(b, &a->cost);
	put_number(b, "bytes_in", a->bytes_in);
	put_number(b, "bytes_out", a->bytes_out);
}

int
job_json(struct line *l, const struct imsg_audit_job *a, uint64_t now_us)
{
	struct build b = { .o = json_object() };

	*l = (struct line){ .level = LOG_NOTICE, .tag = "immured" };
	put(&b, "type", json_string("job"));
	put_time(&b, "time", now_us);
	put_peer(&b, &a->peer);
	put_outcome(&b, a);
	if (a->violation.arch != 0)
		put_violation(&b, &a->violation);
	put_cost(&b, a);
	put_digest(&b, "request", a->request_digest);
	put_digest(&b, "toolchain", a->toolchain_digest);
	put_string(&b, "compiler", a->compiler);
	if (a->ran[0] != '\0')
		put_string(&b, "ran", a->ran);
	put_string(&b, "source", a->source);
	put_argv(&b, a);
	if (a->selftest != 0)
		put(&b, "selftest", json_true());
	return finish(&b, l);
}

int
event_json(struct line *l, const struct imsg_audit_event *e, uint64_t now_us)
{
	struct build b = { .o = json_object() };

	*l = (struct line){ .level = (int)e->level, .tag = "immured" };
	put(&b, "type", json_string("event"));
	put_time(&b, "time", now_us);
	put_number(&b, "level", e->level);
	put(&b, "role", json_string(role_name((enum role)e->role)));
	put_string(&b, "word", e->word);
	put_string(&b, "text", e->text);
	if (record_has_peer(&e->peer))
		put_peer(&b, &e->peer);
	return finish(&b, l);
}
