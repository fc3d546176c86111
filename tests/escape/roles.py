#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc says of every process of a running node, against a table.

roles.py PID SLOTS      the node whose monitor is PID; every role, the cells,
                        and, when a job runs meanwhile, its compiler
roles.py --detects ROLE the row ROLE against this process, which is confined
                        in nothing: every field must be found wrong, in root's
                        table and in user mode's

Exit status 0 when all is as the table says; a line for each difference.
Needs root.
"""
import ctypes
import os
import pwd
import re
import stat
import subprocess
import sys
import time

SLOT_UID = 1900001000
ROLE_UID = 1900000000
# capabilities(7): bit numbers
CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID, SETPCAP = 0, 1, 3, 5, 6, 7, 8
SYS_ADMIN, SYS_RESOURCE, SETFCAP = 21, 24, 31


def bits(*caps):
    return sum(1 << c for c in caps)


# docs/privsep.md says why each
MONITOR_CAPS = bits(SYS_ADMIN, SETUID, SETGID, SETPCAP, KILL, CHOWN,
                    DAC_OVERRIDE, FOWNER, SYS_RESOURCE)
# in the slot's own user namespace only
ZYGOTE_CAPS = bits(SYS_ADMIN, SETUID, SETGID, SETPCAP, CHOWN)

# What a role may have open besides 0, 1, 2: kind -> (least, most).
MANY = 99
NONE = {}
CELL_ROOT = {'.immure', 'lib', 'lib32', 'lib64', 'libx32', 'tmp', 'home',
             'root', 'build', 'work', 'usr', 'var', '.job'}

# The table.  caps: what may be in the permitted, effective and bounding sets
# (the others are empty).  filters: seccomp filters on the task at least.
# own: namespaces that differ from the monitor's (and so from the host's).
# root: what the root directory may hold, None = the host's.
ROLES = {
    'monitor': dict(
        uid=0, caps=MONITOR_CAPS, filters=1, own={'mnt'}, root=None,
        fds={'socket': (5, MANY), 'epoll': (1, 1), 'signalfd': (1, 1),
             'memfd': (1, 1), 'job socket': (0, 2), 'meminfo': (1, 1),
             'group': (0, 2)}),
    'front': dict(
        uid='front', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=set(), fds={'socket': (2, MANY), 'epoll': (1, 1),
                         'memfd': (0, MANY)}),
    'broker': dict(
        uid='broker', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=set(), fds={'socket': (5, MANY), 'epoll': (1, 1),
                         'memfd': (0, MANY), 'meminfo': (1, 1)}),
    'auditor': dict(
        uid='auditor', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=set(), fds={'socket': (2, 3), 'log': (1, 2)}),
    'imager': dict(
        uid='imager', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=None, fds={'socket': (1, 1), 'inotify': (0, 1)}),
    'status': dict(
        uid='status', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=set(), fds={'socket': (2, MANY), 'epoll': (1, 1)}),
    'executor': dict(
        uid='executor', caps=0, filters=2, own={'mnt', 'net', 'ipc', 'uts'},
        root=set(), fds={'socket': (3, 16), 'signalfd': (0, 1),
                         'memfd': (0, 8), 'epoll': (0, 1),
                         'seccomp notify': (0, 8), # a cell's tripwire
                         'group': (0, 3)}),
    'zygote': dict(
        uid='slot', caps=ZYGOTE_CAPS, filters=2,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup'},
        root='templates', fds={'socket': (1, 1), 'group': (0, 1)}),
    'init': dict(
        uid='slot', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'socket': (2, 2), 'pipe': (1, 3)}),
    'unpack': dict(
        uid='slot', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'socket': (1, 1), 'pipe': (1, 1),
                             'memfd': (0, 2)}),
    'pack': dict(
        uid='slot', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'socket': (2, 2), 'pipe': (0, 2),
                             'out': (1, 1), 'memfd': (0, 1)}),
    'killer': dict(
        uid='job', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'pipe': (0, 1)}),
    'launch': dict(
        uid='job', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'pipe': (2, 2)}),
    'compiler': dict(
        uid='job', caps=0, filters=3,
        own={'mnt', 'net', 'ipc', 'uts', 'user', 'cgroup', 'pid'},
        root=CELL_ROOT, fds={'job': (0, 4), 'image': (0, 2),
                             'pipe': (0, 2)}),
}


# Where a role's processes are in the tree of groups (cgroup v2).
SELF, CELL = r'/immure\.%d/slot-[0-9]+/self', \
    r'/immure\.%d/slot-[0-9]+/cell-[0-9]+'
GROUPS = {'executor': SELF, 'zygote': SELF, 'init': CELL, 'unpack': CELL,
          'pack': CELL, 'killer': CELL, 'launch': CELL, 'compiler': CELL}


class User:
    """An ordinary user's node: who that is."""
    def __init__(self, uid, gid, groups):
        self.uid, self.gid, self.groups = uid, gid, groups


