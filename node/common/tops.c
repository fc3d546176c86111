/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Top-level directories of pump cells; see tops.h.  Pure. */
#include "tops.h"
#include <string.h>

/* The first TOPS_DEFAULT are there in every pump cell.  Never in this table:
 * etc dev proc sys lib* bin sbin boot .immure .job (security-rules 4). */
#define TOPS_DEFAULT 7
const char *const tops_names[] = { "tmp", "home", "root", "build", "work",
	"usr", "var",
	/* on demand */
	"builds", "srv", "opt", "mnt", "media", "data", "src", "run", "ws",
	"workspace", "workspaces", "project", "projects", "github", "scratch",
	"export", "net", "nfs", "vol", "volume1", "storage", "code", "dev-src",
	"Users", "users", "u", "nix", "gnu", "ci", "jenkins", "buildroot",
	"app", "go", "proj", "repo", "repos", "shared", "tank", "pool", "local",
	"sources", "workdir", "aports", "usr1", "home1", "home2", "disk",
	"data1", "data2", NULL };

_Static_assert(sizeof(tops_names) / sizeof(tops_names[0]) - 1 <= TOPS_MAX,
    "a mask of 64 bits");

const uint64_t tops_default = (1ULL << TOPS_DEFAULT) - 1;

uint64_t
tops_bit(const char *path)
{
	size_t n;

	if (path[0] != '/')
		return 0;
	n = strcspn(path + 1, "/");
	for (size_t i = 0; tops_names[i] != NULL; i++)
		if (strncmp(tops_names[i], path + 1, n) == 0 &&
		    tops_names[i][n] == '\0')
			return 1ULL << i;
	return 0;
}
