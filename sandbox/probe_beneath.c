/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layers that lie under the filter: acts that the filter would refuse
 * before they reach them.  Under a filter already (a cell inherits its
 * zygote's) what that refuses counts as refused.
 */
#include "probe_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "kernel_abi.h"

/* connect(2) of a datagram socket sends nothing; it needs a route, which not
 * even loopback is while it is down. */
static bool
has_route(uint32_t address)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(address),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool works;

	if (fd < 0)
		return false;
	works = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
	close(fd);
	return works;
}

/* Landlock answers EACCES before the address is looked at. */
static bool
can_bind(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool works;

	if (fd < 0)
		return false;
	works = !probe_refused(bind(fd, (struct sockaddr *)&any, sizeof(any)),
	    EACCES);
	close(fd);
	return works;
}

/* How many objects there are is what shmctl(2) and its kin tell anybody. */
static bool
ipc_objects(void)
{
	struct shm_info shm;
	struct msginfo msg;
	struct seminfo sem;
	union {
		int val;
		struct seminfo *info;
	} arg = { .info = &sem };

	memset(&shm, 0, sizeof(shm));
	memset(&msg, 0, sizeof(msg));
	memset(&sem, 0, sizeof(sem));
	if (shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&shm) >= 0 &&
	    shm.used_ids != 0)
		return true;
	if (msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&msg) >= 0 &&
	    msg.msgpool != 0)
		return true;
	return semctl(0, 0, SEM_INFO, arg) >= 0 && sem.semusz != 0;
}

/* Is it a path that tells nothing: "/", or the one group that a slot's
 * namespace begins above (PROBE_GROUP)? */
static bool
is_bare(const char *path)
{
	return strcmp(path, "/") == 0 || strcmp(path, PROBE_GROUP) == 0;
}

/* cgroups(7): every line ends in the path, "ID:CONTROLLERS:PATH"; in a
 * namespace that began here it is "/".  Without a /proc nothing is told. */
static bool
cgroup_path(void)
{
	char text[4096], *line = text, *end, *path;
	ssize_t n;
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		path = strstr(line, ":/");
		if (path == NULL || !is_bare(path + 1))
			return true;
	}
	return n < 0;
}

/*
 * Without a capability this is EPERM for every id that exists (setresuid(2));
 * in a user namespace which maps another than ours alone it is EINVAL.  Not
 * the errno of a filter either: those say EPERM or kill.
 */
static bool
other_ids_exist(void)
{
	static const uid_t others[] = { 1, 65533, 1234567 };
	const uid_t self = geteuid();
	bool exist = false;
	int r;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		r = setresuid((uid_t)-1, others[i], (uid_t)-1);
		exist |= !probe_refused(r, EINVAL);
		if (r == 0)
			(void)!setresuid((uid_t)-1, self, (uid_t)-1);
	}
	return exist;
}

static bool
gains_exec(void)
{
	void *p = mmap(NULL, 1, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool works;

	if (p == MAP_FAILED)
		return false;
	works = mprotect(p, 1, PROT_READ | PROT_EXEC) == 0;
	munmap(p, 1);
	return works;
}

static bool
holds_capability(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(__NR_capget, &head, d) != 0)
		return true;
	for (int i = 0; i < 2; i++) {
		if ((d[i].effective | d[i].permitted | d[i].inheritable) != 0)
			return true;
	}
	for (int cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return true;
	}
	return false;
}

static bool
expects(uint64_t expected, enum layer layer)
{
	return (expected & UINT64_C(1) << layer) != 0;
}

uint64_t
probe_beneath(uint64_t expected)
{
	uint64_t b = 0;

	b |= broken(LAYER_USER_NS, other_ids_exist());
	b |= broken(LAYER_NET_NS,
	    has_route(INADDR_LOOPBACK) || has_route(0xc0000201)); /* TEST-NET */
	/* What this kernel has not got is not attempted: a policy of SELinux
	 * would have to allow it, or every start be a denial. */
	if (expects(expected, LAYER_LANDLOCK_NET))
		b |= broken(LAYER_LANDLOCK_NET, can_bind());
	b |= broken(LAYER_IPC_NS, ipc_objects());
	b |= broken(LAYER_CGROUP_NS, cgroup_path());
	if (expects(expected, LAYER_MDWE))
		b |= broken(LAYER_MDWE, gains_exec());
	b |= broken(LAYER_NO_CAPS, holds_capability());
	b |= broken(LAYER_NO_NEW_PRIVS,
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
	b |= broken(LAYER_NO_GROUPS, getgroups(0, NULL) != 0);
	return b & expected;
}
