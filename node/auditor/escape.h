/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign text made fit for a log (security-rules 27): whoever reads the line,
 * on a terminal or with a parser, sees what was sent and is not fooled by it.
 * Reversible: nothing but an escape begins with a backslash.
 *
 *   \\        a backslash
 *   \xNN      a byte that is not part of valid UTF-8, or an ASCII control
 *   \u{N}     a character that does not show, or moves what does: C1 controls,
 *             line and paragraph separators, marks and overrides of writing
 *             direction, zero-width and filler characters, tags, private use,
 *             noncharacters
 */
#ifndef IMMURE_ESCAPE_H
#define IMMURE_ESCAPE_H

#include <stddef.h>

/* Bytes that @n bytes can become, with the NUL. */
#define ESCAPE_ROOM(n) (4 * (n) + 1)

enum escape_kind {
	ESCAPE_TEXT, /* blanks stay */
	ESCAPE_WORD  /* blanks are escaped too: the field ends where it ends;
			an empty one becomes "-", and "-" becomes "\x2d" */
};

/*
 * Escape @len bytes at @in into @out (@room > 0 bytes, always NUL-terminated).
 * What does not fit is left out, never in the middle of an escape or of a
 * character.  Returns the bytes written, without the NUL.
 */
size_t escape(
    char *out, size_t room, const char *in, size_t len, enum escape_kind kind);

#endif
