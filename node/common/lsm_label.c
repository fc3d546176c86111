/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lsm_label.h"

#include <string.h>

#define AND "//&" /* between the profiles of a stack */

bool
lsm_label_take(char *label, const char *bytes, size_t n)
{
	size_t len = 0;

	while (len < n && bytes[len] != '\0' && bytes[len] != '\n')
		len++;
	if (len >= LSM_LABEL_MAX)
		return false;
	memcpy(label, bytes, len);
	label[len] = '\0';
	return true;
}

/* Is @word all of the @n bytes at @at? */
static bool
is_word(const char *at, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(at, word, n) == 0;
}

bool
lsm_label_has_type(const char *label, const char *type)
{
	const char *at = strchr(label, ':');

	if (at != NULL)
		at = strchr(at + 1, ':');
	if (at == NULL)
		return false;
	at++;
	return is_word(at, strcspn(at, ":"), type);
}

/* Where the profiles end and " (MODE)" begins, or the label ends. */
static const char *
end_of_profiles(const char *label)
{
	const char *end = label + strlen(label), *at = strrchr(label, '(');

	if (at == NULL || at == label || at[-1] != ' ' || end[-1] != ')')
		return end;
	return at - 1;
}

bool
lsm_label_has_profile(const char *label, const char *profile)
{
	const char *end = end_of_profiles(label), *next;

	for (const char *at = label;; at = next + strlen(AND)) {
		next = strstr(at, AND);
		if (next == NULL || next > end)
			return is_word(at, (size_t)(end - at), profile);
		if (is_word(at, (size_t)(next - at), profile))
			return true;
	}
}

void
lsm_label_mode(const char *label, char *mode)
{
	const char *at = end_of_profiles(label);
	size_t n = strlen(at);

	if (n < 3) {
		memcpy(mode, "unconfined", sizeof("unconfined"));
		return;
	}
	memcpy(mode, at + 2, n - 3);
	mode[n - 3] = '\0';
}

bool
lsm_mode_forbids(const char *mode)
{
	return strcmp(mode, "enforce") == 0 || strcmp(mode, "kill") == 0;
}

/* "ALLOWED DECIDED AUDITALLOW AUDITDENY SEQNO FLAGS", hexadecimal; bit 0 of the
 * flags is AVD_FLAGS_PERMISSIVE (security/selinux/include/security.h). */
bool
lsm_answer_is_permissive(const char *answer)
{
	size_t n = strcspn(answer, "\n");

	return n > 0 && strchr("13579bdf", answer[n - 1]) != NULL;
}
