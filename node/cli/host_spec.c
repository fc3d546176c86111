/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_spec.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_MAX 10000U

/* What names are made of, "_" for those who use it; and addresses of IPv6,
 * with their scope. */
#define NAME                                                                   \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define NAME_V6 NAME ":%"

struct cursor {
	const char *at, *end;
};

static bool
next_is(const struct cursor *c, char ch)
{
	return c->at < c->end && *c->at == ch;
}

/* Copy up to one of @stops; false when it is too long for @room. */
static bool
take_until(struct cursor *c, const char *stops, char *out, size_t room)
{
	const char *start = c->at;
	size_t n;

	while (c->at < c->end && strchr(stops, *c->at) == NULL)
		c->at++;
	n = (size_t)(c->at - start);
	if (n >= room)
		return false;
	memcpy(out, start, n);
	out[n] = '\0';
	return true;
}

/* A decimal number of 1..@max. */
static bool
take_number(struct cursor *c, unsigned max, unsigned *ret)
{
	unsigned n = 0;

	if (c->at == c->end)
		return false;
	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
		n = n * 10 + (unsigned)(*c->at - '0');
		if (n > max)
			return false;
	}
	*ret = n;
	return n > 0;
}

static const char *
take_limit(struct cursor *c, struct host_spec *h)
{
	if (!next_is(c, '/'))
		return NULL;
	c->at++;
	if (!take_number(c, LIMIT_MAX, &h->limit))
		return "the number of jobs after \"/\" is not one";
	return NULL;
}

static const char *
take_port(struct cursor *c, struct host_spec *h)
{
	unsigned port;

	if (!next_is(c, ':'))
		return NULL;
	c->at++;
	if (!take_number(c, 65535, &port))
		return "the port after \":\" is not one";
	h->port = (uint16_t)port;
	return NULL;
}

static const char *
take_options(struct cursor *c, struct host_spec *h)
{
	char word[8];

	while (next_is(c, ',')) {
		c->at++;
		if (!take_until(c, ",", word, sizeof(word)))
			return "an option after \",\" is none of lzo, cpp";
		if (strcmp(word, "lzo") == 0)
			h->lzo = true;
		else if (strcmp(word, "cpp") == 0)
			h->cpp = true;
		else if (strcmp(word, "down") == 0)
			h->down = true;
		else if (strcmp(word, "auth") == 0)
			h->auth = true;
		else
			return "an option after \",\" is none of lzo, cpp";
	}
	if (h->cpp && !h->lzo)
		return "pump mode (,cpp) needs ,lzo";
	return NULL;
}

static const char *
take_name(struct cursor *c, struct host_spec *h)
{
	bool v6 = next_is(c, '[');

	if (v6)
		c->at++;
	if (!take_until(c, v6 ? "]" : "/:,", h->name, sizeof(h->name)))
		return "the host's name is too long";
	if (v6 && !next_is(c, ']'))
		return "an IPv6 address needs its closing bracket";
	c->at += v6;
	if (h->name[0] == '\0')
		return "there is no host's name";
	/* ssh would take it for an option. */
	if (h->name[0] == '-')
		return "a host's name does not begin with \"-\"";
	if (h->name[strspn(h->name, v6 ? NAME_V6 : NAME)] != '\0')
		return "a host's name holds letters, digits, \".\", \"-\"";
	return NULL;
}

static const char *
parse_tcp(struct cursor *c, struct host_spec *h)
{
	const char *wrong;

	h->kind = HOST_TCP;
	h->port = HOST_PORT;
	wrong = take_name(c, h);
	if (wrong == NULL)
		wrong = take_limit(c, h);
	if (wrong == NULL)
		wrong = take_port(c, h);
	if (wrong == NULL)
		wrong = take_limit(c, h);
	return wrong != NULL ? wrong : take_options(c, h);
}

static const char *
parse_ssh(struct cursor *c, struct host_spec *h)
{
	const char *wrong;

	h->kind = HOST_SSH;
	if (!take_until(c, "@", h->user, sizeof(h->user)))
		return "the user's name is too long";
	if (h->user[0] == '-')
		return "a user's name does not begin with \"-\"";
	c->at++;
	wrong = take_name(c, h);
	if (wrong == NULL)
		wrong = take_limit(c, h);
	if (wrong != NULL)
		return wrong;
	if (next_is(c, ':')) {
		c->at++;
		if (!take_until(c, ",", h->command, sizeof(h->command)))
			return "the command is too long";
	}
	return take_options(c, h);
}

static bool
is_local(const char *word, size_t len)
{
	return len >= 9 && memcmp(word, "localhost", 9) == 0 &&
	    (len == 9 || word[9] == '/');
}

static bool
is_printable(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] <= ' ' || word[i] > '~')
			return false;
	return true;
}

const char *
host_spec_parse(struct host_spec *h, const char *word, size_t len)
{
	struct cursor c = { word, word + len };
	const char *wrong;

	memset(h, 0, sizeof(*h));
	if (!is_printable(word, len))
		return "it holds a character that no host's name has";
	if (len > HOST_WORD_MAX)
		return "it is too long";
	if (len == 9 && memcmp(word, "+zeroconf", 9) == 0)
		return "hosts of +zeroconf are looked for by the client alone";
	if (is_local(word, len)) {
		h->kind = HOST_LOCAL;
		c.at = word + 9;
		memcpy(h->name, "localhost", 10);
		wrong = take_limit(&c, h);
	} else if (memchr(word, '@', len) != NULL) {
		wrong = parse_ssh(&c, h);
	} else {
		wrong = parse_tcp(&c, h);
	}
	if (wrong == NULL && c.at != c.end)
		wrong = "there is more after its end";
	return wrong;
}

static size_t
append(char *out, size_t at, const char *before, const char *text)
{
	int n = snprintf(out + at, HOST_SPEC_ROOM - at, "%s%s", before, text);

	return at + (n > 0 ? (size_t)n : 0);
}

size_t
host_spec_write(
    const struct host_spec *h, unsigned limit, char out[HOST_SPEC_ROOM])
{
	bool v6 = strchr(h->name, ':') != NULL;
	char number[16];
	size_t at = 0;

	if (h->kind == HOST_SSH)
		at = append(out, at, h->user, "@");
	at = append(out, at, v6 ? "[" : "", h->name);
	at = append(out, at, v6 ? "]" : "", "");
	if (h->kind == HOST_TCP) {
		(void)snprintf(number, sizeof(number), "%u",
		    (unsigned)h->port);
		at = append(out, at, ":", number);
	}
	(void)snprintf(number, sizeof(number), "%u", limit);
	if (limit > 0)
		at = append(out, at, "/", number);
	if (h->command[0] != '\0')
		at = append(out, at, ":", h->command);
	if (h->cpp)
		at = append(out, at, ",cpp", "");
	if (h->lzo)
		at = append(out, at, ",lzo", "");
	return at;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
host_list_word(const char **at, const char **word, size_t *len)
{
	const char *p = *at;

	while (*p != '\0' && (is_blank(*p) || *p == '#')) {
		if (*p == '#')
			p += strcspn(p, "\r\n");
		else
			p++;
	}
	*word = p;
	while (*p != '\0' && *p != '#' && !is_blank(*p))
		p++;
	*len = (size_t)(p - *word);
	*at = p;
	return *len > 0;
}

static bool
begins(const char *word, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(word, with, n) == 0;
}

bool
host_word_is_option(const char *word, size_t len)
{
	return (len == 11 && begins(word, len, "--randomize")) ||
	    begins(word, len, "--localslots=") ||
	    begins(word, len, "--localslots_cpp=");
}
