/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zygote that is taken over: cells that only look at layers are left alone,
 * for it is a job's that the test waits for. */
#include <stdbool.h>

#include "node/executor/cell.h"

#include "hostile.h"

_Noreturn void __real_cell_main(const struct cell_order *o);
_Noreturn void __wrap_cell_main(const struct cell_order *o);

_Noreturn void
__wrap_cell_main(const struct cell_order *o)
{
	hostile_asleep = o->check;
	__real_cell_main(o);
}
