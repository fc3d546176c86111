/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as lines of JSON, one object each, ASCII only.  Strings that come
 * from a client are escaped as in the text log (escape.h) before they become
 * JSON, so that `jq -r` on a terminal is as safe as the file is; digests are
 * hexadecimal; times are UTC, RFC 3339.  The fields are in immured(8).  Pure.
 */
#ifndef IMMURE_JOB_JSON_H
#define IMMURE_JOB_JSON_H

#include "line.h"
#include <node/common/imsg.h>
#include <stdint.h>

/*
 * @now_us: CLOCK_REALTIME in microseconds.  @a and @e must have passed
 * record_check() and event_check().  0, or -ENOMEM, or -EMSGSIZE when the
 * line would be longer than a record may be.
 */
int job_json(struct line *l, const struct imsg_audit_job *a, uint64_t now_us);
int event_json(
    struct line *l, const struct imsg_audit_event *e, uint64_t now_us);

#endif
