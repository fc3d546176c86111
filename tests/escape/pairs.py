#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two live jobs that seek each other, by every channel of attacker_pairs.c.

pairs.py PORT MONITOR-PID ATTACKER SCRATCH [CHANNEL...]

For tests/escape/with_attacker with --jobs 2 --allow 127.0.0.0/8.  A sender and
a receiver know one time at which to begin, and no more; the sender has BITS
bits to say.  A channel is open when at least OPEN of them can be told from what
the receiver saw, by the best threshold that there is.

Each runs without a jail first, as one user in one pid namespace, at the speed
at which it is open there (one that never is shows nothing: void, and counts as
failed); then between two jobs at that speed.  What is open then must be what
REMAINS says, and be named in docs/threat-model.md.  Needs root.
"""
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import escape  # noqa: E402

BITS, OPEN = 40, 34
BIT_NS = 2_000_000
SLOWER = 1, 2, 4, 8  # how many times, until it is open outside
LEAD_NS = 120_000_000, 250_000_000, 500_000_000, 1_000_000_000
UID = 12399  # of both, outside
# Calls that end the job which makes them, so one channel a job.
TRIP = 'flock lease inotify fanotify dnotify instances shm sem msg mqueue ' \
    'uts keyring pidfd ioprio vm-write ptrace'.split()
CALLED = 'posix-lock ofd-lock futex-wake futex-exit fadvise pageout ' \
    'cachestat atime nlink statfs file-inode sysinfo loadavg proc-stat pids nproc ' \
    'sigpending pipe-quota pipe-inode abstract port dev-shm comm signal ' \
    'kill-all group priority affinity prlimit'.split()
AS_ROOT = {'uts', 'priority'}  # takes a capability outside
# Open, and named in docs/threat-model.md, Side channels; and in an ordinary
# user's node.
REMAINS = {'futex-exit', 'sysinfo', 'pipe-inode'}
REMAINS_USER = REMAINS | {'pipe-quota'}


def absent():
    """What this machine has not got, so that nothing can be shown of it."""
    if len(os.sched_getaffinity(0)) < 2:
        yield 'affinity'


def told(bits, values):
    """How many of @bits the best threshold gets right."""
    best = 0
    for limit in set(values):
        right = sum((v > limit) == (b == '1') for b, v in zip(bits, values))
        best = max(best, right, len(bits) - right)
    return best


class Outside:
    def __init__(self, attacker):
        self.attacker = attacker
        # the page cache of a file system that has a disk
        self.dir = tempfile.mkdtemp(prefix='immure-pair.', dir='/var/tmp')
        self.path = os.path.join(self.dir, 'file')
        self.out = tempfile.mkdtemp(prefix='immure-pair.', dir='/dev/shm')
        with open(self.path, 'wb') as f:
            f.write(b'\1' * 65536)
            os.fsync(f.fileno())
        for path in self.dir, self.path, self.out:
            os.chown(path, UID, UID)

    def end(self):
        shutil.rmtree(self.dir)
        shutil.rmtree(self.out)

    def run(self, words, lead, root):
        """What the receiver and the sender say."""
        uid = 0 if root else UID
        one = f'setpriv --reuid {uid} --regid {uid} --clear-groups ' \
            f'{self.attacker} --act {self.out} pair'
        begin = time.monotonic_ns() + lead
        rest = f'{begin} {words.format(path=self.path, out=self.out)}'
        script = f'ip link set lo up; {one} "recv {rest}" 2>{self.out}/r & ' \
            f'{one} "send {rest}" 2>/dev/null; wait'
        subprocess.run(['unshare', '-m', '-p', '-f', '-i', '-u', '-n',
                        '--mount-proc', 'sh', '-c', script], check=False,
                       stdin=subprocess.DEVNULL, timeout=120)
        with open(f'{self.out}/r') as f:
            return f.read(), ''


class Inside:
    def __init__(self, port):
        self.port, self.jobs = port, 0

    def job(self, line, said, n):
        self.jobs += 1
        address = f'127.8.{self.jobs // 250}.{self.jobs % 250 + 1}'
        argv = ['gcc-99', '-c', 'case.c', '-o', 'case.o']
        with socket.create_connection(('127.0.0.1', self.port), 120,
                                      (address, 0)) as s:
            s.sendall(escape.plain_request(argv, line.encode() + b'\n'))
            raw = b''
            while more := s.recv(65536):
                raw += more
        said[n] = escape.Reply(raw, False).text()

    def run(self, words, lead, _root):
        begin = time.monotonic_ns() + lead
        words = words.format(path=escape.PROGRAM, out='/tmp/.immure')
        said = [None, None]
        both = [threading.Thread(target=self.job, args=(
            f'attack pair {role} {begin} {words}', said, n))
            for n, role in enumerate(('recv', 'send'))]
        for t in both:
            t.start()
        for t in both:
            t.join()
        return said


def ended(text):
    """Did the job make a forbidden call?  Then all of its channels are void,
    but for the one of TRIP that it has."""
    return 'cell.violation' in text


def measure(where, names, slower, rng, root=False):
    """name -> (bits that were told, nanoseconds of one); of what ended for a
    forbidden call none were."""
    bits = ''.join(rng.sample('01' * (BITS // 2), BITS))
    for lead in LEAD_NS:
        recv, send = where.run(f'{BIT_NS * slower} {bits} {{path}} {{out}} '
                               + ' '.join(names), lead, root)
        if 'LATE' not in recv + send:
            break
    found = {line.split()[1]: [int(v) for v in line.split()[2:]]
             for line in recv.splitlines() if line.startswith('READ ')}
    result = {}
    for name in names:
        if name in found and not ended(send):
            result[name] = told(bits, found[name][1:]), found[name][0]
        elif name in TRIP and (ended(send) or ended(recv)):
            result[name] = 0, None
        else:
            raise SystemExit(f'{name}: {recv[-200:]!r}, {send[-200:]!r}')
    return result


def outside(attacker, names, rng):
    """name -> how slow it must be to be open; the rest is void."""
    where, slow = Outside(attacker), {}
    try:
        for slower in SLOWER * 3:  # others work on this machine too
            for root in (False, True):
                todo = [n for n in names if n not in slow and
                        (n in AS_ROOT) == root]
                if todo:
                    slow.update({n: slower for n, (right, _) in measure(
                        where, todo, slower, rng, root).items()
                        if right >= OPEN})
    finally:
        where.end()
    return slow


def groups(slow):
    """Channels of one speed share a pair of jobs, but for the forbidden."""
    for slower in SLOWER:
        together = [n for n in CALLED if slow.get(n) == slower]
        if together:
            yield slower, together
        for name in TRIP:
            if slow.get(name) == slower:
                yield slower, [name]


def inside(port, slow, remains, rng):
    """name -> the verdict's words."""
    where, found = Inside(port), {}
    for slower, names in groups(slow):
        found.update(measure(where, names, slower, rng))
    # What is not as expected is looked at again: chance, or others' noise.
    for name in found:
        for again in 1, 2, 4, 8, 16:
            if (found[name][0] >= OPEN) == (name in remains):
                break
            found.update(measure(where, [name], slow[name] * again, rng))
    return found


