/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most memory that a node can take; see check_bound.h. */
#include "check_bound.h"

#include <node/config/setting.h>
#include <node/config/settings.h>
#include <stdio.h>
#include <unistd.h>

/* What a compiler needs: driver, compiler proper, assembler, and one more each
 * for threads or linkers; and room for C++ that is no demonstration. */
#define PROCESSES_FEW 8U
#define ADDRESS_ENOUGH (512 * MIB)
#define SPACE_FEW (256 * MIB)

uint64_t
bound_bytes(const struct limits *l, unsigned jobs)
{
	uint64_t job, all;

	if (__builtin_mul_overflow(l->processes, l->address_space, &job) ||
	    __builtin_add_overflow(job, l->space, &job) ||
	    __builtin_mul_overflow(job, (uint64_t)jobs, &all) ||
	    __builtin_add_overflow(all, l->budget, &all))
		return UINT64_MAX;
	return all;
}

/* The address space, in whole MiB, with which @l fits into @machine; 0 = none
 * that is enough. */
static uint64_t
address_space(const struct limits *l, unsigned jobs, uint64_t machine)
{
	uint64_t rest = l->budget + l->space * jobs, each;

	if (jobs == 0 || rest >= machine)
		return 0;
	each = (machine - rest) / jobs / l->processes / MIB * MIB;
	return each >= ADDRESS_ENOUGH ? each : 0;
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* With fewer jobs, if need be; 0 = not even one. */
static unsigned
make_fit(struct limits *l, unsigned jobs, uint64_t machine)
{
	uint64_t fits = address_space(l, jobs, machine);

	if (fits == 0) {
		l->processes = less(l->processes, PROCESSES_FEW);
		l->space = less(l->space, SPACE_FEW);
	}
	while (fits == 0 && jobs > 0) {
		fits = address_space(l, jobs, machine);
		jobs -= fits == 0;
	}
	l->address_space = fits;
	return jobs;
}

void
bound_remedy(const struct limits *l, unsigned jobs, uint64_t machine,
    char *out, size_t room)
{
	struct limits m = *l;
	unsigned fits = make_fit(&m, jobs, machine);
	char fewer[40] = "", rest[96] = "", as[24], space[24];

	if (fits == 0) {
		(void)snprintf(out, room, "lower limit-budget, or give the "
		    "machine more memory");
		return;
	}
	setting_bytes(m.address_space, as, sizeof(as));
	setting_bytes(m.space, space, sizeof(space));
	if (fits < jobs)
		(void)snprintf(fewer, sizeof(fewer), "jobs = %u, ", fits);
	if (m.processes != l->processes || m.space != l->space)
		(void)snprintf(rest, sizeof(rest),
		    ", limit-processes = %llu, limit-space = %s",
		    (unsigned long long)m.processes, space);
	(void)snprintf(out, room, "%slimit-address-space = %s%s would be "
	    "within it; large sources may need more", fewer, as, rest);
}

/* "23.5G", for people */
static void
gib(uint64_t bytes, char *out, size_t room)
{
	(void)snprintf(out, room, "%.1fG", (double)bytes / (double)GIB);
}

static void
judge(struct check_fact *f, const struct cmdline *c, uint64_t machine)
{
	static char remedy[CHECK_REASON_MAX];
	const struct limits *l = &c->limits;
	uint64_t bound = bound_bytes(l, c->jobs);
	char all[32], has[32], as[24], space[24], budget[24];

	gib(bound, all, sizeof(all));
	gib(machine, has, sizeof(has));
	setting_bytes(l->address_space, as, sizeof(as));
	setting_bytes(l->space, space, sizeof(space));
	setting_bytes(l->budget, budget, sizeof(budget));
	(void)snprintf(f->value, sizeof(f->value), "%.14s of %.10s: %u jobs x "
	    "(%llu processes x %.8s + %.8s of files) + %.8s of requests", all, has,
	    c->jobs, (unsigned long long)l->processes, as, space, budget);
	f->good = bound <= machine;
	bound_remedy(l, c->jobs, machine, remedy, sizeof(remedy));
	f->remedy = remedy;
}

void
check_bound(struct check_fact *f)
{
	static struct cmdline c;
	static char name[] = "immured", *words[] = { name, NULL };
	char err[CMDLINE_ERROR_MAX], standard[LIMIT_PATH + 1];
	struct settings_sources from = { .argc = 1, .argv = words,
		.cwd = "/", .standard = standard };
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	settings_default_file(standard, sizeof(standard));
	if (settings_load(&c, &from, err, sizeof(err)) != 0)
		(void)snprintf(f->value, sizeof(f->value),
		    "unknown: the settings are wrong");
	else if (pages > 0 && size > 0)
		judge(f, &c, (uint64_t)pages * (uint64_t)size);
	cmdline_free(&c);
}