def of_user(user):
    """The table of user mode: one uid, one user namespace above the others;
    all else is as root's."""
    rows = {}
    for role, row in ROLES.items():
        rows[role] = dict(row, uid=user.uid, user=user,
                          own=row['own'] | {'user'})
    rows['monitor']['caps'] |= bits(SETFCAP)
    for role in 'killer', 'launch', 'compiler':
        rows[role]['depth'] = 3  # host, cell, job
    return rows


def mode_of(monitor):
    """None for root's node, else its User."""
    inside, outside, count = map(
        int, read(f'/proc/{monitor}/uid_map').split()[:3])
    if count != 1:
        return None
    p = Process(monitor)
    return User(outside, int(read(f'/proc/{monitor}/gid_map').split()[1]),
                p.status['Groups'])


# Pid 1 and the launcher of a cell outlive nothing: these must all be seen.
EXPECTED = set(ROLES)


def read(path):
    with open(path, 'rb') as f:
        return f.read()


class Process:
    def __init__(self, pid):
        self.pid = pid
        self.status = {}
        for line in read(f'/proc/{pid}/status').decode().splitlines():
            key, _, value = line.partition(':')
            self.status[key] = value.split()
        self.argv = read(f'/proc/{pid}/cmdline').decode().split('\0')
        self.ppid = int(self.status['PPid'][0])
        self.nspid = int(self.status['NSpid'][-1])
        self.depth = len(self.status['NSpid'])
        self.uids = {int(u) for u in self.status['Uid']}
        self.gids = {int(g) for g in self.status['Gid']}
        self.ns = {n: os.readlink(f'/proc/{pid}/ns/{n}') for n in
                   ('pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup', 'user')}

    def cap(self, name):
        return int(self.status[name][0], 16)

    def root(self):
        return set(os.listdir(f'/proc/{self.pid}/root/'))

    def mounts(self):
        """(mount point, options) of what it can reach."""
        for line in read(f'/proc/{self.pid}/mountinfo').decode().splitlines():
            word = line.split()
            yield word[4], word[5].split(',')

    def fds(self):
        for n in sorted(os.listdir(f'/proc/{self.pid}/fd'), key=int):
            path = f'/proc/{self.pid}/fd/{n}'
            try:
                yield int(n), os.readlink(path), os.stat(path)
            except FileNotFoundError:
                pass  # closed meanwhile


def cgroup_mount():
    """Where cgroup v2 is mounted, or None."""
    for line in read('/proc/self/mountinfo').decode().splitlines():
        if ' - cgroup2 ' in line:
            return line.split()[4]
    return None


def node_has_groups(monitor, user):
    """Root's node has them wherever cgroup v2 is its own to use: on a machine
    without systemd, and where that has delegated."""
    place = cgroup_mount()
    if place is None or user is not None:
        return False
    return not os.path.exists('/run/systemd/system') or \
        monitor is not None and \
        f'/immure.{monitor}/' in group_of(monitor)


def group_of(pid):
    """Its group in cgroup v2, seen from here."""
    for line in read(f'/proc/{pid}/cgroup').decode().splitlines():
        if line.startswith('0::'):
            return line[3:]
    return ''


