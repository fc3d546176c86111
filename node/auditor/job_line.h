/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as lines of text.  The summary of a job keeps distccd's form and its
 * tag, because people's scripts look for "distccd[PID] (dcc_job_summary)"
 * (wire-protocol 3.6); all other lines are tagged immured.  Pure.
 */
#ifndef IMMURE_JOB_LINE_H
#define IMMURE_JOB_LINE_H

#include "line.h"
#include <node/common/imsg.h>

/*
 * "(dcc_job_summary) client: IP:PORT WORD exit:N sig:N core:N ret:N time:Nms
 * COMPILER SOURCE", then " reason:WORD" when there is one.  @a must have
 * passed record_check().
 */
void job_line(struct line *l, const struct imsg_audit_job *a);

/* "(ROLE) WORD: TEXT", then " client: IP:PORT" when one is concerned. */
void event_line(struct line *l, const struct imsg_audit_event *e);

/* "COMPILE_OK", …; "OTHER" for a number that is none. */
const char *result_word(uint32_t result);

#endif