def report(name, right, bit_ns):
    verdict = 'open' if right >= OPEN else 'closed'
    what = f'{right} of {BITS} bits, at {1e9 / bit_ns:.0f} a second' \
        if bit_ns else 'forbidden'
    print(f'{name:12} {verdict:6} {what}')
    return verdict == 'open'


def named():
    with open(os.path.join(HERE, '../../docs/threat-model.md')) as f:
        text = f.read()
    return {n for n in CALLED + TRIP if f'`{n}`' in text}


def main():
    seed = int(os.environ.get('SEED', time.time_ns() % 1000000))
    rng = random.Random(seed)
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    missing = set(absent())
    # each of TRIP costs both slots: in one mode, for the filter is the same
    names = sys.argv[5:] or CALLED + ([] if node.one_id else TRIP)
    names = [n for n in names if n not in missing]
    remains = (REMAINS_USER if node.one_id else REMAINS) & set(names)
    slow = outside(node.attacker, names, rng)
    found = inside(node.port, slow, remains, rng)
    is_open = {n for n in found if report(n, *found[n])}
    wrong = [f'void: {n}: not open outside' for n in names if n not in slow]
    wrong += [f'{n} is open' for n in sorted(is_open - remains)]
    wrong += [f'{n} is closed, and REMAINS says open'
              for n in sorted(remains - is_open)]
    wrong += [f'{n} is not named in docs/threat-model.md'
              for n in sorted(is_open - named())]
    late = node.honest(False)
    wrong += [late] if late else []
    print('\n'.join(wrong + [f'not on this machine: {n}' for n in missing]))
    print(f'{len(found)} channels, {"user" if node.one_id else "root"} mode, '
          f'{len(is_open)} open, {len(wrong)} wrong (SEED={seed})')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
