#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fork bombs in a slot whose next cell is made meanwhile.

bomb.py PORT MONITOR-PID ATTACKER SCRATCH

For tests/escape/with_attacker under a low `ulimit -u`.  A job holds every
process that its uid may have, in plain and in pump mode, for a moment or for a
second; the job after each must be right, none of them is lost, and no role has
ended.  That a cell was kept from being made is in the log: else this shows
nothing.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402

ROUNDS, MOST = 4, 40


def logged(word):
    with open(os.environ['NODE_LOG']) as f:
        return sum(f' {word}: ' in line for line in f)


def bomb(node, n, pump):
    reply = node.job(f'attack hold-forks {n % 4 == 0:d}', pump)
    if reply.status != 0 or 'HELD' not in reply.text():
        return f'bomb {n}: status {reply.status} {reply.text()!r}'
    late = node.honest(pump)
    return f'bomb {n}: {late}' if late else None


def main():
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    wrong, n = [], 0
    while n < ROUNDS or (n < MOST and not logged('cell.starved')):
        wrong += filter(None, (bomb(node, n, pump) for pump in (False, True)))
        n += 1
    if not logged('cell.starved'):
        wrong.append('void: no cell was kept from being made')
    for word in 'role.died', 'slot.rebuild', 'cell.crash':
        if logged(word):
            wrong.append(f'{logged(word)} times {word}')
    print('\n'.join(wrong + [f'{2 * n} bombs, {logged("cell.starved")} cells '
                             f'made again, {len(wrong)} wrong']))
    return 1 if wrong else 0


sys.exit(main())
