/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting.h"

#include <errno.h>
#include <limits.h>
#include <node/common/limits.h>
#include <sandbox/probe.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define LEVELS_SHOWN "give error, warning, notice, info or debug"

struct kept_text {
	struct kept_text *next;
	char text[];
};

static const struct {
	const char *name;
	int level;
} levels[] = {
	{ "emergency", LOG_EMERG },
	{ "emerg", LOG_EMERG },
	{ "alert", LOG_ALERT },
	{ "critical", LOG_CRIT },
	{ "crit", LOG_CRIT },
	{ "error", LOG_ERR },
	{ "err", LOG_ERR },
	{ "warning", LOG_WARNING },
	{ "warn", LOG_WARNING },
	{ "notice", LOG_NOTICE },
	{ "note", LOG_NOTICE },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

const struct setting *
setting_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < settings_count; i++)
		if (strlen(settings[i].name) == len &&
		    memcmp(settings[i].name, name, len) == 0)
			return &settings[i];
	return NULL;
}

const struct setting *
setting_first(const struct setting *s)
{
	for (unsigned i = 0; i < settings_count && s->size > 0; i++)
		if (settings[i].size > 0 && settings[i].at == s->at)
			return &settings[i];
	return s;
}

struct origin *
setting_origin(struct cmdline *c, const struct setting *s)
{
	return &c->origins[setting_first(s) - settings];
}

const char *
setting_keep(struct cmdline *c, const char *text)
{
	size_t len = strlen(text) + 1;
	struct kept_text *k = malloc(sizeof(*k) + len);

	if (k == NULL)
		return NULL;
	memcpy(k->text, text, len);
	k->next = c->texts;
	c->texts = k;
	return k->text;
}

void
cmdline_free(struct cmdline *c)
{
	struct kept_text *next;

	for (; c->texts != NULL; c->texts = next) {
		next = c->texts->next;
		free(c->texts);
	}
}

int
setting_level(const char *name)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (strcmp(name, levels[i].name) == 0)
			return levels[i].level;
	return -1;
}

const char *
setting_level_name(int level)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (level == levels[i].level)
			return levels[i].name;
	return "?";
}

