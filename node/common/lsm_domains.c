/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who runs in which domain: the names that policy/selinux and policy/apparmor
 * give.  A name that is changed there is changed here. */
#include "lsm.h"

#include <string.h>

/* clang-format off */
const struct lsm_domain lsm_domains[] = {
	{ "immured",         { "immured_t",         "immured" } },
	{ "immure-auditor",  { "immure_auditor_t",  "immure-auditor" } },
	{ "immure-broker",   { "immure_broker_t",   "immure-broker" } },
	{ "immure-executor", { "immure_executor_t", "immure-executor" } },
	{ "immure-front",    { "immure_front_t",    "immure-front" } },
	{ "immure-imager",   { "immure_imager_t",   "immure-imager" } },
	{ "immure-relay",    { "immure_relay_t",    "immure-relay" } },
	{ "immure-runner",   { "immure_runner_t",   "immure-runner" } },
	{ "immure-spawner",  { "immure_spawner_t",  "immure-spawner" } },
	{ "immure-status",   { "immure_status_t",   "immure-status" } },
	{ "immure-zygote",   { "immure_zygote_t",   "immure-zygote" } },
	{ "stage-try",       { "immure_try_t",      "immure-try" } },
	{ "unpack",          { "immure_unpack_t",   "immure-unpack" } },
	{ "pack",            { "immure_pack_t",     "immure-pack" } },
	{ "launch",          { "immure_launch_t",   "immure-job" } },
	{ NULL,              { "immure_job_t",      "immure-job" } },
};
/* clang-format on */

const struct lsm_domain *
lsm_domain_of(const char *program)
{
	const struct lsm_domain *d = lsm_domains;

	while (d->program != NULL && strcmp(d->program, program) != 0)
		d++;
	return d;
}
