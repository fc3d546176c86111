#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGKILL of every role at random moments, under load.

kill.py PORT MONITOR-PID KILLS     the node lives on and is as before
kill.py --monitor PORT MONITOR-PID the monitor itself: nothing is left

Four clients send jobs all the while; each connection must end in an answer or
a close within a bound, none may hang.  Afterwards the node has the processes,
namespaces, mounts and kernel objects it had, and the next job works.  Needs
root.
"""
import collections
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
import roles   # noqa: E402

# For one job, with two roles being started again meanwhile, and for all to be
# as it was: much more than it takes, for the machine may be busy.  The deadlines
# of a job of which the broker hears nothing, and of a cell that is not made, are
# within that, so nothing may have needed one of them.
BOUND_S = 60
SETTLE_S = 20
RESCUES = 'says nothing of its job; ended', ' cell.slow: '
# Objects of namespaces (slabinfo(5)), and by how many they may differ.  Others
# use this machine too, and each of their nodes has hundreds of mounts: a leak is
# what grows with the kills, by one and more for each (a slot has a network
# namespace and some twenty mounts, a cell a pid namespace and five mounts).
SLABS = {'net_namespace': 150, 'pid_namespace': 150, 'mnt_cache': 600,
         'user_namespace': 150}
ROLES = ['front', 'executor', 'zygote', 'init', 'unpack', 'pack', 'killer',
         'launch', 'compiler', 'broker', 'auditor', 'imager']
SOURCE = ''.join(
    f'int f{i}(int *p, int n) {{ int s = 0; for (int i = 0; i < n; i++)'
    f' s += p[i] * {i}; return s; }}\n' for i in range(30))


def role_pids(monitor, want):
    """Processes of role @want, and all of them by role."""
    processes = roles.tree(monitor)
    found = []
    for p in processes.values():
        if p.status['State'][0] not in 'ZX' and \
                roles.role_of(p, monitor, processes) == want:
            found.append(p.pid)
    return found


def slabs():
    count = {}
    try:
        with open('/proc/slabinfo') as f:
            for line in f:
                word = line.split()
                if word[0] in SLABS:
                    count[word[0]] = int(word[1])
    except OSError:
        pass
    return count


def snapshot(monitor):
    """What the node is made of; pids, generations and inodes left out."""
    processes = roles.tree(monitor)
    by_role = collections.Counter(
        roles.role_of(p, monitor, processes) for p in processes.values())
    spaces = collections.Counter()
    for kind in ('mnt', 'net', 'pid', 'user', 'ipc', 'uts', 'cgroup'):
        spaces[kind] = len({p.ns[kind] for p in processes.values()})
    mounts, seen = collections.Counter(), set()
    for p in processes.values():
        # A cell has as many as its kind needs, and idle ones vary in kind.
        if p.ns['mnt'] not in seen and p.depth == 1:
            seen.add(p.ns['mnt'])
            mounts[roles.role_of(p, monitor, processes)] += \
                len(list(p.mounts()))
    return {
        'processes': dict(by_role),
        'namespaces': dict(spaces),
        'mounts': dict(mounts),
        'shared memory files': sorted(
            n for n in os.listdir('/dev/shm') if
            os.lstat('/dev/shm/' + n).st_uid >= roles.ROLE_UID),
        'descriptors of the monitor': len(os.listdir(f'/proc/{monitor}/fd')),
    }


def stable(monitor, want=None, seconds=SETTLE_S):
    """A snapshot that is @want, or one that stays the same; the last."""
    end, last = time.monotonic() + seconds, None
    while True:
        try:
            now = snapshot(monitor)
        except OSError:  # one of them has ended meanwhile
            now = None
        if now is not None and now == (want or last):
            return now
        last = now
        if time.monotonic() > end:
            return now
        time.sleep(0.2)


class Client(threading.Thread):
    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.port, self.number = port, number
        self.stop, self.slowest = False, 0.0
        self.ends = collections.Counter()

    def once(self):
        pump = self.number % 2 == 1
        argv = ['gcc', '-O2', '-c', 'a.c', '-o', 'a.o']
        text = SOURCE.encode()
        request = escape.pump_request(argv, '/home/u', {'/home/u/a.c': text}) \
            if pump else escape.plain_request(argv, text)
        start = time.monotonic()
        try:
            reply = escape.ask(self.port, request, pump, BOUND_S)
        except (ConnectionError, BrokenPipeError):
            reply = None  # closed while we sent
        except TimeoutError:
            self.ends['hung'] += 1
            return
        took = time.monotonic() - start
        self.slowest = max(self.slowest, took)
        if took >= BOUND_S:
            self.ends['hung'] += 1
        elif reply is None or not reply.raw:
            self.ends['closed'] += 1
        elif reply.whole and reply.status == 0:
            self.ends['compiled'] += 1
        elif reply.whole:
            self.ends['refused'] += 1
        else:
            self.ends['cut off'] += 1

    def run(self):
        while not self.stop:
            self.once()


def kill_some(monitor, kills):
    done, n, late = collections.Counter(), 0, time.monotonic() + 300
    while n < kills and time.monotonic() < late:
        # An imager starts over after five seconds; later ones would only
        # make the wait at the end longer.
        names = ROLES if n < kills // 4 else ROLES[:-1]
        # Without broker or auditor all end: not every time.
        weights = [1 if r in ('broker', 'auditor', 'imager') else 4
                   for r in names]
        role = 'imager' if n == 0 else random.choices(names, weights)[0]
        pids = []
        end = time.monotonic() + 1
        while not pids and time.monotonic() < end:
            pids = role_pids(monitor, role)
        if not pids:
            continue
        try:
            os.kill(random.choice(pids), signal.SIGKILL)
            done[role] += 1
            n += 1
        except ProcessLookupError:
            pass
        time.sleep(random.uniform(0, 0.15))
    return done


def works(port):
    reply = escape.ask(port, escape.plain_request(
        ['gcc', '-c', 'a.c', '-o', 'a.o'], b'int x;\n'), False, BOUND_S)
    return reply.status == 0 and reply.whole


def rescues():
    with open(os.environ['NODE_LOG'], errors='replace') as f:
        return [line.strip() for line in f if any(r in line for r in RESCUES)]


def grown(before, after):
    return {k: (before[k], after[k]) for k in before
            if after.get(k, 0) > before[k] + SLABS[k]}


def run_kills(port, monitor, kills):
    seed = int(os.environ.get('SEED', time.time_ns() % 1000000))
    random.seed(seed)
    print(f'SEED={seed}')
    wrong = []
    # warm: every slot has run a job
    for _ in range(4):
        works(port)
    before, slab = stable(monitor), slabs()
    clients = [Client(port, n) for n in range(4)]
    for c in clients:
        c.start()
    done = kill_some(monitor, kills)
    for c in clients:
        c.stop = True
    for c in clients:
        c.join(BOUND_S + 5)
        if c.is_alive() or c.ends['hung']:
            wrong.append(f'client {c.number} hung ({dict(c.ends)})')
    ends = sum((c.ends for c in clients), collections.Counter())
    print(f'killed {sum(done.values())}: {dict(done)}')
    print(f'jobs: {dict(ends)}, slowest '
          f'{max(c.slowest for c in clients):.1f} s')
    if sum(done.values()) < kills:
        wrong.append(f'only {sum(done.values())} kills of {kills}')
    if ends['compiled'] == 0:
        wrong.append('no job was compiled at all')
    # an imager starts again after five seconds, and tries every compiler
    after = stable(monitor, before, SETTLE_S + 150 * (done['imager'] > 0))
    for key in before:
        if after is None or after[key] != before[key]:
            wrong.append(f'{key}: {before[key]} before, '
                         f'{after and after[key]} after')
    if not works(port):
        wrong.append('the next job does not work')
    # namespaces are freed by a work queue, others' too
    end = time.monotonic() + SETTLE_S
    more = grown(slab, slabs())
    while more and time.monotonic() < end:
        time.sleep(0.2)
        more = grown(slab, slabs())
    if more:
        wrong.append(f'kernel objects grew: {more}')
    wrong += [f'a deadline was needed: {line}' for line in rescues()]
    for w in wrong:
        print(w)
    return 1 if wrong else 0


def run_monitor(port, monitor):
    clients = [Client(port, n) for n in range(4)]
    for c in clients:
        c.start()
    time.sleep(1)
    pids = set(roles.tree(monitor))
    start = {p: starttime(p) for p in pids}
    os.kill(monitor, signal.SIGKILL)
    for c in clients:
        c.stop = True
    end = time.monotonic() + SETTLE_S
    left = pids
    while left and time.monotonic() < end:
        left = {p for p in pids if start[p] is not None and
                starttime(p) == start[p]}
        time.sleep(0.02)
    for p in left:
        with open(f'/proc/{p}/cmdline', 'rb') as f:
            print(f'left: {p} {f.read()!r}')
    for c in clients:
        c.join(BOUND_S + 5)
        if c.is_alive() or c.ends['hung']:
            print(f'client {c.number} hung')
            left = left | {0}
    return 1 if left else 0


def starttime(pid):
    """When it was started, for a pid may be used again; None: not there, or
    a zombie, which is for whoever started it to collect."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as f:
            word = f.read().rpartition(b')')[2].split()
    except OSError:
        return None
    return None if word[0] in b'ZX' else word[19]


def main():
    if sys.argv[1] == '--monitor':
        return run_monitor(int(sys.argv[2]), int(sys.argv[3]))
    return run_kills(*map(int, sys.argv[1:4]))


sys.exit(main())
