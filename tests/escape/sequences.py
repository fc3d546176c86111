#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile jobs that are about more than themselves: what is left for the next
one, what the host sees of them, who is given their results.

sequences.py PORT MONITOR-PID ATTACKER SCRATCH [NAME...]

For tests/escape/with_attacker, with two slots, 127.0.0.0/8 allowed.  Each is a
function that says what is wrong, or None; numbers are those of jail.md.
"""
import glob
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402

ARGV = ['gcc-99', '-c', 'case.c', '-o', 'case.o']
PAGE, PAGES = 4096, 64
CORE_PATTERN = '/proc/sys/kernel/core_pattern'


def request(line, pump=False):
    source = line.encode() + b'\n'
    if not pump:
        return escape.plain_request(ARGV, source)
    return escape.pump_request(ARGV, '/home/u', {'/home/u/case.c': source})


def log_lines():
    with open(os.environ['NODE_LOG']) as f:
        return f.readlines()


def is_one_moment(pages):
    """The pages of a file that is written from its beginning to its end, a
    generation (1 to 250) after the other: at any moment there is at most one
    place where an older one follows, and it is the one before."""
    steps = [(a, b) for a, b in zip(pages, pages[1:]) if a != b]
    return not steps or (len(steps) == 1 and
                         steps[0][0] in (steps[0][1] + 1,
                                         1 if steps[0][1] == 250 else 0))


def rewritten(node):
    """18: a child writes the object on, over and over, after the compiler has
    ended: what is returned is the file of one moment, whole."""
    for i in range(20):
        pump = i % 2 == 1
        made = escape.ask(node.port, request('attack rewrite', pump),
                          pump).object()
        if len(made) != PAGE * PAGES:
            return f'{len(made)} bytes, not {PAGE * PAGES}'
        pages = [made[p * PAGE] for p in range(PAGES)]
        torn = [p for p in range(PAGES)
                if made[p * PAGE:(p + 1) * PAGE] != bytes([pages[p]]) * PAGE]
        if len(torn) > 1 or not is_one_moment(pages):
            return f'read while it was written: {pages}'
    return None


def left(node):
    """21: what a job has left is not there for the next one in the slot, nor
    for one that runs beside it."""
    hold = socket.create_connection(('127.0.0.1', node.port))
    hold.sendall(request('attack sleep'))
    try:
        for pump in False, True:
            for _ in range(3):
                if node.inside('leave', '', pump) != 'OK':
                    return 'nothing could be left'
                for there in '{out}/left', 'left', '/home/u/left':
                    got = node.inside('read', there, pump)
                    if got not in ('ENOENT', 'EACCES'):
                        return f'{there} in the next job: {got}'
    finally:
        hold.close()
    return None


def kept_open(node):
    """77: stdout and stderr that stay open keep nobody waiting."""
    for pump in False, True:
        reply = escape.ask(node.port, request('attack keep-open', pump), pump)
        if reply.status != 0 or not reply.whole:
            return f'status {reply.status}'
    return None


def strange_object(node):
    """16: a directory that cannot be made in the object's place."""
    for pump in False, True:
        reply = escape.ask(node.port, request('attack object-dir', pump), pump)
        if reply.status in (None, 0) or not reply.whole or reply.object():
            return f'status {reply.status} {reply.object()!r}'
    return None


def denied(node):
    """81: 100,000 refused calls are no lines of a log or a record."""
    before = len(log_lines()), os.path.getsize(os.environ['NODE_AUDIT'])
    got = node.inside('denied', '100000', False)
    after = len(log_lines()), os.path.getsize(os.environ['NODE_AUDIT'])
    if got != 'EAFNOSUPPORT':
        return got
    if after[0] - before[0] > 20 or after[1] - before[1] > 20000:
        return f'log and record grew from {before} to {after}'
    return None


def slots_busy(node):
    """Compilers that run."""
    return sum(escape.is_job(p) for p in escape.below(node.monitor))


