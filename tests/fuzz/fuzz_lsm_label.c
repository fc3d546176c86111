/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process' label: whatever the kernel says, what is found in it is there. */
#include "fuzz.h"
#include "node/common/lsm_label.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char label[LSM_LABEL_MAX], mode[LSM_LABEL_MAX];

	if (!lsm_label_take(label, (const char *)data, size)) {
		MUST(size >= LSM_LABEL_MAX);
		return 0;
	}
	MUST(strlen(label) < LSM_LABEL_MAX && strlen(label) <= size);
	MUST(!lsm_label_has_type(label, "immured_t") ||
	    strstr(label, ":immured_t") != NULL);
	MUST(!lsm_label_has_profile(label, "immured") ||
	    strstr(label, "immured") != NULL);
	lsm_label_mode(label, mode);
	MUST(strcmp(mode, "unconfined") == 0 || strstr(label, mode) != NULL);
	MUST(!lsm_answer_is_permissive(label) || label[0] != '\0');
	return 0;
}
