#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fork bombs in a slot whose next cell is made meanwhile.

bomb.py PORT MONITOR-PID ATTACKER SCRATCH

For tests/escape/with_attacker under a low `ulimit -u`.  A job holds every
process that its uid may have, in plain and in pump mode, for a moment or for a
second; the job after each must be right, none of them is lost, and no role has
ended.  Whether such a job or the slot's next cell is first is chance: then the
zygote is stopped until the job holds all there are, and that a cell was kept
from being made must be in the log.
"""
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
import fingerprint  # noqa: E402

ROUNDS = 4
SECONDS = 2, 8, 32  # of a job that must still hold all: longer where it had not
HOLDS = 16          # fewer processes than any limit here leaves a job
WAIT_S = 30


def logged(word):
    with open(os.environ['NODE_LOG']) as f:
        return sum(f' {word}: ' in line for line in f)


def bomb(node, seconds, pump):
    """A line for what is wrong with it, or with the job after it."""
    name = f'bomb of {seconds} s, {"pump" if pump else "plain"}'
    reply = node.job(f'attack hold-forks {seconds}', pump, 2 * WAIT_S)
    if reply.status != 0 or 'HELD' not in reply.text():
        return [f'{name}: status {reply.status} {reply.text()!r}']
    late = node.honest(pump)
    return [f'{name}: {late}'] if late else []


def state(pid):
    """R, S, …; empty: it is gone."""
    stat = fingerprint.read(f'/proc/{pid}/stat').rpartition(')')[2].split()
    return stat[0] if stat else ''


def states(node, word):
    """Those of the node's processes whose command lines have @word."""
    return ''.join(state(p) for p in escape.below(node.monitor)
                   if word in fingerprint.read(f'/proc/{p}/cmdline'))


def wait_for(what, node, zygote):
    end = time.monotonic() + WAIT_S
    while not what(node, zygote):
        if time.monotonic() > end:
            raise SystemExit(f'{WAIT_S} s, and still not: {what.__doc__}')
        time.sleep(0.01)


def rests(node, zygote):
    """no job is there, the next cell is made, the zygote waits"""
    return not states(node, '/gcc-9') and state(zygote) == 'S' and \
        all(states(node, f'/.stage/{s}') == 'S'
            for s in ('launch', 'unpack', 'pack'))


def holds(node, _):
    """a job has forked until it could no more, and they all sleep"""
    now = states(node, '/gcc-9')
    return len(now) >= HOLDS and set(now) == {'S'}


def ordered(node, pump):
    """A bomb before the slot's next cell, for certain: the zygote does not take
    the order before the job holds all there are."""
    wrong, before = [], logged('cell.starved')
    for seconds in SECONDS:
        late = node.honest(pump)  # the next cell is of this kind then
        zygote = fingerprint.pids(node.monitor)[1]
        wait_for(rests, node, zygote)
        os.kill(zygote, signal.SIGSTOP)
        job = threading.Thread(
            target=lambda s=seconds: wrong.extend(bomb(node, s, pump)))
        job.start()
        try:
            wait_for(holds, node, zygote)
        finally:
            os.kill(zygote, signal.SIGCONT)
            job.join()
        wrong += [late] if late else []
        if logged('cell.starved') > before:
            return wrong
    return wrong + ['void: no cell was kept from being made']


def main():
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    wrong = []
    for n in range(ROUNDS):
        for pump in False, True:
            wrong += bomb(node, int(n % 4 == 0), pump)
    for pump in False, True:
        wrong += ordered(node, pump)
    for word in 'role.died', 'slot.rebuild', 'cell.crash':
        if logged(word):
            wrong.append(f'{logged(word)} times {word}')
    print('\n'.join(wrong + [f'{logged("cell.starved")} cells made again, '
                             f'{len(wrong)} wrong']))
    return 1 if wrong else 0


sys.exit(main())
