/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inih cuts what is too long for its buffers (INI_MAX_LINE of them, half of
 * that for a section's name) without a word, and would take the rest of a line
 * for the next one: lines are looked at here before it gets them.
 */
#include "config_text.h"
#include "setting.h"

#include <ini.h>
#include <string.h>

/* inih's own limits, where its build may have others (ini.c: MAX_SECTION). */
#define SECTION_MAX 50
#define NAME_MAX_BYTES 50

#define ALIAS	 "alias"
#define FIREWALL "firewall"

#define COMMENT_WHERE                                                          \
	"\"#\" begins a comment only at the beginning of a line; write it "    \
	"there, or \";\""

struct reader {
	struct cmdline *c;
	const char *file;
	const char *at, *end; /* what is still to be read */
	unsigned line;	      /* of what inih looks at */
	unsigned bad_line;    /* of the first error; 0 = none */
	char *err;
	size_t errlen;
};

/* Note the first error; always 0, inih's "stop". */
static int
say(struct reader *r, const char *key, const char *why)
{
	if (r->bad_line != 0)
		return 0;
	r->bad_line = r->line;
	if (key != NULL)
		(void)snprintf(r->err, r->errlen, "%s:%u: key \"%.40s\": %s",
		    r->file, r->line, key, why);
	else
		(void)snprintf(r->err, r->errlen, "%s:%u: %s", r->file,
		    r->line, why);
	return 0;
}

/* What [alias NETWORK] says after its first word, or NULL. */
static const char *
alias_network(const char *section)
{
	const char *network = section + sizeof(ALIAS) - 1;

	if (strncmp(section, ALIAS, sizeof(ALIAS) - 1) != 0 ||
	    (*network != ' ' && *network != '\t'))
		return NULL;
	return network + strspn(network, " \t");
}

/* A network alone: acl_add() into an empty list. */
static bool
parse_network(const char *text, struct acl_rule *ret)
{
	static struct acl one;

	one.n = 0;
	if (acl_add(&one, text) != ACL_OK)
		return false;
	*ret = one.rules[0];
	return true;
}

/* A line that begins with "[" at @line: inih ignores what follows the "]", and
 * a section in which there is nothing. */
static const char *
section_fault(const char *line, size_t len)
{
	const char *end = memchr(line, ']', len), *network;
	char name[SECTION_MAX];
	struct acl_rule rule;

	if (end == NULL)
		return NULL; /* inih complains */
	if ((size_t)(end - line) > sizeof(name))
		return "the name of the section is too long";
	(void)snprintf(name, sizeof(name), "%.*s", (int)(end - line - 1),
	    line + 1);
	network = alias_network(name);
	if (network == NULL && strcmp(name, FIREWALL) != 0)
		return "no such section; there are [alias NETWORK] and "
		       "[firewall]";
	if (network != NULL && !parse_network(network, &rule))
		return "not [alias NETWORK]; give an address or a network, as "
		       "in [alias 192.0.2.0/24]";
	for (end++; end < line + len && *end != ';' && *end != '#'; end++)
		if (strchr(" \t\r\n", *end) == NULL)
			return "something follows the section's name; give it "
			       "a line of its own";
	return NULL;
}

/* What inih would cut, and what a NUL would hide. */
static const char *
line_fault(const char *line, size_t len, size_t room)
{
	size_t blanks = 0;

	if (memchr(line, '\0', len) != NULL)
		return "a NUL; write text";
	if (len + 1 >= room)
		return "the line is too long; repeat the key, or continue on "
		       "a line that begins with a blank";
	while (blanks < len && (line[blanks] == ' ' || line[blanks] == '\t'))
		blanks++;
	return blanks < len && line[blanks] == '[' ?
	    section_fault(line + blanks, len - blanks) : NULL;
}

/* fgets(3) for ini_parse_stream(): the next line into @out. */
static char *
next_line(char *out, int room, void *stream)
{
	struct reader *r = stream;
	const char *newline, *fault;
	size_t len;

	if (r->at >= r->end || r->bad_line != 0)
		return NULL;
	newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
	len = newline != NULL ? (size_t)(newline + 1 - r->at) :
	    (size_t)(r->end - r->at);
	r->line++;
	fault = line_fault(r->at, len, (size_t)room);
	if (fault != NULL) {
		(void)say(r, NULL, fault);
		return NULL;
	}
	memcpy(out, r->at, len);
	out[len] = '\0';
	r->at += len;
	return out;
}

static bool
takes_several(const struct setting *s)
{
	return s->kind == KIND_TEXTS || s->kind == KIND_PATHS ||
	    s->kind == KIND_ALLOW || s->kind == KIND_LAYERS ||
	    s->kind == KIND_ALLOW_PRIVATE;
}

/* Take one word of key @key's value: @what is what that key stands for.  1, or
 * 0 when it is wrong, which has been said. */
typedef int word_fn(struct reader *r, const char *key, const void *what,
    const char *word);

static int
set_one(struct reader *r, const char *key, const void *setting,
    const char *value)
{
	char why[CMDLINE_ERROR_MAX];
	struct setting_word w = { .c = r->c, .s = setting, .value = value,
		.source = FROM_FILE, .line = r->line, .err = why,
		.errlen = sizeof(why) };

	return setting_set(&w) == 0 ? 1 : say(r, key, why);
}

/* Several words after one key, by blanks. */
static int
each_word(struct reader *r, const char *key, const char *value, word_fn *take,
    const void *what)
{
	char word[INI_MAX_LINE];
	size_t n;

	value += strspn(value, " \t");
	if (*value == '\0')
		return say(r, key, "empty; leave the line out");
	for (; *value != '\0'; value += n, value += strspn(value, " \t")) {
		n = strcspn(value, " \t");
		if (n >= sizeof(word))
			return say(r, key, "a word that is too long");
		memcpy(word, value, n);
		word[n] = '\0';
		if (take(r, key, what, word) == 0)
			return 0;
	}
	return 1;
}

/* inih knows "#" at the beginning of a line alone. */
static bool
has_comment(const char *value)
{
	return strstr(value, " #") != NULL || strstr(value, "\t#") != NULL;
}

static int
on_setting(struct reader *r, const char *key, const char *value)
{
	const struct setting *s = setting_find(key, strlen(key));
	const struct origin *o;
	char why[80];

	if (has_comment(value))
		return say(r, key, COMMENT_WHERE);
	if (s == NULL)
		return say(r, key, "unknown; immured.conf(5) lists them all");
	if ((s->flags & SETTING_CMDLINE_ONLY) != 0)
		return say(r, key, "not for a file; give it on the command "
		    "line");
	if (takes_several(s))
		return each_word(r, key, value, set_one, s);
	o = setting_origin(r->c, s);
	if (o->source == FROM_FILE) {
		(void)snprintf(why, sizeof(why),
		    "already set on line %u; leave one out", o->line);
		return say(r, key, why);
	}
	return set_one(r, key, s, value);
}

static int
firewall_word(struct reader *r, const char *key, const void *number,
    const char *word)
{
	char why[256];

	return firewall_set(&r->c->firewall, *(const int *)number, word, why,
	    sizeof(why)) ? 1 : say(r, key, why);
}

static int
on_firewall(struct reader *r, const char *key, const char *value)
{
	int number = firewall_key(key);

	if (has_comment(value))
		return say(r, key, COMMENT_WHERE);
	if (number < 0)
		return say(r, key, "unknown in [firewall]; immured.conf(5) "
		    "lists them all");
	if (firewall_takes_several(number))
		return each_word(r, key, value, firewall_word, &number);
	if ((r->c->firewall.seen & 1U << number) != 0)
		return say(r, key, "already set; leave one out");
	return firewall_word(r, key, &number, value);
}

static bool
is_compiler_name(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._");

	return len > 0 && s[len] == '\0' && len < LIMIT_ALIAS_NAME &&
	    s[0] != '.' && s[0] != '-';
}

/* Bits after the network's do not tell two networks apart. */
static bool
same_alias(const struct alias *a, const struct alias *b)
{
	struct peer p = { .kind = PEER_ADDRESS };

	memcpy(p.addr, b->net.addr, sizeof(p.addr));
	return a->net.bits == b->net.bits && acl_rule_holds(&a->net, &p) &&
	    strcmp(a->name, b->name) == 0;
}

static int
on_alias(struct reader *r, const char *network, const char *name,
    const char *target)
{
	struct cmdline *c = r->c;
	struct alias a = { .name = "" };
	const char *why;
	char text[LIMIT_ALIAS_NAME + 80];

	if (network == NULL || !parse_network(network, &a.net))
		return say(r, name, "its section is not [alias NETWORK]");
	if (!is_compiler_name(name) || !is_compiler_name(target))
		return say(r, name, "name and target are names of compilers, "
		    "as in gcc = gcc-12; no paths");
	why = alias_objection(name, target);
	if (why != NULL) {
		(void)snprintf(text, sizeof(text), "%s may not stand for it: "
		    "%s", target, why);
		return say(r, name, text);
	}
	(void)snprintf(a.name, sizeof(a.name), "%s", name);
	(void)snprintf(a.target, sizeof(a.target), "%s", target);
	for (unsigned i = 0; i < c->naliases; i++)
		if (same_alias(&c->aliases[i], &a))
			return say(r, name, "already there for this network; "
			    "leave one out");
	if (c->naliases >= LIMIT_ALIASES)
		return say(r, name, "too many aliases; leave some out");
	c->aliases[c->naliases++] = a;
	return 1;
}

static int
on_line(void *ctx, const char *section, const char *key, const char *value)
{
	struct reader *r = ctx;

	if (r->bad_line != 0)
		return 0;
	if (key == NULL || value == NULL)
		return say(r, NULL, "neither \"key = value\" nor a section");
	if (strlen(key) >= NAME_MAX_BYTES)
		return say(r, key, "the name is too long");
	if (section[0] == '\0')
		return on_setting(r, key, value);
	if (strcmp(section, FIREWALL) == 0)
		return on_firewall(r, key, value);
	return on_alias(r, alias_network(section), key, value);
}

int
config_text(struct cmdline *c, const char *name, const char *text, size_t len,
    char *err, size_t errlen)
{
	struct reader r = { .c = c, .file = name, .at = text,
		.end = text + len, .err = err, .errlen = errlen };
	int line = ini_parse_stream(next_line, &r, on_line, &r);

	if (line < 0) {
		(void)snprintf(err, errlen, "%s: out of memory; there is "
		    "something else wrong", name);
		return CMDLINE_EXIT_USAGE;
	}
	/* inih's own complaint about a line before ours, if we have any. */
	if (line > 0 && (r.bad_line == 0 || (unsigned)line < r.bad_line)) {
		r.bad_line = 0;
		r.line = (unsigned)line;
		(void)say(&r, NULL, "neither \"key = value\" nor a section "
		    "in brackets; immured.conf(5) shows how it is written");
	}
	return r.bad_line == 0 ? 0 : CMDLINE_EXIT_USAGE;
}
