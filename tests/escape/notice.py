#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which cases of the suites notice that something is wrong with a node.

notice.py PORT MONITOR-PID ATTACKER SCRATCH [ACT...]

Runs in tests/escape/with_attacker.  A line for each row of escape.py's table
(of the ACTs, or of all) that does not end as it must, and for each field that
roles.py finds wrong with a process, while a job runs.  Exit status 0
in any case: what that means is the caller's to say.  Needs root.
"""
import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
import roles  # noqa: E402


def begin_job(node):
    """A job that stays until its client hangs up."""
    s = socket.create_connection(('127.0.0.1', node.port), 30)
    s.sendall(escape.plain_request(
        ['gcc-99', '-c', 'case.c', '-o', 'case.o'],
        b'attack sleep\nint x;\n'))
    time.sleep(0.5)
    return s


def of_roles(monitor):
    """Differences that two looks in a row agree on, without pids."""
    user = roles.mode_of(monitor)
    rows = roles.of_user(user) if user else roles.ROLES
    first, second = set(), set()
    roles.look(monitor, 1, rows, first)
    time.sleep(0.05)
    roles.look(monitor, 1, rows, second)
    for role, _, text in sorted(map(tuple, first & second)):
        yield f'{role}: ' + re.sub(r'[0-9]{3,}', 'N', text)


def of_escape(node, only):
    for row in escape.rows_of(node):
        if only and row[1] not in only:
            continue
        # twice: the machine is others' too
        if escape.run_case(node, row)[1] and escape.run_case(node, row)[1]:
            yield f'{row[1]} {row[2]}'.removesuffix(' -')


def main():
    port, monitor = int(sys.argv[1]), int(sys.argv[2])
    node = escape.Node(port, monitor, sys.argv[3], sys.argv[4])
    found = []
    job = begin_job(node)
    for text in dict.fromkeys(of_roles(monitor)):
        found.append('roles.py: ' + text)
    job.close()
    for text in of_escape(node, sys.argv[5:]):
        found.append('escape.py: ' + text)
    print('\n'.join('NOTICED ' + text for text in found))
    return 0


if __name__ == '__main__':
    sys.exit(main())
