/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are a message's strings strings?  The messages come from roles that may have
 * been taken over, and every formatter relies on what is checked here.  Pure.
 */
#ifndef IMMURE_RECORD_H
#define IMMURE_RECORD_H

#include <node/common/imsg.h>
#include <stdbool.h>

/* True when every string ends within its field and argv_len within argv. */
bool record_check(const struct imsg_audit_job *a);
bool event_check(const struct imsg_audit_event *e);

/* Was a client concerned? */
bool record_has_peer(const struct peer *p);

#endif
