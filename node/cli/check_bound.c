/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most memory that a node can take; see check_bound.h. */
#include "check_bound.h"

#include <node/common/limits.h>
#include <node/config/setting.h>
#include <stdio.h>
#include <unistd.h>

/* What a compiler needs: driver, compiler proper, assembler, and one more each
 * for threads or linkers; and room for C++ that is no demonstration. */
#define PROCESSES_FEW 8U
#define ADDRESS_ENOUGH (512 * MIB)
#define SPACE_FEW (256 * MIB)

/* The rest is the machine's own; as MemoryMax= of the service file. */
uint64_t
bound_share(uint64_t machine)
{
	return machine / 5 * 4;
}

uint64_t
bound_bytes(const struct limits *l, unsigned jobs, bool grouped)
{
	uint64_t job, all;

	if (grouped) /* memory.max of the group that all cells are below */
		return __builtin_add_overflow(l->memory, l->budget, &all) ?
		    UINT64_MAX : all;
	if (__builtin_mul_overflow(l->processes, l->address_space, &job) ||
	    __builtin_add_overflow(job, l->space, &job) ||
	    __builtin_mul_overflow(job, (uint64_t)jobs, &all) ||
	    __builtin_add_overflow(all, l->budget, &all))
		return UINT64_MAX;
	return all;
}

/* The address space, in whole MiB, with which @l fits into @share; 0 = none
 * that is enough. */
static uint64_t
address_space(const struct limits *l, unsigned jobs, uint64_t share)
{
	uint64_t rest = l->budget + l->space * jobs, each;

	if (jobs == 0 || rest >= share)
		return 0;
	each = (share - rest) / jobs / l->processes / MIB * MIB;
	return each >= ADDRESS_ENOUGH ? each : 0;
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* With fewer jobs, if need be; 0 = not even one. */
static unsigned
make_fit(struct limits *l, unsigned jobs, uint64_t share)
{
	uint64_t fits = address_space(l, jobs, share);

	if (fits == 0) {
		l->processes = less(l->processes, PROCESSES_FEW);
		l->space = less(l->space, SPACE_FEW);
	}
	while (fits == 0 && jobs > 0) {
		fits = address_space(l, jobs, share);
		jobs -= fits == 0;
	}
	l->address_space = fits;
	return jobs;
}

#define WITHIN "would be within four fifths of it; large sources may need more"

static void
no_remedy(char *out, size_t room)
{
	(void)snprintf(out, room, "lower limit-budget, or give the machine "
	    "more memory");
}

/* What is bound by a group needs one setting. */
static void
remedy_grouped(const struct limits *l, uint64_t share, char *out, size_t room)
{
	uint64_t fits = l->budget < share ?
	    (share - l->budget) / MIB * MIB : 0;
	char memory[24];

	if (fits < LIMIT_MEMORY_LEAST) {
		no_remedy(out, room);
		return;
	}
	setting_bytes(fits, memory, sizeof(memory));
	(void)snprintf(out, room, "limit-memory = %s " WITHIN, memory);
}

void
bound_remedy(const struct limits *l, unsigned jobs, uint64_t machine,
    bool grouped, char *out, size_t room)
{
	struct limits m = *l;
	unsigned fits = make_fit(&m, jobs, bound_share(machine));
	char fewer[40] = "", rest[96] = "", as[24], space[24];

	if (grouped) {
		remedy_grouped(l, bound_share(machine), out, room);
		return;
	}
	if (fits == 0) {
		no_remedy(out, room);
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
	(void)snprintf(out, room, "%slimit-address-space = %s%s " WITHIN, fewer,
	    as, rest);
}

/* "23.5G", for people */
static void
gib(uint64_t bytes, char *out, size_t room)
{
	(void)snprintf(out, room, "%.1fG", (double)bytes / (double)GIB);
}

static void
say_bound(struct check_fact *f, const struct cmdline *c, bool grouped,
    const char *all, const char *has)
{
	const struct limits *l = &c->limits;
	char memory[24], as[24], space[24], budget[24];

	setting_bytes(l->memory, memory, sizeof(memory));
	setting_bytes(l->address_space, as, sizeof(as));
	setting_bytes(l->space, space, sizeof(space));
	setting_bytes(l->budget, budget, sizeof(budget));
	if (grouped)
		(void)snprintf(f->value, sizeof(f->value), "%.14s of %.10s: "
		    "%.8s of all jobs, by their group + %.8s of requests", all,
		    has, memory, budget);
	else
		(void)snprintf(f->value, sizeof(f->value), "%.14s of %.10s: "
		    "%u jobs x (%llu processes x %.8s + %.8s of files) + %.8s "
		    "of requests", all, has, c->jobs,
		    (unsigned long long)l->processes, as, space, budget);
}

static void
judge(struct check_fact *f, const struct cmdline *c, uint64_t machine,
    bool grouped)
{
	static char remedy[CHECK_REASON_MAX];
	uint64_t bound = bound_bytes(&c->limits, c->jobs, grouped);
	char all[32], has[32];

	gib(bound, all, sizeof(all));
	gib(machine, has, sizeof(has));
	say_bound(f, c, grouped, all, has);
	f->good = bound <= bound_share(machine);
	bound_remedy(&c->limits, c->jobs, machine, grouped, remedy,
	    sizeof(remedy));
	f->remedy = remedy;
}

void
check_bound(struct check_fact *f, const struct cmdline *c, bool grouped)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	if (c == NULL)
		(void)snprintf(f->value, sizeof(f->value),
		    "unknown: the settings are wrong");
	else if (pages > 0 && size > 0)
		judge(f, c, (uint64_t)pages * (uint64_t)size, grouped);
}
