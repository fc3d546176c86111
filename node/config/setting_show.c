/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting.h"

#include <sandbox/probe.h>
#include <string.h>

void
setting_add(char *out, size_t room, const char *word)
{
	size_t at = strlen(out);

	(void)snprintf(out + at, room - at, "%s%s", at > 0 ? " " : "", word);
}

void
setting_add_rules(char *out, size_t room, const struct acl *acl)
{
	char rule[ACL_RULE_TEXT];

	for (unsigned i = 0; i < acl->n; i++) {
		acl_rule_text(&acl->rules[i], rule);
		setting_add(out, room, rule);
	}
}

static long
number(const struct cmdline *c, const struct setting *s)
{
	const char *at = (const char *)c + s->at;
	uint16_t v16;
	int32_t v32;

	memcpy(&v16, at, sizeof(v16));
	memcpy(&v32, at, sizeof(v32) < s->size ? sizeof(v32) : s->size);
	if (s->size == sizeof(v16))
		return v16;
	return (s->min < 0 ? (long)v32 : (long)(uint32_t)v32) /
	    (long)s->scale;
}

static void
show_limit(const struct cmdline *c, const struct setting *s, char *out,
    size_t room)
{
	uint64_t v;

	memcpy(&v, (const char *)c + s->at, sizeof(v));
	if ((s->flags & SETTING_BYTES) != 0)
		setting_bytes(v, out, room);
	else
		(void)snprintf(out, room, "%llu",
		    (unsigned long long)(v / s->scale));
}

static void
show_texts(const struct cmdline *c, const struct setting *s, char *out,
    size_t room)
{
	const char *const *list =
	    (const char *const *)(const void *)((const char *)c + s->at);
	unsigned n;

	memcpy(&n, (const char *)c + s->count_at, sizeof(n));
	for (unsigned i = 0; i < n; i++)
		setting_add(out, room, list[i]);
}

static void
show_allow(const struct cmdline *c, char *out, size_t room)
{
	setting_add_rules(out, room, &c->acl);
	for (unsigned i = 0; i < c->nallow_names; i++)
		setting_add(out, room, c->allow_names[i]);
}

static void
show_layers(const struct cmdline *c, char *out, size_t room)
{
	for (int i = 0; i < LAYER_COUNT; i++)
		if ((c->require & UINT64_C(1) << i) != 0)
			setting_add(out, room, layer_texts[i].name);
}

static void
show_text(const struct cmdline *c, const struct setting *s, char *out,
    size_t room)
{
	const char *text;

	memcpy(&text, (const char *)c + s->at, sizeof(text));
	if (text != NULL)
		setting_add(out, room, text);
}

void
setting_show(const struct cmdline *c, const struct setting *s, char *out,
    size_t room)
{
	out[0] = '\0';
	switch (s->kind) {
	case KIND_TRUE:
		setting_add(out, room,
		    *((const char *)c + s->at) != 0 ? "yes" : "no");
		break;
	case KIND_NUMBER:
		(void)snprintf(out, room, "%ld", number(c, s));
		break;
	case KIND_LIMIT:
		show_limit(c, s, out, room);
		break;
	case KIND_PATH:
	case KIND_CGROUP:
	case KIND_TEXT:
		show_text(c, s, out, room);
		break;
	case KIND_TEXTS:
	case KIND_PATHS:
		show_texts(c, s, out, room);
		break;
	case KIND_ALLOW:
		show_allow(c, out, room);
		break;
	case KIND_LEVEL:
		setting_add(out, room, setting_level_name(c->log_level));
		break;
	case KIND_FORMAT:
		setting_add(out, room,
		    c->log_format == LOG_FORMAT_JSON ? "json" : "text");
		break;
	case KIND_LAYERS:
		show_layers(c, out, room);
		break;
	case KIND_ACTION:
	case KIND_FALSE:
	case KIND_ALLOW_PRIVATE:
	case KIND_VERBOSE:
	case KIND_IGNORED:
	case KIND_REFUSED:
	default:
		break;
	}
}
