#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A cgroup for each cell: who is in it, that it is gone, who may enter it.

groups.py PORT MONITOR-PID ATTACKER SCRATCH [cost]

Runs in tests/escape/with_attacker, two slots, --job-lifetime 3; "cost", what a
job is said to have cost: with --limit-cpu 1 and time for it.  Prints a line
for each thing that is not as it must be.  Needs root, and a cgroup v2 that is
the node's to use.
"""
import ctypes
import errno
import json
import os
import re
import signal
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
import roles   # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE3, CLONE_INTO_CGROUP = 435, 0x200000000
IN_MODIFY = 2
GONE_S = 30
wrong = []
node_groups = None


def expect(what, holds):
    print(('ok   ' if holds else 'WRONG ') + what)
    if not holds:
        wrong.append(what)


class Groups:
    """The node's tree, as it is now."""
    def __init__(self, monitor):
        self.monitor, self.mount = monitor, roles.cgroup_mount()
        own = roles.group_of(monitor)
        for base in own, os.path.dirname(own), '/':
            self.tree = os.path.normpath(
                f'{self.mount}/{base}/immure.{monitor}')
            if os.path.isdir(self.tree):
                break

    def slots(self):
        return sorted(os.path.join(self.tree, d)
                      for d in os.listdir(self.tree) if d.startswith('slot-'))

    def cells(self):
        return [os.path.join(s, d) for s in self.slots()
                for d in os.listdir(s) if d.startswith('cell-')]


def members(group):
    try:
        with open(group + '/cgroup.procs') as f:
            return {int(line) for line in f}
    except OSError:  # ENOENT, ENODEV: it has gone
        return set()


class Job(threading.Thread):
    def __init__(self, node, act, pump=False):
        super().__init__(daemon=True)
        self.node, self.act, self.pump, self.reply = node, act, pump, None
        self.start()

    def run(self):
        self.reply = self.node.job(f'attack {self.act}', self.pump, 40)