def check_group(role, p, monitor):
    if role not in GROUPS:
        return
    group = group_of(p.pid)
    if not re.fullmatch('.*' + GROUPS[role] % monitor, group):
        yield f'its group is {group}'


CGROUP_DEV = os.stat(cgroup_mount()).st_dev if cgroup_mount() else None


def kind(role, name, st):
    if st.st_dev == CGROUP_DEV:
        return 'group'
    if name.startswith('socket:'):
        return 'socket'
    if name.startswith('pipe:'):
        return 'pipe'
    if name.startswith('/memfd:'):
        return 'memfd'
    # '/meminfo' where that /proc is not mounted here
    if name in ('/proc/meminfo', '/meminfo') and \
            stat.S_IMODE(st.st_mode) == 0o444:
        return 'meminfo'
    if name.startswith('anon_inode:'):
        return name[len('anon_inode:'):].strip('[]').replace('eventpoll',
                                                             'epoll')
    if role == 'auditor' and (stat.S_ISREG(st.st_mode) or
                              stat.S_ISCHR(st.st_mode)):
        return 'log'
    if role == 'monitor' and (name.endswith('.sock.lock') or
                              stat.S_ISDIR(st.st_mode)):
        return 'job socket'
    if role == 'pack' and name == '/tmp/.immure' and stat.S_ISDIR(st.st_mode):
        return 'out'
    if role == 'compiler' and stat.S_ISREG(st.st_mode):
        return 'image' if name.startswith('/.immure/') else 'job'
    return f'{name} (mode {st.st_mode:o})'


def ended(pid):
    """Is it gone, or a zombie?  One that is on its way there has no memory to
    be asked for any more, and the kernel says EACCES."""
    for _ in range(50):
        try:
            if read(f'/proc/{pid}/stat').rpartition(b')')[2].split()[0] \
                    in b'ZX':
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def expected_uid(want, p, slots):
    if want == 'slot' or want == 'job':
        return {SLOT_UID + 2 * s + (want == 'job') for s in range(slots)}
    if isinstance(want, int):
        return {want}
    try:
        return {pwd.getpwnam('immure-' + want).pw_uid}
    except KeyError:
        return {ROLE_UID + ['monitor', 'front', 'broker', 'executor',
                            'auditor', 'imager', 'status'].index(want)}


def check_ids(row, p, slots):
    user = row.get('user')
    if user:
        if p.uids != {user.uid} or p.gids != {user.gid}:
            yield f'uids {p.uids}, gids {p.gids}, not {user.uid}, {user.gid}'
        if p.status['Groups'] != user.groups:
            yield f'groups {p.status["Groups"]}, not {user.groups}'
        if 'depth' in row and p.depth != row['depth']:
            yield f'{p.depth} pid namespaces, not {row["depth"]}'
        return
    want = expected_uid(row['uid'], p, slots)
    if len(p.uids) != 1 or not p.uids <= want:
        yield f'uids {p.uids}, not one of {want}'
    if len(p.gids) != 1 or (row['uid'] != 0 and 0 in p.gids):
        yield f'gids {p.gids}'
    if p.status['Groups']:
        yield f'supplementary groups {p.status["Groups"]}'


def check_privilege(row, p):
    for name in 'CapEff', 'CapPrm', 'CapBnd':
        if p.cap(name) & ~row['caps'] or (row['caps'] and not p.cap(name)):
            yield f'{name} {p.cap(name):x}, not within {row["caps"]:x}'
    for name in 'CapInh', 'CapAmb':
        if p.cap(name):
            yield f'{name} {p.cap(name):x}'
    if p.status['NoNewPrivs'] != ['1']:
        yield 'no_new_privs is off'
    if p.status['Seccomp'] != ['2']:
        yield f'seccomp mode {p.status["Seccomp"]}'
    if int(p.status['Seccomp_filters'][0]) < row['filters']:
        yield f'{p.status["Seccomp_filters"][0]} filters, ' \
              f'not {row["filters"]}'