bool
setting_number(const char *s, long min, long max, long *ret)
{
	const char *digits = s[0] == '-' ? s + 1 : s;
	char *end;
	long v;

	if (digits[0] < '0' || digits[0] > '9')
		return false;
	errno = 0;
	v = strtol(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

static int
bad(struct setting_word *w, const char *why, const char *remedy)
{
	(void)snprintf(w->err, w->errlen, "bad value \"%.80s\": %s; %s",
	    w->value != NULL ? w->value : "", why, remedy);
	return CMDLINE_EXIT_USAGE;
}

static void *
field(const struct setting_word *w)
{
	return (char *)w->c + w->s->at;
}

/*
 * A word that is to be kept: argv outlives everything, a line of a file does
 * not.
 */
static int
keep(struct setting_word *w, const char **ret)
{
	*ret = w->source == FROM_FILE ? setting_keep(w->c, w->value) :
	    w->value;
	return *ret != NULL ? 0 :
	    bad(w, "out of memory", "there is something else wrong");
}

static int
set_bool(struct setting_word *w, bool on)
{
	static const char *const words[][2] = { { "no", "yes" },
		{ "false", "true" }, { "off", "on" }, { "0", "1" } };

	if (w->value == NULL) {
		*(bool *)field(w) = on;
		return 0;
	}
	for (int i = 0; i < 4; i++) {
		for (int yes = 0; yes < 2; yes++) {
			if (strcmp(w->value, words[i][yes]) != 0)
				continue;
			*(bool *)field(w) = (yes == 1) == on;
			return 0;
		}
	}
	return bad(w, "neither yes nor no", "give \"yes\" or \"no\"");
}

static int
set_number(struct setting_word *w)
{
	const struct setting *s = w->s;
	char why[64], remedy[64];
	uint16_t v16;
	int32_t v32;
	long v;

	if ((s->flags & SETTING_CLAMPS) != 0 &&
	    setting_number(w->value, INT_MIN, INT_MAX, &v))
		v = v < s->min ? s->min : v > s->max ? s->max : v;
	else if (!setting_number(w->value, s->min, s->max, &v)) {
		(void)snprintf(why, sizeof(why), "not %s", s->what);
		(void)snprintf(remedy, sizeof(remedy),
		    "give a number from %ld to %ld", s->min, s->max);
		return bad(w, why, remedy);
	}
	if (v == 0 && (s->flags & SETTING_ZERO_DEFAULT) != 0) {
		static struct cmdline builtin;

		cmdline_defaults(&builtin);
		memcpy(field(w), (char *)&builtin + s->at, s->size);
		return 0;
	}
	v *= (long)s->scale;
	v16 = (uint16_t)v;
	v32 = (int32_t)v; /* also what was unsigned comes out as it was */
	memcpy(field(w), s->size == 2 ? (void *)&v16 : (void *)&v32, s->size);
	return 0;
}

void
setting_bytes(unsigned long v, char *out, size_t room)
{
	static const char units[] = "KMG";
	unsigned i = 0;

	while (v >= KIB && v % KIB == 0 && i < sizeof(units) - 1) {
		v /= KIB;
		i++;
	}
	(void)snprintf(out, room, i > 0 ? "%lu%c" : "%lu", v,
	    units[i > 0 ? i - 1 : 0]);
}

/* The number that @text is, with the letter of its unit where @bytes. */
static bool
limit_number(const char *text, bool bytes, const struct setting *s, long *ret)
{
	static const char units[] = "KMG";
	size_t len = strlen(text);
	const char *unit = bytes && len > 1 ?
	    strchr(units, text[len - 1]) : NULL;
	char digits[24];
	long by = 1;

	for (const char *u = units; unit != NULL && u <= unit; u++)
		by *= (long)KIB;
	len -= unit != NULL;
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!setting_number(digits, 0, s->max / by, ret))
		return false;
	*ret *= by;
	return *ret >= s->min;
}

static int
set_limit(struct setting_word *w)
{
	const struct setting *s = w->s;
	bool bytes = (s->flags & SETTING_BYTES) != 0;
	char remedy[96], least[24], most[24];
	uint64_t v64;
	long v;

	if (limit_number(w->value, bytes, s, &v)) {
		v64 = (uint64_t)v * s->scale;
		memcpy(field(w), &v64, sizeof(v64));
		return 0;
	}
	(void)snprintf(least, sizeof(least), "%ld", s->min);
	(void)snprintf(most, sizeof(most), "%ld", s->max);
	if (bytes) {
		setting_bytes((unsigned long)s->min, least, sizeof(least));
		setting_bytes((unsigned long)s->max, most, sizeof(most));
	}
	(void)snprintf(remedy, sizeof(remedy), "give a number%s from %s to %s",
	    bytes ? " of bytes" : s->scale > 1 ? " of seconds" : "", least,
	    most);
	return bad(w, "not within this limit's bounds", remedy);
}

/* Relative ones are of the directory where the command line was given. */
static int
set_path(struct setting_word *w, const char **ret)
{
	if (w->value[0] == '\0')
		return bad(w, "empty", "give the path of a file");
	if (w->source != FROM_COMMAND_LINE && w->value[0] != '/')
		return bad(w, "not an absolute path",
		    "give one that begins with \"/\"");
	return keep(w, ret);
}

static int
set_cgroup(struct setting_word *w, const char **ret)
{
	if (strcmp(w->value, "none") == 0 || w->value[0] == '/')
		return keep(w, ret);
	return bad(w, "neither none nor an absolute path",
	    "give a directory below where cgroup v2 is mounted");
}

static int
set_text(struct setting_word *w, const char **ret)
{
	char remedy[64];

	if (w->value[0] != '\0')
		return keep(w, ret);
	(void)snprintf(remedy, sizeof(remedy), "give %s, or leave it out",
	    w->s->what);
	return bad(w, "empty", remedy);
}

static int
add_text(struct setting_word *w)
{
	const char **list = field(w);
	char *at = (char *)w->c + w->s->count_at, why[48];
	unsigned n;
	int r;

	memcpy(&n, at, sizeof(n));
	if (n >= (unsigned long)w->s->max) {
		(void)snprintf(why, sizeof(why), "too many %s", w->s->what);
		return bad(w, why, "leave some out");
	}
	r = w->s->kind == KIND_PATHS ? set_path(w, &list[n]) :
	    set_text(w, &list[n]);
	if (r != 0)
		return r;
	n++;
	memcpy(at, &n, sizeof(n));
	return 0;
}

static int
add_allow(struct setting_word *w)
{
	enum acl_error e = acl_add(&w->c->acl, w->value);
	struct cmdline *c = w->c;

	if (e == ACL_OK)
		return 0;
	if (strchr(w->value, ',') != NULL)
		return bad(w, "there is a comma in it", w->source == FROM_FILE ?
		    "give one a line, or blanks between" :
		    "give the option once for each");
	if (e != ACL_E_ADDRESS || !acl_is_name(w->value))
		return bad(w, acl_error_text(e), "give an address, a network "
		    "as in 192.0.2.0/24, or a host");
	if (c->nallow_names >= LIMIT_ALLOW_NAMES)
		return bad(w, "too many names", "give a network instead");
	if (keep(w, &c->allow_names[c->nallow_names]) != 0)
		return CMDLINE_EXIT_USAGE;
	c->nallow_names++;
	return 0;
}

static int
add_private(struct setting_word *w)
{
	enum acl_error e;

	if (w->value != NULL && strcmp(w->value, "yes") != 0)
		return bad(w, "neither \"yes\" nor left out",
		    "leave the line out");
	e = acl_add_private(&w->c->acl);
	if (e == ACL_OK)
		return 0;
	(void)snprintf(w->err, w->errlen, "%s; join some --allow",
	    acl_error_text(e));
	return CMDLINE_EXIT_USAGE;
}

/* distccd warns of a level that it does not know, and starts. */
static int
set_level(struct setting_word *w)
{
	int level = setting_level(w->value);

	if (level >= 0) {
		w->c->log_level = level;
		return 0;
	}
	if (w->source != FROM_COMMAND_LINE)
		return bad(w, "no such level", LEVELS_SHOWN);
	(void)snprintf(w->c->warning, sizeof(w->c->warning),
	    "--%s: no such level \"%.40s\", using %s; " LEVELS_SHOWN,
	    w->s->name, w->value, setting_level_name(w->c->log_level));
	return 0;
}

static int
set_format(struct setting_word *w)
{
	if (strcmp(w->value, "json") == 0)
		w->c->log_format = LOG_FORMAT_JSON;
	else if (strcmp(w->value, "text") == 0)
		w->c->log_format = LOG_FORMAT_TEXT;
	else
		return bad(w, "no such format", "give text or json");
	return 0;
}

static int
add_layer(struct setting_word *w)
{
	for (int i = 0; i < LAYER_COUNT; i++) {
		if (strcmp(layer_texts[i].name, w->value) != 0)
			continue;
		w->c->require |= UINT64_C(1) << i;
		return 0;
	}
	return bad(w, "no such layer", "`immure check` lists them");
}

static int
refuse(struct setting_word *w)
{
	(void)snprintf(w->err, w->errlen,
	    "only a distccd with GSS-API has it; use ssh or a tunnel to tell "
	    "clients apart, see immured(8)");
	return CMDLINE_EXIT_USAGE;
}

static int
set_kind(struct setting_word *w)
{
	switch (w->s->kind) {
	case KIND_ACTION:
		w->c->action = (enum cmdline_action)w->s->min;
		return 0;
	case KIND_TRUE:
		return set_bool(w, true);
	case KIND_FALSE:
		return set_bool(w, false);
	case KIND_NUMBER:
		return set_number(w);
	case KIND_LIMIT:
		return set_limit(w);
	case KIND_PATH:
		return set_path(w, field(w));
	case KIND_CGROUP:
		return set_cgroup(w, field(w));
	case KIND_TEXT:
		return set_text(w, field(w));
	case KIND_TEXTS:
	case KIND_PATHS:
		return add_text(w);
	case KIND_ALLOW:
		return add_allow(w);
	case KIND_ALLOW_PRIVATE:
		return add_private(w);
	case KIND_LEVEL:
		return set_level(w);
	case KIND_VERBOSE:
		w->c->log_level = LOG_DEBUG;
		return 0;
	case KIND_FORMAT:
		return set_format(w);
	case KIND_LAYERS:
		return add_layer(w);
	case KIND_IGNORED:
		return 0;
	case KIND_REFUSED:
	default:
		return refuse(w);
	}
}

/* What a weaker source said gives way to what @w says. */
static void
empty_list(const struct setting_word *w)
{
	const unsigned none = 0;

	switch (w->s->kind) {
	case KIND_TEXTS:
	case KIND_PATHS:
		memcpy((char *)w->c + w->s->count_at, &none, sizeof(none));
		break;
	case KIND_ALLOW:
	case KIND_ALLOW_PRIVATE:
		w->c->acl.n = 0;
		w->c->nallow_names = 0;
		break;
	case KIND_LAYERS:
		w->c->require = 0;
		break;
	case KIND_ACTION:
	case KIND_TRUE:
	case KIND_FALSE:
	case KIND_NUMBER:
	case KIND_LIMIT:
	case KIND_PATH:
	case KIND_CGROUP:
	case KIND_TEXT:
	case KIND_LEVEL:
	case KIND_VERBOSE:
	case KIND_FORMAT:
	case KIND_IGNORED:
	case KIND_REFUSED:
	default:
		break;
	}
}

int
setting_set(struct setting_word *w)
{
	struct origin *o = setting_origin(w->c, w->s);
	int r;

	if (o->source != (uint32_t)w->source)
		empty_list(w);
	r = set_kind(w);
	if (r == 0)
		*o = (struct origin){ (uint32_t)w->source, w->line };
	return r;
}