def until(what, seconds=GONE_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    return what()


def runs(pid, name):
    try:
        return os.path.basename(roles.read(f'/proc/{pid}/cmdline')
                                .split(b'\0')[0]).decode() == name
    except OSError:  # it has ended
        return False


def compilers(node):
    """Groups in which a job runs."""
    name = os.path.basename(node.attacker)
    return [cell for cell in node_groups.cells()
            if any(runs(pid, name) for pid in members(cell))]


def each_its_own(node):
    jobs = [Job(node, 'sleep'), Job(node, 'sleep')]
    running = until(lambda: len(compilers(node)) == 2 and compilers(node))
    expect('two jobs are in two groups', bool(running))
    for group in running or ():
        # by the kernel's own list, too: a whole cell and nothing else
        spaces = {os.readlink(f'/proc/{p}/ns/pid')
                  for p in members(group)}
        expect(f'{os.path.basename(group)} is one pid namespace',
               len(spaces) == 1 and os.readlink('/proc/self/ns/pid')
               not in spaces)
    for text in {str(w) for w in look(node)}:
        expect(f'everybody is in his group: {text}', False)
    for job in jobs:
        job.join()
    for group in running or ():
        expect(f'{os.path.basename(group)} went before the answer came',
               not os.path.exists(group))


def look(node):
    first, second = set(), set()
    roles.look(node.monitor, 2, roles.ROLES, first)
    time.sleep(0.05)
    roles.look(node.monitor, 2, roles.ROLES, second)
    return {w for w in first & second if 'group' in str(w)}


def one_cell(node):
    """The group of the one job that runs."""
    return until(lambda: (compilers(node) or [None])[0])


def kill_written(node):
    """An event for a write to cgroup.kill of the job that is cancelled."""
    job = Job(node, 'sleep')
    group = one_cell(node)
    fd = LIBC.inotify_init1(os.O_NONBLOCK)
    LIBC.inotify_add_watch(fd, (group + '/cgroup.kill').encode(), IN_MODIFY)
    job.join()
    expect('limit.wall ends it', 'limit.wall' in job.reply.text())
    try:
        expect('by cgroup.kill', len(os.read(fd, 4096)) >= 16)
    except BlockingIOError:
        expect('by cgroup.kill', False)
    os.close(fd)


def bombs(node):
    """What is left when nobody stops them: nothing; and in one slot."""
    for act in 'fork-bomb', 'daemon', 'forks':
        job = Job(node, act)
        group = one_cell(node) if act == 'fork-bomb' else None
        if group:
            crowd = until(lambda: len(members(group)) > 60)
            expect('a bomb fills its group', bool(crowd) or
                   'limit.processes' in (job.join() or job.reply.text()))
        job.join()
        expect(f'{act}: nothing of it is left', bool(until(
            lambda: not compilers(node))))
        if group:
            expect(f'{act}: its group is gone',
                   not os.path.exists(group))
    reply = node.job('nothing', False)
    expect('the next job works', reply.status == 0 and reply.whole)


def clone_into(fd):
    """clone3(2) into group @fd; the errno, 0 when it worked."""
    args = bytearray(struct.pack('11Q', CLONE_INTO_CGROUP, 0, 0, 0,
                                 signal.SIGCHLD, 0, 0, 0, 0, 0, fd))
    raw = (ctypes.c_char * len(args)).from_buffer(args)
    pid = LIBC.syscall(CLONE3, raw, len(args))
    if pid == 0:
        os._exit(0)
    if pid < 0:
        return ctypes.get_errno()
    os.waitpid(pid, 0)
    return 0


def as_zygote(slot_dir, act):
    """@act's errno in a process of that slot's zygote's uid, in its place."""
    number = int(slot_dir.rpartition('-')[2])
    child = os.fork()
    if child == 0:
        with open(slot_dir + '/self/cgroup.procs', 'w') as f:
            f.write('0')
        uid = roles.SLOT_UID + 2 * number
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        os._exit(act())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def writes(path):
    try:
        os.close(os.open(path, os.O_WRONLY))
    except OSError as e:
        return e.errno
    return 0


def waiting(groups, slot):
    """Its cell that waits for a job; of a slot that is just ending none does."""
    cells = [c for c in groups.cells() if c.startswith(slot)]
    time.sleep(0.5)
    return [c for c in cells if c in groups.cells()]


def borders(groups):
    """A cell's group is entered by its own zygote, by descriptor alone."""
    mine, other = groups.slots()[:2]
    cell = until(lambda: waiting(groups, mine))[0]
    fd = os.open(cell, os.O_PATH)
    expect('a zygote may clone into its own cells',
           as_zygote(mine, lambda: clone_into(fd)) == 0)
    expect("… and not into another slot's",
           as_zygote(other, lambda: clone_into(fd)) == 13)
    for name in ('cgroup.procs', 'cgroup.kill'):
        expect(f'… nor open its {name}',
               as_zygote(mine, lambda: writes(f'{cell}/{name}')) == 13)
    expect("… nor open a slot's subtree_control", as_zygote(
        mine, lambda: writes(mine + '/cgroup.subtree_control')) == 13)
    os.close(fd)


def not_from_inside(node):
    expect('clone3 from inside: ENOSYS',
           node.inside('clone3', '-', False) == 'ENOSYS')
    for path in node_groups.mount, '/proc/self/cgroup':
        expect(f'{path} from inside: ENOENT',
               node.inside('stat', path, True) == 'ENOENT')


def made(path):
    """Of that many tries to make groups there: how many were let."""
    for n in range(20):
        try:
            os.mkdir(f'{path}{n}')
        except OSError as e:
            expect(f'no more groups: {e.strerror}', e.errno == errno.EAGAIN)
            break
    for i in range(n):
        os.rmdir(f'{path}{i}')
    return n


def few_and_flat(groups):
    """What the kernel holds of an executor that wants more groups."""
    expect('the tree is its owner\'s alone',
           os.stat(groups.tree).st_mode & 0o777 == 0o700)
    slot = groups.slots()[0]
    cell = until(lambda: waiting(groups, slot))[0]
    expect('a cell has no groups below it', made(cell + '/x') == 0)
    there = len([d for d in os.scandir(slot) if d.is_dir()])
    expect('a slot has nine groups at most', made(slot + '/x') + there == 9)
    for file in 'descendants', 'depth':
        name = f'cgroup.max.{file}'
        expect(f'{name} is root\'s',
               os.stat(f'{slot}/{name}').st_uid == 0 and
               roles.read(f'{groups.tree}/{name}').strip() != b'max')


def discarded(node):
    """A group that cannot be removed: its slot runs no other job."""
    job = Job(node, 'nap 1')
    group = one_cell(node)
    slot = os.path.dirname(group)
    before = members(slot + '/self')
    for bounded in slot, node_groups.tree:
        with open(bounded + '/cgroup.max.depth', 'w') as f:
            f.write('max')
    os.mkdir(group + '/x')
    job.join()
    expect('the job is answered all the same', job.reply.status == 0)
    expect('its slot is built anew', bool(until(
        lambda: members(slot + '/self') and
        not members(slot + '/self') & before)))
    expect('… without what was left', not os.path.exists(group))


def last_record():
    with open(os.environ['NODE_AUDIT']) as f:
        jobs = [r for r in map(json.loads, f) if r['type'] == 'job']
    return jobs[-1] if jobs else None


def cost(node):
    """Many processes have the CPU time of one; and what is on record."""
    reply = node.job('attack burn-all', False, 120)
    expect('limit.cpu ends it', 'limit.cpu' in reply.text())
    record = until(last_record)
    expect('… on record', record['reason'] == 'limit.cpu')
    group = record['group']
    spent = group['user_us'] + group['system_us']
    # a quarter and a second more; a look at it is late by a fraction
    expect(f'… when all had two seconds of it: {spent}',
           2000000 <= spent < 10000000)
    expect('its CPU time is that of the record', spent <=
           record['user_us'] + record['system_us'] < 2 * spent)
    slot = node_groups.slots()[0]
    expect('its peak is on record where there is one',
           ('memory_peak_kib' in group) ==
           os.path.exists(f'{slot}/memory.peak'))
    try:
        roles.read(f'{slot}/cpu.pressure')
    except OSError:  # a kernel without, or with psi=0
        expect('no pressure is made up', 'pressure' not in group)
        return
    waited = group['pressure']
    expect('pressure of all three', set(waited) == {'cpu', 'memory', 'io'})
    expect('16 processes waited for CPUs', 0 < waited['cpu']['some_us'])
    expect('… less than the job took, and its cell waited',
           all(w['full_us'] <= w['some_us'] < 600 * 10**6
               for w in waited.values()))


def main():
    global node_groups
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    node_groups = groups = Groups(node.monitor)
    until(lambda: len(groups.slots()) == 2)
    time.sleep(1)  # each has made its cells
    if sys.argv[5:] == ['cost']:
        cost(node)
        return 1 if wrong else 0
    each_its_own(node)
    kill_written(node)
    until(lambda: len(groups.cells()) >= 2)
    borders(groups)
    few_and_flat(groups)
    not_from_inside(node)
    bombs(node)
    discarded(node)
    pattern = re.compile(r'(slot-\d+|self|cell-\d+|immure\.\d+)$')
    expect('the tree holds nothing else', all(
        pattern.search(d) for d, _, _ in os.walk(groups.tree)))
    return 1 if wrong else 0


sys.exit(main())