def cancelled(node):
    """93: clients that leave in the middle of a job get their slots back for
    others at once; the same request again is a job like any other."""
    for i in range(10):
        pump = i % 2 == 1
        gone = [socket.create_connection(('127.0.0.1', node.port))
                for _ in range(2)]
        for s in gone:
            s.sendall(request('attack burn', pump))
        end = time.monotonic() + 30
        while slots_busy(node) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        for s in gone:
            s.close()
        # no job before would end within its life of half an hour
        late = node.honest(pump)
        if late:
            return late
    same = [escape.ask(node.port, request('int again;'), False).raw
            for _ in range(2)]
    return None if same[0] == same[1] else 'the same request, another answer'


def own(node):
    """94: 600 jobs of four clients at once: each has its own object."""
    wrong = []

    def client(n):
        for i in range(150):
            pump, mark = i % 3 == 0, f'{n}.{i}.{os.getpid()}'
            reply = escape.ask(node.port, request(f'attack echo {mark}', pump),
                               pump, 60, f'127.7.0.{n + 1}')
            if reply.object() != mark.encode():
                wrong.append(f'{mark}: {reply.object()!r}')

    threads = [threading.Thread(target=client, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return '; '.join(wrong[:3]) or None


def reported(node):
    """95: a compiler that a signal ends has that status, one that makes a
    forbidden call is a violation on record."""
    for pump in False, True:
        reply = escape.ask(node.port, request('attack crash', pump), pump)
        if reply.status != 6:
            return f'SIGABRT is status {reply.status}'
        escape.ask(node.port, request('attack violate', pump), pump, 30,
                   f'127.7.1.{1 + pump}')
        late = node.honest(pump)
        if late:
            return late
    seen, end = 0, time.monotonic() + 30
    while seen < 2 and time.monotonic() < end:
        seen = sum('cell.violation' in line for line in log_lines())
        time.sleep(0.02)
    return None if seen >= 2 else f'{seen} violations in the log'


def core_program(node):
    """49: a crash starts nothing where core_pattern is a program."""
    seen = f'/tmp/immure-core.{os.getpid()}'
    os.mkdir(seen)
    with open(CORE_PATTERN) as f:
        before = f.read()
    try:
        with open(CORE_PATTERN, 'w') as f:
            f.write(f'|/usr/bin/touch {seen}/%e')
        subprocess.run(['prlimit', '--core=0:0', node.attacker, '--act',
                        node.outside_out, 'crash'], check=False)
        void = wait_for(f'{seen}/gcc-99', 30)
        for name in os.listdir(seen):
            os.unlink(f'{seen}/{name}')
        for pump in False, True:
            escape.ask(node.port, request('attack crash', pump), pump)
        started = wait_for(f'{seen}/gcc-99', 0.5)
    finally:
        with open(CORE_PATTERN, 'w') as f:
            f.write(before)
        for name in glob.glob(f'{seen}/*'):
            os.unlink(name)
        os.rmdir(seen)
    if not void:
        return 'void: a crash outside starts nothing either'
    return 'it was started' if started else None


def wait_for(path, seconds):
    end = time.monotonic() + seconds
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.02)
    return os.path.exists(path)


ALL = [(18, rewritten), (21, left), (77, kept_open), (16, strange_object),
       (81, denied), (93, cancelled), (94, own), (95, reported),
       (49, core_program)]


def main():
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    only, bad = sys.argv[5:], 0
    for number, what in ALL:
        if only and what.__name__ not in only:
            continue
        start = time.monotonic()
        wrong = what(node)
        for pump in False, True:
            wrong = wrong or node.honest(pump)
        print(f'# {number} {what.__name__}: {time.monotonic() - start:.1f} s')
        if wrong:
            bad += 1
            print(f'{number} {what.__name__}: {wrong}')
    print(f'{len(ALL)} sequences, {bad} wrong')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