def opens_environ(pid):
    """Does a process of its uid and its user namespace, without a capability,
    get to see its memory?  Only asked of those that have none either: who has
    more than the asker is out of its reach anyhow (capabilities(7))."""
    libc = ctypes.CDLL(None, use_errno=True)
    child = os.fork()
    if child == 0:
        space = os.open(f'/proc/{pid}/ns/user', os.O_RDONLY)
        st = os.stat(f'/proc/{pid}/environ')
        if not os.path.samestat(os.fstat(space),
                                os.stat('/proc/self/ns/user')):
            if libc.setns(space, 0) != 0:
                os._exit(2)
            st = os.stat(f'/proc/{pid}/environ')
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
        # SECBIT_NOROOT: the exec takes all away
        if st.st_uid != 0 or libc.prctl(28, 1, 0, 0, 0) != 0:
            os._exit(2)
        null = os.open('/dev/null', os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execvp('cat', ['cat', f'/proc/{pid}/environ'])
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 2:
        raise RuntimeError(f'cannot become like {pid}')
    return status == 0


SEEN_NOT_DUMPABLE = set()


def check_dumpable(row, p):
    """proc(5): files of a process that is not dumpable belong to the root of
    its user namespace.  (execve(2) sets it again for a stage, which lives
    where there is no /proc and no other process of its uid, or in user mode
    none that it sees.)"""
    user = row.get('user')
    if user:
        if p.depth == 1 and not p.cap('CapPrm') and \
                p.pid not in SEEN_NOT_DUMPABLE:
            if opens_environ(p.pid):
                yield 'dumpable: another process of its uid may look into it'
            else:
                SEEN_NOT_DUMPABLE.add(p.pid)
        return
    owner = os.stat(f'/proc/{p.pid}/environ').st_uid
    if p.depth == 1 and p.ns['user'] == os.readlink('/proc/self/ns/user') \
            and owner != 0:
        yield f'dumpable: /proc/{p.pid} belongs to {owner}'


def check_root(role, row, p):
    want, have = row['root'], p.root()
    if want is None:
        return
    if want == 'templates':
        bad = {n for n in have if n != 'job' and not
               all(c.isdigit() for c in n.split('.'))}
    else:
        bad = have - want
    if bad:
        yield f'its root has {sorted(bad)}'
    for point, options in p.mounts():
        if 'nosuid' not in options or 'nodev' not in options:
            yield f'{point} is mounted {options}'
        if 'noexec' not in options and 'ro' not in options:
            yield f'{point} is writable and executable'
        if point == '/' and 'ro' not in options:
            yield 'its root is writable'


def check_namespaces(row, p, host):
    for n in p.ns:
        if (p.ns[n] != host.ns[n]) != (n in row['own']):
            yield f'{n} namespace is ' + (
                "the host's" if p.ns[n] == host.ns[n] else 'its own')


def check_fds(role, row, p):
    count = {}
    for n, name, st in p.fds():
        what = kind(role, name, st)
        if n <= 2 and role != 'monitor':
            if what != 'pipe':
                yield f'descriptor {n} is {what}'
            continue
        if n > 2:
            count[what] = count.get(what, 0) + 1
    for what in sorted(set(count) | set(row['fds'])):
        least, most = row['fds'].get(what, (0, 0))
        if not least <= count.get(what, 0) <= most:
            yield f'{count.get(what, 0)} descriptors are {what}, ' \
                  f'not {least} to {most}'


def check(role, row, p, host, slots):
    yield from check_ids(row, p, slots)
    yield from check_privilege(row, p)
    yield from check_dumpable(row, p)
    yield from check_root(role, row, p)
    yield from check_namespaces(row, p, host)
    yield from check_fds(role, row, p)


def below_imager(p, processes):
    while p is not None and p.depth > 1:
        p = processes.get(p.ppid)
    return p is not None and \
        os.path.basename(p.argv[0]) in ('immure-imager', 'immure-runner')


def role_of(p, monitor, processes):
    """What it is, told from its place in the tree and never from its word."""
    if p.pid == monitor:
        return 'monitor'
    name = os.path.basename(p.argv[0])
    if p.depth == 1:
        if name == 'immure-zygote':
            return 'zygote'
        return name[len('immure-'):] if name.startswith('immure-') else name
    if below_imager(p, processes):
        return 'probe'  # sandbox/jail.h: tests/escape/jail.bats
    if p.nspid == 1 and p.depth == 2:
        return 'init'
    if p.argv[0].startswith('/.immure/.stage/'):
        return name
    parent = processes.get(p.ppid)
    if name == 'immure-zygote' and parent is not None and parent.nspid == 1:
        return 'killer'
    return 'compiler'


def parents():
    found = {}
    for pid in (int(d) for d in os.listdir('/proc') if d.isdigit()):
        try:
            stat_line = read(f'/proc/{pid}/stat')
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[pid] = int(stat_line.rpartition(b')')[2].split()[1])
    return found


def tree(root):
    """Every process below @root that lives long enough to be read."""
    parent, below, found = parents(), {root}, {}
    while True:
        more = {p for p, q in parent.items() if q in below} - below
        if not more:
            break
        below |= more
    for pid in below:
        try:
            found[pid] = Process(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            if not ended(pid):
                raise
    return found


def look(monitor, slots, rows, wrong):
    """One look at all of them; the roles that were there."""
    host = Process(os.getpid())
    processes, seen = tree(monitor), set()
    groups = node_has_groups(monitor, mode_of(monitor))
    for p in processes.values():
        role = role_of(p, monitor, processes)
        try:
            if role in ('probe', 'runner'):
                continue
            if role not in rows:
                wrong.add(f'{role} ({p.argv}) stands in no row')
                continue
            for text in check(role, rows[role], p, host, slots):
                wrong.add((role, p.pid, text))
            if groups:
                for text in check_group(role, p, monitor):
                    wrong.add((role, p.pid, text))
            seen.add(role)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
        except PermissionError:
            if not ended(p.pid):
                raise
    return seen


def watch(monitor, slots):
    """A difference counts when it is there in two looks 50 ms apart: a cell
    under construction is not what the table speaks of."""
    seen, end = set(), time.monotonic() + 30
    stable = set()
    user = mode_of(monitor)
    rows = of_user(user) if user else ROLES
    while time.monotonic() < end and not EXPECTED <= seen:
        first, second = set(), set()
        seen |= look(monitor, slots, rows, first)
        time.sleep(0.05)
        seen |= look(monitor, slots, rows, second)
        stable |= first & second
    for w in sorted(map(str, stable)):
        print(w)
    for role in sorted(EXPECTED - seen):
        print(f'no {role} was seen')
    print(f'{"user" if user else "root"} mode: {len(seen)} roles seen')
    return 1 if stable or EXPECTED - seen else 0


def detects(role, row):
    me = Process(os.getpid())
    fields = {
        'ids': check_ids(row, me, 4),
        'privilege': check_privilege(row, me),
        'root': check_root(role, row, me),
        'namespaces': check_namespaces(row, me, me),
        'fds': check_fds(role, row, me),
    }
    if row.get('user'):
        bare = subprocess.Popen(['setpriv', '--bounding-set=-all',
                                 '--inh-caps=-all', 'sleep', '60'])
        while read(f'/proc/{bare.pid}/comm') != b'sleep\n':
            time.sleep(0.02)
        fields['dumpable'] = list(check_dumpable(row, Process(bare.pid)))
        bare.kill()
        bare.wait()
    blind = [name for name, found in fields.items() if not list(found)]
    if row['uid'] == 0:
        blind = [b for b in blind if b != 'ids']
    if row['root'] is None:
        blind = [b for b in blind if b != 'root']
    for name in blind:
        print(f'{role}: an unconfined process passes for {name}')
    return 1 if blind else 0


def main():
    if len(sys.argv) == 3 and sys.argv[1] == '--detects':
        role = sys.argv[2]
        return detects(role, ROLES[role]) | detects(
            role, of_user(User(12345, 12345, ['50']))[role])
    if len(sys.argv) == 2 and sys.argv[1] == '--list':
        print('\n'.join(ROLES))
        return 0
    return watch(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == '__main__':
    sys.exit(main())
